"""How far one event of the window goes through the package: its Python calls, the files they are in, the rooms they change.

    python tests/benchmarks/hops.py [--event te|window|cursor|open] [--by-file] [--by-function] [--in-order]

The window stands offscreen on the built-in brain, 1366x768, fourth place and all; other parts of the same gesture came
before, so that caches are warm. Then one event is sent to the widget, as the mouse sends it, and the loop of events is run
until everything is painted: a step of the TE slider, a step of a right drag in the axial plane (window), a step of a left drag
there (cursor), or a folder of three maps that is dropped on the window (open, until its person is in the title, the worker's
thread included). Five such events are counted, and the medians printed; listings are of the third.

A *call* is the start of a Python function whose source file lies in the package: methods, properties, lambdas and
comprehensions (those that the interpreter does not inline) too, a generator once, however often it is resumed. Methods that
dataclasses write have no file and are not counted. A *file* is one with at least one call. A *room* is what lies directly in
the package: its folder, or the file itself where it is in none. A *room change* is a call whose room is another than that of
the call before it in the same thread, in order of time; returns change nothing.

Rooms are read from where the files lie, and the few names that are needed are looked up in the sources, so that one script
measures commits with other folders: PYTHONPATH says which.
"""

import argparse
import ast
import os
import statistics
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from inspect import CO_GENERATOR
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import nibabel as nib
import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSlider, QWidget

import mriexplorer

ROOT = Path(mriexplorer.__file__).parent
EVENTS = 5
CALM = 0.3  # s that the window is left alone between events: its timers have run then
LONGEST = 60.0  # s that a folder may take
_LEFT, _RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@dataclass(frozen=True)
class Call:
    """The start of a ``function`` (qualified name) in a ``file`` (seen from the package), ``depth`` calls of it deep."""

    thread: int
    file: str
    function: str
    depth: int

    @property
    def room(self) -> str:
        """The folder directly in the package, or the file where it is in none."""
        return self.file.split("/")[0]


class Tracer:
    """Writes down the calls of every thread while it is on. Threads that run already when it is made are not heard."""

    def __init__(self) -> None:
        self.on = False
        self.calls: list[Call] = []
        self._depth: Counter[int] = Counter()
        self._generators: set[FrameType] = set()  # that have started
        threading.setprofile(self._heard)

    @contextmanager
    def tracing(self) -> Iterator[list[Call]]:
        """The calls while inside."""
        self.calls, self._depth, self._generators = [], Counter(), set()
        self.on = True
        sys.setprofile(self._heard)
        try:
            yield self.calls
        finally:
            sys.setprofile(None)
            self.on = False

    def _heard(self, frame: FrameType, event: str, _arg: object) -> None:
        if not self.on or event not in ("call", "return") or not frame.f_code.co_filename.startswith(f"{ROOT}{os.sep}"):
            return
        thread = threading.get_ident()
        if event == "return":
            self._depth[thread] -= 1
            return
        if self._begins(frame):
            file = Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
            self.calls.append(Call(thread, file, frame.f_code.co_qualname, max(self._depth[thread], 0)))
        self._depth[thread] += 1

    def _begins(self, frame: FrameType) -> bool:
        """Whether this is no generator that goes on."""
        if not frame.f_code.co_flags & CO_GENERATOR:
            return True
        known = frame in self._generators
        self._generators.add(frame)
        return not known


def room_changes(calls: list[Call]) -> int:
    """Calls in another room than the call before, thread by thread."""
    threads = {call.thread for call in calls}
    rooms = [[call.room for call in calls if call.thread == thread] for thread in threads]
    return sum(one != other for visited in rooms for one, other in pairwise(visited))


def figures(calls: list[Call]) -> tuple[int, int, int]:
    """Calls, files, room changes."""
    return len(calls), len({call.file for call in calls}), room_changes(calls)


# -- the window ------------------------------------------------------------------------------------------------


