"""What is installed: every package in the wheel, the extras, and nothing that imports the package's root."""

import ast
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from mriexplorer.errors import InputError
from mriexplorer.extras import EXTRAS, require
from mriexplorer.version import __version__

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    "PySide6-Essentials": "PySide6",
    "font-roboto": "font_roboto",
    "lightning-fabric": "lightning_fabric",
    "vtk": "vtkmodules",
}
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the sources, with one small model instead of all of them."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("mriexplorer", "resources"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "models" / "small").mkdir(parents=True)
    (source / "models" / "small" / "config.json").write_text("{}")
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", BUILD, str(target)], cwd=source, check=True, capture_output=True)
    return zipfile.ZipFile(next(target.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    """Name, version and what it requires."""
    return message_from_bytes(wheel.read(f"mriexplorer-{__version__}.dist-info/METADATA"))


def test_every_module_and_all_of_the_projects_data_are_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mriexplorer").rglob("*.py")}
    data = {f"mriexplorer/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "resources").rglob("*") if path.is_file()}
    packed = set(wheel.namelist())
    assert modules | data | {"mriexplorer/py.typed", "mriexplorer/models/small/config.json"} <= packed
    assert {name.split("/")[0] for name in packed} == {"mriexplorer", f"mriexplorer-{__version__}.dist-info"}


def test_the_window_and_training_are_extras(metadata: Message) -> None:
    required = metadata.get_all("Requires-Dist", [])
    plain = [line for line in required if "extra ==" not in line]
    for extra, modules in EXTRAS.items():
        named = [line for line in required if f'extra == "{extra}"' in line]
        assert {_module(line) for line in named} == set(modules)
        assert not {_module(line) for line in plain} & set(modules)
    assert metadata["Version"] == __version__


def _module(line: str) -> str:
    """What is imported of a requirement: ``vtk>=9.3; extra == "window"`` gives vtkmodules."""
    name = line.split(";")[0].split(">")[0].split("<")[0].strip()
    return MODULES.get(name, name)


def test_what_is_missing_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    require("window", "a picture")
    monkeypatch.setitem(EXTRAS, "window", ("PySide6", "no_such_package"))
    with pytest.raises(
        InputError, match=r"a picture needs more packages \(no_such_package\).* pip install 'mriexplorer\[window\]'"
    ):
        require("window", "a picture")


def test_nothing_within_imports_the_root_of_the_package() -> None:
    for path in (ROOT / "mriexplorer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert "mriexplorer" not in names or path == ROOT / "mriexplorer" / "__init__.py", path
