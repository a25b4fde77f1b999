"""Every mouse binding of the planes, in one table."""

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


BINDINGS = (
    Binding(Button.LeftButton, PLAIN, "cursor", "Drag", "move the crosshair, or a region by its outline or name"),
    Binding(Button.LeftButton, Key.ShiftModifier, "contrast", "Shift + drag", "move TR across and TE (or TI) up"),
    Binding(
        Button.LeftButton,
        Key.ShiftModifier | Key.ControlModifier,
        "contrast2",
        "Shift + Ctrl + drag",
        "move TR across and the other of TE and TI up",
    ),
    Binding(Button.RightButton, PLAIN, "window", "Right drag", "window (right widens) and level (up brightens)"),
    Binding(Button.MiddleButton, PLAIN, "pan", "Middle drag", "move the image"),
    Binding(Button.LeftButton, Key.ControlModifier, "pan", "Ctrl + drag", "move the image"),
)
IN_3D = (
    ("Drag", "turn"),
    ("Shift + drag, middle drag", "move"),
    ("Wheel, + and −", "zoom"),
    ("Arrow keys", "turn, where 3-D is under focus"),
    ("0", "back to the first view"),
    ("Double click", "3-D large, and back"),
)
WHEEL = (
    ("Wheel", "go through the slices"),
    ("Ctrl + wheel", "zoom"),
    ("Double click", "one plane large, and back"),
    ("Right click", "menu of one of several contrasts"),
    ("[ and ]", "size of the brush"),
    ("Delete", "remove the selected regions"),
)


def action(button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, tool: str) -> str | None:
    """What a drag does. A plain left drag does what the chosen ``tool`` says."""
    modifiers &= ~Key.KeypadModifier
    if button == Button.LeftButton and modifiers == PLAIN:
        return tool
    return next((b.action for b in BINDINGS if b.button == button and b.modifiers == modifiers), None)
