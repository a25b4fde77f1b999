"""What all tests share: no test reads or writes the user's own settings and caches; small heads with known values."""

import ctypes
import gc
import hashlib
import os
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

_OWN = tempfile.mkdtemp(prefix="mriexplorer-tests-")
os.environ["XDG_CACHE_HOME"] = f"{_OWN}/cache"
os.environ["XDG_CONFIG_HOME"] = f"{_OWN}/config"
os.environ["XDG_DATA_HOME"] = f"{_OWN}/data"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for library in ("OMP", "OPENBLAS", "MKL"):  # small arrays and networks, of which several threads only wait for each other
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

import hypothesis  # noqa: E402
import nibabel as nib  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from psutil import Process  # noqa: E402

from mriexplorer.simulation import person as people  # noqa: E402
from mriexplorer.simulation.anatomy import Anatomy, prepare  # noqa: E402
from mriexplorer.simulation.labels import code  # noqa: E402
from mriexplorer.subject import Subject  # noqa: E402
from mriexplorer.subject.reference import load_reference  # noqa: E402

if TYPE_CHECKING:
    from mriexplorer.generative.joint.model import JointModel
    from mriexplorer.ui.window.main_window import MainWindow
    from mriexplorer.view.state import State

hypothesis.settings.register_profile("busy", deadline=None)  # a bare time says how busy the machine is
hypothesis.settings.load_profile("busy")

RESTING, GROWTH = pytest.StashKey[int](), 100_000_000  # bytes of memory after the last search, and until the next
SHAPE = (20, 24, 18)
AFFINE = np.array([[2.0, 0, 0, -19], [0, 2.5, 0, -30], [0, 0, 3.0, -25], [0, 0, 0, 1]])
T1 = {"wm": 0.84, "gm": 1.42, "csf": 4.3}
T2 = {"wm": 0.070, "gm": 0.083, "csf": 2.0}
PD = {"wm": 0.70, "gm": 0.81, "csf": 1.0}


def tissue() -> np.ndarray:
    """A head that differs along every axis: 0 air, 1 CSF, 2 grey, 3 white matter, and fluid in its left upper front."""
    grid = np.indices(SHAPE).astype(float)
    centre = (np.array(SHAPE) - 1) / 2
    radius = np.sqrt(sum(((g - c) / (0.95 * c)) ** 2 for g, c in zip(grid, centre, strict=True)))
    labels = np.select([radius < 0.5, radius < 0.8, radius < 1], [3, 2, 1], 0)
    labels[4:8, 15:18, 11:14] = 1
    return labels


def values(table: dict[str, float]) -> np.ndarray:
    """A map of the head with one value a tissue."""
    return np.choose(tissue(), [0, table["csf"], table["gm"], table["wm"]]).astype(np.float32)


def write(path: Path, data: np.ndarray, affine: np.ndarray = AFFINE, codes: tuple[int, int] = (1, 1)) -> Path:
    """Write a NIfTI file with these sform and qform codes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(data, affine)
    image.set_sform(affine, codes[0])
    image.set_qform(affine, codes[1])
    nib.save(image, path)
    return path


@pytest.fixture
def head(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder with T1map, T2map and PDmap in seconds; keywords replace an array, None leaves a map out."""

    def make(folder: str = "head", prefix: str = "", **changed: np.ndarray | None) -> Path:
        maps = {"T1map": values(T1), "T2map": values(T2), "PDmap": values(PD)} | changed
        for name, data in maps.items():
            if data is not None:
                write(tmp_path / folder / f"{prefix}{name}.nii.gz", data)
        return tmp_path / folder

    return make


@pytest.fixture(scope="session")
def brain() -> Subject:
    """The built-in brain at 3 T."""
    return load_reference(3.0)


# -- many people -----------------------------------------------------------------------------------------------

FREESURFER = {"white matter": 2, "cortex": 3, "cerebrospinal fluid": 24, "ventricles": 4}


@pytest.fixture(scope="session")
def anatomy() -> Anatomy:
    """The built-in anatomy."""
    return prepare(None)


@pytest.fixture(scope="session")
def codes(anatomy: Anatomy) -> np.ndarray:
    """FreeSurfer codes of the built-in brain, 2 mm."""
    few = np.asarray(anatomy.voxels[::2, ::2, ::2, 0])
    found = np.zeros(few.shape, np.int16)
    for name, number in FREESURFER.items():
        found[few == code(name)] = number
    return found


@pytest.fixture(scope="session")
def label_affine(anatomy: Anatomy) -> np.ndarray:
    """Where those voxels lie."""
    affine = np.linalg.inv(anatomy.to_voxel)
    affine[:3, :3] *= 2
    return affine


@pytest.fixture
def label_folder(tmp_path: Path, codes: np.ndarray, label_affine: np.ndarray) -> Path:
    """A folder with one label map."""
    write(tmp_path / "labels" / "head_seg.nii.gz", codes, label_affine)
    return tmp_path / "labels"


