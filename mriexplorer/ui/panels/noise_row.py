"""Noise in one line: how much, and which.

::

    Noise  SNR 20 ▾   seed  4   New noise
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from mriexplorer.figures.theme import GRID
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.parameter_slider import ValueField
from mriexplorer.view.display import HIGHEST_SEED, HIGHEST_SNR
from mriexplorer.view.state import State

_CHOICE = (0.0, 100.0, 50.0, 30.0, 20.0, 10.0, 5.0)
_TIP = (
    "Noise is that of a receiver: Rician in magnitude images. SNR is that of literature white or grey matter, the brighter, "
    "under the sequence's default protocol, so that noise stays as it is while a slider moves. Each voxel keeps its own."
)


class NoiseRow(QWidget):
    """``snr_requested`` (0: none) and ``seed_requested``."""

    snr_requested = Signal(float)
    seed_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._seed_shown = 0
        self._snr, self._seed, self._new = Chooser("Noise: signal-to-noise ratio", 6), ValueField(), QPushButton("New noise")
        self._snr.setToolTip(_TIP)
        self._snr.activated.connect(lambda place: self.snr_requested.emit(self._snr.itemData(place)))
        self._seed.setAccessibleName("Seed of the noise")
        self._seed.setToolTip("The same seed gives the same noise")
        self._seed.setFixedWidth(40)
        self._seed.editingFinished.connect(self._typed)
        self._new.setToolTip("Draw other noise of the same SNR")
        self._new.clicked.connect(lambda: self.seed_requested.emit((self._seed_shown + 1) % (HIGHEST_SEED + 1)))
        for snr in _CHOICE:
            self._snr.addItem(_named(snr), snr)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID // 2)
        self._caption = QLabel("seed")
        self._caption.setObjectName("muted")
        for widget in (QLabel("Noise"), self._snr, self._caption, self._seed):
            line.addWidget(widget)
        line.addStretch()
        line.addWidget(self._new)

    def show_state(self, state: State) -> None:
        """Draw the state's noise; an SNR that is not among the choices is added to them."""
        if self._snr.findData(float(state.display.snr)) < 0:
            self._snr.addItem(_named(min(state.display.snr, HIGHEST_SNR)), float(state.display.snr))
        self._snr.setCurrentIndex(self._snr.findData(float(state.display.snr)))
        self._seed_shown = state.display.noise_seed
        self._seed.show_text(str(state.display.noise_seed))
        self.setEnabled(state.view == "signal")
        for widget in (self._seed, self._new, self._caption):
            widget.setEnabled(state.display.snr > 0)

    def _typed(self) -> None:
        if not self._seed.isModified():
            return
        text = self._seed.text().strip()
        self._seed.restore()
        if text.isascii() and text.isdigit() and int(text) <= HIGHEST_SEED:
            self.seed_requested.emit(int(text))


def _named(snr: float) -> str:
    return f"SNR {snr:g}" if snr else "none"
