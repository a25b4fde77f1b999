"""Every mouse binding of the planes, in one table, and what of it a person may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt

Button, Key = Qt.MouseButton, Qt.KeyboardModifier
PLAIN = Key.NoModifier


@dataclass(frozen=True)
class Binding:
    """A drag: button and modifiers, the action of the plane view, and what the help card says."""

    button: Qt.MouseButton
    modifiers: Qt.KeyboardModifier
    action: str
    gesture: str
    meaning: str


IN_3D = (
    ("Drag", "turn"),
    ("Shift + drag, middle drag", "move"),
    ("Wheel, + and −", "zoom"),
    ("Arrow keys", "turn, where 3-D is under focus"),
    ("0", "back to the first view"),
    ("Double click", "3-D large, and back"),
)
DRAG = Binding(Button.LeftButton, PLAIN, "cursor", "Drag", "move the crosshair, or a region by its outline or name")
ACTIONS: Mapping[str, str] = {
    "cursor": DRAG.meaning,
    "contrast": "move TR across and TE (or TI) up",
    "contrast2": "move TR across and the other of TE and TI up",
    "window": "window (right widens) and level (up brightens)",
    "pan": "move the image",
    "": "nothing",
}
GESTURES: Mapping[str, tuple[Qt.MouseButton, Qt.KeyboardModifier]] = {
    "Shift + drag": (Button.LeftButton, Key.ShiftModifier),
    "Ctrl + drag": (Button.LeftButton, Key.ControlModifier),
    "Shift + Ctrl + drag": (Button.LeftButton, Key.ShiftModifier | Key.ControlModifier),
    "Right drag": (Button.RightButton, PLAIN),
    "Shift + right drag": (Button.RightButton, Key.ShiftModifier),
    "Ctrl + right drag": (Button.RightButton, Key.ControlModifier),
    "Middle drag": (Button.MiddleButton, PLAIN),
    "Shift + middle drag": (Button.MiddleButton, Key.ShiftModifier),
    "Ctrl + middle drag": (Button.MiddleButton, Key.ControlModifier),
}
USUAL: Mapping[str, str] = {
    "Shift + drag": "contrast",
    "Shift + Ctrl + drag": "contrast2",
    "Right drag": "window",
    "Middle drag": "pan",
    "Ctrl + drag": "pan",
}


def bindings(chosen: Mapping[str, str]) -> tuple[Binding, ...]:
    """The table with actions ``chosen`` by gesture; gestures that it leaves out do nothing. A plain drag is the tool's."""
    bound = [(gesture, chosen.get(gesture, "")) for gesture in GESTURES]
    return DRAG, *(Binding(*GESTURES[gesture], action, gesture, ACTIONS[action]) for gesture, action in bound if action)


BINDINGS = bindings(USUAL)


_MORE = (
    ("Double click", "one plane large, and back"),
    ("Right click", "menu of one of several contrasts"),
    ("[ and ]", "size of the brush"),
    ("Delete", "remove the selected regions"),
)


def wheel(*, zooms: bool = False) -> tuple[tuple[str, str], ...]:
    """What the wheel does, for the help card; ``zooms``: without Ctrl too."""
    plain, held = ("zoom", "go through the slices") if zooms else ("go through the slices", "zoom")
    return ("Wheel", plain), ("Ctrl + wheel", held), *_MORE


def action(button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, tool: str, table: Sequence[Binding] = BINDINGS) -> str | None:
    """What a drag does. A plain left drag does what the chosen ``tool`` says."""
    modifiers &= ~Key.KeypadModifier
    if button == Button.LeftButton and modifiers == PLAIN:
        return tool
    return next((b.action for b in table if b.button == button and b.modifiers == modifiers), None)