@pytest.fixture(scope="session")
def plan(anatomy: Anatomy) -> people.SimulationPlan:
    """People on the built-in anatomy at 3 T and 2 mm."""
    return people.SimulationPlan(11, 3.0, 2, "adults", ("T1w", "T2w", "FLAIR"), (), (people.source_of(None, anatomy),))


@pytest.fixture(scope="session")
def person(plan: people.SimulationPlan) -> people.SimulatedPerson:
    """One of them."""
    return people.make(plan, 3)


@pytest.fixture(scope="session")
def registered_once() -> Iterator[None]:
    """The same two scans are registered once: the answer is the same to the last bit, and most of the time of gathering."""
    from mriexplorer.dataset import gathering

    register = gathering.register
    found: dict[tuple[bytes, ...], np.ndarray] = {}

    def once(fixed: Any, moving: Any, name: str, *, mono: bool = False) -> np.ndarray:
        key = (*_content(fixed), *_content(moving), bytes(mono))
        if key not in found:
            found[key] = register(fixed, moving, name, mono=mono)
        return found[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "register", once)
        yield


def _content(image: Any) -> tuple[bytes, bytes]:
    """What tells one image from another."""
    import SimpleITK

    where = (*image.GetSize(), *image.GetSpacing(), *image.GetOrigin(), *image.GetDirection())
    return np.array(where).tobytes(), hashlib.sha256(SimpleITK.GetArrayViewFromImage(image).tobytes()).digest()


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of four simulated people made of balls."""
    from made_store import write_store

    return write_store(tmp_path_factory.mktemp("data") / "store")


# -- a small model of people -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def joint_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gathered people with shapes."""
    from made_people import write_joint_store, write_shapes

    return write_shapes(write_joint_store(tmp_path_factory.mktemp("store")))


@pytest.fixture(scope="session")
def people_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People without images."""
    from made_people import write_table

    return write_table(tmp_path_factory.mktemp("table") / "people.csv")


@pytest.fixture(scope="session")
def joint_folder(tmp_path_factory: pytest.TempPathFactory, joint_store: Path, people_table: Path) -> Path:
    """The folder of a small model."""
    from made_people import trained

    folder = tmp_path_factory.mktemp("people")
    trained(folder, joint_store, people_table)
    return folder


@pytest.fixture(scope="session")
def joint(joint_folder: Path) -> "JointModel":
    """A small model."""
    from mriexplorer.generative.joint.model import load_joint

    return load_joint(joint_folder)


@pytest.fixture(scope="session")
def loaded_once() -> Iterator[None]:
    """Trained models are loaded once, as one window does."""
    from mriexplorer.generative.folding import model as folding
    from mriexplorer.generative.joint import model as joint

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((folding, "load_folding"), (joint, "load_joint")):
            patch.setattr(module, name, cache(getattr(module, name)))
        yield


@pytest.fixture
def same_people(loaded_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is sampled in one test is sampled in the next one too: folds are decoded once, and no seed is left to chance."""
    seeds = count(1)
    monkeypatch.setattr("mriexplorer.session.gallery.random", SimpleNamespace(randrange=lambda *_limits: next(seeds)))


# -- the window ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def circles_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Frees what tests leave in circles, since nothing else does in time: windows, and sessions once they are many.

    Fails where something keeps a window.
    """
    failed = request.session.testsfailed
    yield
    stash, windows = request.config.stash, [weakref.ref(window) for window in _windows()]
    if not windows and Process().memory_info().rss < stash.get(RESTING, 0) + GROWTH:
        return
    request.node.funcargs.clear()  # pytest holds what fixtures gave
    for window in windows:
        window().deleteLater()
    _delete()
    gc.collect()
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)  # glibc keeps what is freed between pieces that are not
    stash[RESTING] = Process().memory_info().rss
    if request.session.testsfailed == failed:  # else the failure holds what it is about
        gc.freeze()  # what stays is searched no more
        assert not any(window() for window in windows), "something keeps the window"


def _windows() -> "list[MainWindow]":
    """Those that are there; nothing of Qt is imported for tests without."""
    if "mriexplorer.ui.window.main_window" not in sys.modules:
        return []
    from PySide6.QtWidgets import QApplication

    from mriexplorer.ui.window.main_window import MainWindow

    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)]


def _delete() -> None:
    """What waits to be deleted, which outside of an event loop is not done by itself."""
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def shown(qtbot) -> Iterator[Callable[["State"], "MainWindow"]]:
    """Opens a window on the built-in brain, side panel and all; closed after the test."""
    from PySide6.QtWidgets import QApplication

    from mriexplorer.ui.window.application import open_window

    made: list[MainWindow] = []

    def show(state: "State") -> "MainWindow":
        made.append(open_window(state))
        qtbot.addWidget(made[-1])
        made[-1].side.begin()
        qtbot.waitExposed(made[-1])
        QApplication.processEvents()
        return made[-1]

    yield show
    for window in made:
        window.close()