def found(name: str) -> Any:
    """What the package calls so, wherever it is. Raises LookupError."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name for node in tree.body):
            module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            return getattr(import_module(module), name)
    raise LookupError(f"no module of {ROOT} defines {name}")


def opened() -> QMainWindow:
    """The window, painted and calm."""
    made: QMainWindow = found("open_window")(found("State")())
    made.resize(1366, 768)
    calm(1.0)
    return made


def calm(seconds: float = CALM) -> None:
    """Let the window do what it does."""
    until = monotonic() + seconds
    while monotonic() < until:
        QApplication.processEvents()


def painted() -> None:
    """Run the loop of events until all is painted: what an event posts may post once more."""
    for _ in range(3):
        QApplication.processEvents()


def named(window: QMainWindow, kind: type[QWidget], name: str) -> QWidget:
    """The visible widget that a screen reader calls so. Raises LookupError."""
    for widget in window.findChildren(kind):
        if widget.accessibleName() == name and widget.isVisible():
            return widget
    raise LookupError(f"the window shows no {kind.__name__} with the name {name!r}")


def mouse(widget: QWidget, kind: QEvent.Type, button: Qt.MouseButton, x: float, y: float) -> None:
    """One event of the mouse."""
    at = QPointF(x, y)
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


# -- events: each gives what happens one by one, and may do something between ---------------------------------


Happening = Iterator[Callable[[], None]]


def dragged(widget: QWidget, button: Qt.MouseButton, xs: list[float], y: float) -> Happening:
    """Press at the first place, then one move to each of the others."""
    mouse(widget, QEvent.Type.MouseButtonPress, button, xs[0], y)
    for x in xs[1:]:
        yield lambda x=x: (mouse(widget, QEvent.Type.MouseMove, button, x, y), painted())
    mouse(widget, QEvent.Type.MouseButtonRelease, button, xs[-1], y)


def te(window: QMainWindow) -> Happening:
    """Steps of the TE slider, upwards."""
    track = named(window, QSlider, "Echo time")
    start = track.width() * (0.02 + 0.96 * track.value() / track.maximum())
    yield from dragged(track, _LEFT, [start + 3 * step for step in range(EVENTS + 4)], track.height() / 2)


def in_axial(window: QMainWindow, button: Qt.MouseButton) -> Happening:
    """Steps of a drag in the axial plane, a quarter of it from its middle."""
    plane = named(window, QWidget, "Axial plane")
    yield from dragged(plane, button, [plane.width() * 0.4 + 3 * step for step in range(EVENTS + 4)], plane.height() * 0.4)


def folders(window: QMainWindow) -> Happening:
    """Folders of three maps, each dropped on the window."""
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(EVENTS + 1):
            folder = maps(Path(temporary) / f"head-{number}")
            yield lambda folder=folder: dropped(window, folder)


def maps(folder: Path) -> Path:
    """A ball of white matter in a bath of CSF as T1map, T2map and PDmap."""
    folder.mkdir()
    far = np.linalg.norm(np.indices((24, 24, 24)) - 11.5, axis=0)
    for kind, inside, around in (("T1map", 0.84, 4.3), ("T2map", 0.07, 2.0), ("PDmap", 0.7, 1.0)):
        data = np.select([far < 7, far < 11], [inside, around], 0).astype(np.float32)
        nib.save(nib.Nifti1Image(data, np.diag((4.0, 4, 4, 1))), folder / f"{kind}.nii.gz")
    return folder


def dropped(window: QMainWindow, folder: Path) -> None:
    """Drop the folder, and wait until it is shown. Raises TimeoutError."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    middle = QPointF(window.width() / 2, window.height() / 2)
    drop = QDropEvent(middle, Qt.DropAction.CopyAction, data, _LEFT, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(drop)  # Qt delivers drops to nobody where no drag led there
    until = monotonic() + LONGEST
    while folder.name not in window.windowTitle():
        QApplication.processEvents()
        if monotonic() > until:
            raise TimeoutError(f"{folder} was not opened; the window says {window.windowTitle()!r}")
    painted()


HAPPENINGS: dict[str, Callable[[QMainWindow], Happening]] = {
    "te": te,
    "window": partial(in_axial, button=_RIGHT),
    "cursor": partial(in_axial, button=_LEFT),
    "open": folders,
}


def measured(event: str) -> list[list[Call]]:
    """The calls of each of the events, after those that warm up."""
    tracer = Tracer()
    application = found("application")()
    window = opened()
    traced = []
    for happen in HAPPENINGS[event](window):
        with tracer.tracing() as calls:
            happen()
        traced.append(calls)
        calm()
    window.close()
    application.processEvents()
    return traced[-EVENTS:]


# -- listings --------------------------------------------------------------------------------------------------


def by_file(calls: list[Call]) -> Iterator[str]:
    """Calls and visits by file, most calls first; a visit is a call that comes from another file."""
    files = [call.file for call in calls]
    visits = Counter(files[:1]) + Counter(new for old, new in pairwise(files) if new != old)
    for file, count in Counter(files).most_common():
        yield f"{count:6d} calls {visits[file]:5d} visits  {file}"


def by_function(calls: list[Call]) -> Iterator[str]:
    """Calls by function, most first."""
    for (file, function), count in Counter((call.file, call.function) for call in calls).most_common():
        yield f"{count:6d}  {file}  {function}"


def in_order(calls: list[Call]) -> Iterator[str]:
    """Every call in order of time, indented by depth; * where the room changes."""
    before: dict[int, str] = {}
    for call in calls:
        changed = before.get(call.thread, call.room) != call.room
        before[call.thread] = call.room
        yield f"{'*' if changed else ' '} {call.room:12s} {'  ' * call.depth}{call.file}  {call.function}"


def main() -> None:
    """Print the table, and what is asked for beside it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--event", choices=HAPPENINGS, default="te")
    parser.add_argument("--by-file", action="store_true", help="list calls and visits by file")
    parser.add_argument("--by-function", action="store_true", help="list calls by function")
    parser.add_argument("--in-order", action="store_true", help="list every call, with its room")
    options = parser.parse_args()
    traced = measured(options.event)
    rounds = [figures(calls) for calls in traced]
    print(f"{options.event}: {ROOT}")
    for place, name in enumerate(("calls", "files", "room changes")):
        counts = [one[place] for one in rounds]
        print(f"  {name:14s}{statistics.median(counts):6.0f}   of {counts}")
    middle = traced[EVENTS // 2]
    listings = {"by file": by_file, "by function": by_function, "in order": in_order}
    requested = {"by file": options.by_file, "by function": options.by_function, "in order": options.in_order}
    for name, listing in listings.items():
        if requested[name]:
            print(f"\n{name}\n" + "\n".join(listing(middle)))


if __name__ == "__main__":
    main()
