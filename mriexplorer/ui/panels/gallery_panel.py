"""People who were sampled, as pictures in the current contrast.

┌ Synthetic people ────── 7 ┐
│ [Sample] [Four]            │
│ ▣ F 71   ▣ M 34   ▣ F 25 ★ │   click: that person is shown; the context menu has the rest
│ …                          │
│ Compare Between Keep Export│
│ Runs on [CPU ▾]            │
└────────────────────────────┘
"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.render.scene import Scene
from mriexplorer.render.side_by_side import GalleryMember, painted
from mriexplorer.session.gallery import Gallery
from mriexplorer.session.sampler import credit
from mriexplorer.ui.widgets.chooser import Chooser
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.view.source import Recipe
from mriexplorer.view.state import State
from mriexplorer.view.views import VIEWS

_PICTURE = 84
_CALM = 150  # ms after the last change of contrast until the pictures follow
_ABOVE = 3  # buttons above the pictures; the others act on the chosen one, and stand below
_RECIPE = Qt.ItemDataRole.UserRole


class GalleryPanel(QWidget):
    """Draws the gallery's members, and tells what is asked for."""

    depends = frozenset({"contrast", "display.windows", "source", "panels.people"})
    sample_requested = Signal(int)
    shown_requested = Signal(object)  # a recipe
    compare_requested = Signal(object)  # a recipe, or None
    between_requested = Signal(object)
    keep_requested = Signal(object, bool)
    remove_requested = Signal(object)
    empty_requested = Signal()
    export_requested = Signal()
    device_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        theme.on_panel(self)
        self.setMinimumWidth(200)
        self._members: tuple[GalleryMember, ...] = ()
        self._state: State | None = None
        self._drawn: tuple[object, ...] = ()
        self._shown: Recipe | None = None  # whoever was marked last; then the choice is the user's
        self._count = QLabel()
        self._count.setObjectName("muted")
        self.list = QListWidget()
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(self._draw_pictures)
        self._buttons: dict[str, QPushButton] = {}
        self._device = Chooser("Where the model runs", 4)
        self._dress_list()
        self._lay_out()

    def _dress_list(self) -> None:
        pictures = self.list
        pictures.setViewMode(QListWidget.ViewMode.IconMode)
        pictures.setIconSize(QSize(_PICTURE, _PICTURE))
        pictures.setGridSize(QSize(_PICTURE + 12, _PICTURE + 26))
        pictures.setResizeMode(QListWidget.ResizeMode.Adjust)
        pictures.setMovement(QListWidget.Movement.Static)
        pictures.setAccessibleName("People who were sampled")
        pictures.setObjectName("gallery")
        pictures.itemClicked.connect(lambda item: self.shown_requested.emit(item.data(_RECIPE)))
        pictures.itemActivated.connect(lambda item: self.shown_requested.emit(item.data(_RECIPE)))
        pictures.currentItemChanged.connect(lambda _item, _before: self._allow())
        pictures.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for text, call in (
            ("Show", lambda recipe: self.shown_requested.emit(recipe)),
            ("Keep, or keep no longer", self._keep),
            ("Compare with who is shown", lambda recipe: self.compare_requested.emit(recipe)),
            ("Somebody between who is shown and this one", lambda recipe: self.between_requested.emit(recipe)),
            ("Take out of the gallery", lambda recipe: self.remove_requested.emit(recipe)),
        ):
            action = QAction(text, pictures)
            action.triggered.connect(lambda _checked=False, call=call: self._with_chosen(call))
            pictures.addAction(action)

    def _lay_out(self) -> None:
        title = QLabel("Synthetic people")
        title.setObjectName("title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch()
        head.addWidget(self._count)
        head.setContentsMargins(4, 0, 4, 0)
        grid, lower = self._buttons_laid_out()
        device = QHBoxLayout()
        runs = QLabel("Runs on")
        runs.setObjectName("muted")
        device.addWidget(runs)
        device.addWidget(self._device)
        device.addStretch()
        self._device.textActivated.connect(lambda name: self.device_requested.emit(name.lower()))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addLayout(grid)
        column.addWidget(self.list, 1)
        column.addLayout(lower)
        column.addLayout(device)
        self._credit = Sentence(credit())
        column.addWidget(self._credit)

    def _buttons_laid_out(self) -> tuple[QGridLayout, QGridLayout]:
        """Those above the pictures, and those below."""
        grid, lower = QGridLayout(), QGridLayout()
        grid.setSpacing(GRID // 2)
        lower.setSpacing(GRID // 2)
        requested = (
            ("One", "Sample a person; what is fixed at the right, they have too (Ctrl+N)", lambda: self.sample_requested.emit(1)),
            ("Four", "Sample four people; their brains are rough until they are shown", lambda: self.sample_requested.emit(4)),
            ("Clear", "Take out everybody who is not kept", self.empty_requested.emit),
            ("Keep ★", "Keep the chosen person: they stay when the gallery is cleared", lambda: self._with_chosen(self._keep)),
            ("Compare", "The chosen person beside who is shown, and the difference; again: no longer", self._compare),
            ("Blend", "Somebody between who is shown and the chosen person",
             lambda: self._with_chosen(lambda recipe: self.between_requested.emit(recipe))),
            ("Export…", "Write maps and record of who is shown, as a BIDS derivative", self.export_requested.emit),
        )  # fmt: skip
        for place, (text, tip, call) in enumerate(requested):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, call=call: call())
            self._buttons[text] = button
            if place < _ABOVE:
                grid.addWidget(button, 0, place)
            else:
                lower.addWidget(button, *divmod(place - _ABOVE, 2))
        return grid, lower

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_gallery(self, gallery: Gallery, state: State, devices: tuple[str, ...]) -> None:
        """Draw who is there, and who is shown."""
        self._members = gallery.members
        self.setVisible(state.panels.people and bool(self._members))
        self._count.setText(str(len(self._members)))
        names = [member.recipe for member in self._members]
        if names != [self.list.item(n).data(_RECIPE) for n in range(self.list.count())]:
            self.list.blockSignals(True)
            self.list.clear()
            for member in self._members:
                item = QListWidgetItem()
                item.setData(_RECIPE, member.recipe)
                item.setSizeHint(QSize(_PICTURE + 8, _PICTURE + 24))
                self.list.addItem(item)
            self.list.blockSignals(False)
        for number, member in enumerate(self._members):
            item = self.list.item(number)
            item.setText(f"{member.title}{' ★' if member.kept else ''}")
            item.setToolTip(", ".join([f"seed {member.recipe.seed}", *(f"{n} {v} given" for n, v in member.recipe.given)]))
            if member.recipe == state.source.recipe != self._shown:
                self.list.setCurrentItem(item)
                self._shown = state.source.recipe
        self._show_devices(gallery, devices)
        self._follow(state)
        self._allow()

    def _show_devices(self, gallery: Gallery, devices: tuple[str, ...]) -> None:
        shown = [name.upper() for name in devices]
        if shown != [self._device.itemText(n) for n in range(self._device.count())]:
            self._device.clear()
            self._device.addItems(shown)
        self._device.setEnabled(len(shown) > 1)
        self._device.setToolTip("Where the model runs" if len(shown) > 1 else "This machine has no other device for the model")
        if shown:
            self._device.setCurrentText((gallery.sampler.device or devices[0]).upper())

    def show_state(self, _scene: Scene, state: State) -> None:
        """Pictures follow the contrast a moment after it has come to rest."""
        self.setVisible(state.panels.people and bool(self._members))
        if self._members:
            self._follow(state)

    def _follow(self, state: State) -> None:
        self._state = state
        drawn = (self._members, state.contrast, state.display.windows)
        if drawn != self._drawn:
            self._drawn = drawn
            self._calm.start()

    def _draw_pictures(self) -> None:
        if self._state is None:
            return
        for number, member in enumerate(self._members):
            if number < self.list.count():
                picture = _picture(member, self._state)
                icon = QIcon(picture)
                icon.addPixmap(picture, QIcon.Mode.Selected)  # else it is tinted
                self.list.item(number).setIcon(icon)

    def _allow(self) -> None:
        """Grey what cannot be done."""
        chosen, shown = self._chosen(), self._state.source.recipe if self._state else None
        other = chosen is not None and shown is not None and chosen != shown
        compared = self._state is not None and self._state.source.beside is not None
        self._buttons["Keep ★"].setEnabled(chosen is not None)
        self._buttons["Compare"].setEnabled(other or compared)
        self._buttons["Blend"].setEnabled(other and all(one is not None and one.other is None for one in (chosen, shown)))
        self._buttons["Export…"].setEnabled(shown is not None)
        self._buttons["Clear"].setEnabled(bool(self._members))

    # -- what a person does ------------------------------------------------------------------------------------

    def _chosen(self) -> Recipe | None:
        item = self.list.currentItem()
        recipe: Recipe | None = item.data(_RECIPE) if item is not None else None
        return recipe

    def _with_chosen(self, call: Callable[[Recipe], object]) -> None:
        recipe = self._chosen()
        if recipe is not None:
            call(recipe)

    def _keep(self, recipe: Recipe) -> None:
        kept = next((member.kept for member in self._members if member.recipe == recipe), False)
        self.keep_requested.emit(recipe, not kept)

    def _compare(self) -> None:
        chosen = self._chosen()
        shown, beside = (self._state.source.recipe, self._state.source.beside) if self._state else (None, None)
        self.compare_requested.emit(None if beside is not None and chosen in (shown, beside) else chosen)


def _picture(member: GalleryMember, state: State) -> QPixmap:
    """The person's middle axial plane in the state's contrast, on black, in a square."""
    view = state.view if state.view in VIEWS else "signal"
    whole = painted(member.plane, member.noise_cache, state.with_contrast(view=view).with_display(snr=0.0))
    rows, columns = whole.shape
    image = QImage(whole.data, columns, rows, columns * 4, QImage.Format.Format_RGB32).copy()
    smooth = Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(image.scaled(_PICTURE, _PICTURE, Qt.AspectRatioMode.KeepAspectRatio, smooth))
