"""Menu, subject, field strength, sequence, preset in one line."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QPushButton, QSizePolicy, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.physics import FIELDS, SEQUENCES
from mriexplorer.render.scene import Scene
from mriexplorer.subject.catalog import Catalog
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.view.presets import Preset, presets
from mriexplorer.view.state import State

_TOOLS = (
    ("cursor", "Navigate", "A drag moves the crosshair"),
    ("contrast", "Contrast", "A drag moves TR across and TE (or TI) up"),
    ("window", "Window", "A drag sets window and level"),
    ("pan", "Pan", "A drag moves the image"),
)
_DRAWN = (
    ("ellipse", "Ellipse", "A drag draws an ellipse to measure in"),
    ("polygon", "Polygon", "Each click is a corner; double click or Enter closes, Backspace takes one back, Esc gives up"),
    ("brush", "Brush", "A drag paints a region; [ and ] change the size of the brush"),
    ("profile", "Line", "A drag draws a line; the profile along it is plotted under Measure"),
)
_CUSTOM = "Custom"


class TopBar(QWidget):
    """Choosers that show the state and tell what was chosen."""

    depends = frozenset({"contrast.protocol.sequence", "source"})

    person_requested = Signal(str)
    field_requested = Signal(float)
    sequence_requested = Signal(str)
    preset_requested = Signal(object)
    tool_requested = Signal(str)
    sample_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menus = QMenuBar()
        self.menus.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._subject = Chooser("Subject", 13)
        self._field = Chooser("Field strength of the built-in brain", 4)
        self._sequence = Chooser("Sequence", 12)
        self._preset = Chooser("Preset", 16)
        self._tool = Chooser("What a drag in a plane does", 9)
        self._fill()
        self._fill_tools()
        self._lay_out()

    def _fill(self) -> None:
        self._field.setPlaceholderText("–")
        for field in FIELDS:
            self._field.addItem(f"{field:g} T", field)
        for row in SEQUENCES.values():
            self._sequence.addItem(row.label, row.name)
        self._sequence.insertSeparator(sum(row.model == "full" for row in SEQUENCES.values()))
        self._preset.setModel(_preset_model())
        self._subject.activated.connect(lambda place: self.person_requested.emit(self._subject.itemText(place)))
        self._field.activated.connect(lambda place: self.field_requested.emit(self._field.itemData(place)))
        self._sequence.activated.connect(lambda place: self.sequence_requested.emit(self._sequence.itemData(place)))
        self._preset.activated.connect(self._preset_chosen)

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(4, 5, GRID, 5)
        line.setSpacing(GRID // 2)
        line.addWidget(self.menus)
        for box, share in ((self._subject, 4), (self._field, 0), (self._sequence, 4), (self._preset, 5)):
            box.setMaximumWidth(260 if share else 80)
            line.addWidget(box, share)
        sample = QPushButton("Sample")
        sample.setToolTip("Sample a synthetic person: brain and record together (Ctrl+N)")
        sample.clicked.connect(self.sample_requested.emit)
        line.addWidget(sample)
        line.addStretch(1)
        caption = QLabel("Drag")
        caption.setObjectName("muted")
        caption.setBuddy(self._tool)
        line.addWidget(caption)
        line.addWidget(self._tool)

    def _fill_tools(self) -> None:
        for tools in (_TOOLS, _DRAWN):
            for tool, name, tip in tools:
                self._tool.addItem(name, tool)
                self._tool.setItemData(self._tool.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._tool.insertSeparator(len(_TOOLS))
        self._tool.activated.connect(lambda place: self.tool_requested.emit(self._tool.itemData(place)))

    def _preset_chosen(self, place: int) -> None:
        preset = self._preset.itemData(place)
        if preset is not None:
            self.preset_requested.emit(preset)

    def show_state(self, _scene: Scene, state: State) -> None:
        """Draw sequence and field."""
        self._sequence.setCurrentIndex(self._sequence.findData(state.sequence.name))
        built_in = not state.source.of_files  # or sampled: literature values at any field
        self._field.setCurrentIndex(self._field.findData(state.source.field) if built_in else -1)
        self._show_whose_field(built_in=built_in)

    def show_preset(self, preset: Preset | None) -> None:
        """Draw which preset the protocol is of."""
        self._preset.setCurrentIndex(0 if preset is None else self._preset.findText(preset.title))

    def _show_whose_field(self, *, built_in: bool) -> None:
        if built_in != self._field.isEnabled():
            own, loaded = "Field strength of the built-in brain", "Loaded maps keep the field they were measured at"
            self._field.setEnabled(built_in)
            self._field.setToolTip(own if built_in else loaded)

    def show_people(self, catalog: Catalog | None, name: str, field: float | None = None) -> None:
        """Draw who can be chosen, and at which field strength (T) the maps of whoever is shown were measured."""
        self._field.setPlaceholderText(f"{field:g} T" if field else "–")
        names = [entry.name for entry in catalog.entries] if catalog else [name]
        if names != [self._subject.itemText(i) for i in range(self._subject.count())]:
            self._subject.clear()
            self._subject.addItems(names)
        self._subject.setCurrentText(name)
        self._subject.setEnabled(len(names) > 1)
        self._subject.setToolTip(f"Subject: {name}")


def _preset_model() -> QStandardItemModel:
    """Presets under the headings of their groups."""
    model = QStandardItemModel()
    model.appendRow(_heading(_CUSTOM))
    group = ""
    for preset in presets():
        if preset.group != group:
            group = preset.group
            model.appendRow(_heading(group))
        item = QStandardItem(preset.title)
        item.setData(preset, 0x0100)
        item.setToolTip(preset.note)
        model.appendRow(item)
    return model


def _heading(text: str) -> QStandardItem:
    item = QStandardItem(text)
    item.setEnabled(False)
    return item
