"""The record of a synthetic person: each attribute fixed or free; what is dragged, the brain follows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from mriexplorer.errors import InputError
from mriexplorer.session.attribute_range import attribute_ranges
from mriexplorer.session.gallery import Gallery
from mriexplorer.subject.body_mass_index import bmi
from mriexplorer.ui.widgets.attribute_row import AttributeRow
from mriexplorer.ui.widgets.panel import Panel, Sentence

_WAY = 100  # steps from one person to another


class RecordPanel(Panel):
    """Sliders and choices of the columns of the model."""

    requested = Signal(str, object, bool)
    released = Signal()
    freed = Signal(str)
    drawn_requested = Signal()
    share_requested = Signal(float, bool)

    def __init__(self) -> None:
        super().__init__("Clinical attributes, sampled")
        self._rows: dict[str, AttributeRow] = {}
        self._mass = Sentence()
        self._said = Sentence(name="notice")
        self._way, self._on_way = self._between()
        self._drawn = QPushButton("As first drawn")
        self._drawn.setToolTip("Let every attribute follow again: the person as the seed gave them")
        self._drawn.clicked.connect(self.drawn_requested)
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._mass, 1)
        line.addWidget(self._drawn)
        self.body.addWidget(self._way)
        self.body.addWidget(self._said)
        self.body.addWidget(foot)

    def _between(self) -> tuple[QWidget, QSlider]:
        """How far somebody is on the way between two people."""
        way = QWidget()
        line = QHBoxLayout(way)
        line.setContentsMargins(0, 0, 0, 0)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _WAY)
        slider.setAccessibleName("How far from the one person to the other")
        slider.valueChanged.connect(lambda place: self._moved(place / _WAY))
        slider.sliderReleased.connect(self.released)
        line.addWidget(QLabel("one"))
        line.addWidget(slider, 1)
        line.addWidget(QLabel("other"))
        self._quiet = False
        return way, slider

    def _moved(self, share: float) -> None:
        if not self._quiet:
            self.share_requested.emit(share, not self._on_way.isSliderDown())

    def show_gallery(self, gallery: Gallery) -> None:
        """Draw the record of whoever is shown or dragged."""
        recipe = gallery.recipe
        if recipe is None or not gallery.record:
            return
        if not self._rows:
            self._build()
        odd = {sentence.split(" ")[0] for sentence in gallery.said}
        for name, row in self._rows.items():
            fixed = name in recipe.conditions
            value = recipe.conditions.get(name, gallery.record.get(name))
            row.show_value(value, fixed=fixed, unusual=fixed and row.attribute.label.split(" ")[0] in odd)
            row.setEnabled(recipe.other is None)
        self._way.setVisible(recipe.other is not None)
        self._quiet = True
        if not self._on_way.isSliderDown():
            self._on_way.setValue(round(_WAY * recipe.share))
        self._quiet = False
        mass = bmi(gallery.record)
        self._mass.setText(f"BMI {mass:.1f} kg/m², from height and weight" if mass is not None else "")
        self._said.setText("Extrapolation: " + " ".join(gallery.said) if gallery.said else "")
        self._said.setVisible(bool(gallery.said))
        self._drawn.setEnabled(bool(recipe.given) and recipe.other is None)

    def _build(self) -> None:
        try:
            known = attribute_ranges()
        except InputError as error:
            self._said.setText(str(error))
            return
        for place, attribute in enumerate(known):
            row = AttributeRow(attribute)
            row.requested.connect(self.requested)
            row.released.connect(self.released)
            row.freed.connect(self.freed)
            self._rows[attribute.name] = row
            self.body.insertWidget(place, row)
