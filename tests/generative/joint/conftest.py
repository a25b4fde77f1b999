"""A small model of people for all tests of this folder."""

from pathlib import Path

import pytest
from made_people import trained, write_joint_store, write_shapes, write_table

from mriexplorer.generative.joint.model import JointModel, load_joint


@pytest.fixture(scope="session")
def joint_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gathered people with shapes."""
    return write_shapes(write_joint_store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def people_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People without images."""
    return write_table(tmp_path_factory.mktemp("table") / "people.csv")


@pytest.fixture(scope="session")
def joint_folder(tmp_path_factory: pytest.TempPathFactory, joint_store: Path, people_table: Path) -> Path:
    """The folder of a small model."""
    folder = tmp_path_factory.mktemp("people")
    trained(folder, joint_store, people_table)
    return folder


@pytest.fixture(scope="session")
def joint(joint_folder: Path) -> JointModel:
    """A small model."""
    return load_joint(joint_folder)
