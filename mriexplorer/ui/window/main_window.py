"""The window: connects wishes of the widgets to the session, and draws the session's state."""

from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QScrollArea, QSplitter, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.render.scene import Scene, mark
from mriexplorer.session.encoding import look_like_scans
from mriexplorer.session.session import Session
from mriexplorer.ui.panels.compare_panel import ComparePanel
from mriexplorer.ui.panels.contrast_panel import ContrastPanel
from mriexplorer.ui.panels.display_panel import DisplayPanel
from mriexplorer.ui.panels.gallery_panel import GalleryPanel
from mriexplorer.ui.panels.lesson_panel import WIDTH as LESSON_WIDTH
from mriexplorer.ui.panels.lesson_panel import LessonPanel
from mriexplorer.ui.panels.people_panel import WIDTH, PeoplePanel
from mriexplorer.ui.panels.record_panel import InventedPanel
from mriexplorer.ui.panels.subject_panels import AttributesPanel, MapsPanel
from mriexplorer.ui.planes.plane_grid import PlaneGrid
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.actions import Actions
from mriexplorer.ui.window.banner import Banner
from mriexplorer.ui.window.compare_menu import pop_up
from mriexplorer.ui.window.mouse import BINDINGS, Binding, bindings
from mriexplorer.ui.window.readout import Readout
from mriexplorer.ui.window.registry import fill
from mriexplorer.ui.window.settings import Settings
from mriexplorer.ui.window.sharing import Sharing
from mriexplorer.ui.window.side_panel import Corner
from mriexplorer.ui.window.stage import Hover, Stage
from mriexplorer.ui.window.stage_signals import connect
from mriexplorer.ui.window.top_bar import TopBar
from mriexplorer.view.state import State
from mriexplorer.view.state_file import is_session

_SIDE = 320
_GUTTER = 10  # kept for the scroll bar, so that nothing moves when it comes
_PATIENCE = 400  # ms; what is opened faster is not announced


class MainWindow(QMainWindow):
    """Holds nothing of its own: the session's state is the truth."""

    _posted = Signal(object)

    def __init__(self, state: State, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings
        self._posted.connect(lambda call: call())
        self.post = self._posted.emit
        self.session = Session(state, self.post)
        self.bindings, self.wheel_zooms = BINDINGS, False
        self.sharing = Sharing(self)
        self.session.told, self.session.failed, self.session.shown = self._told, self._failed, self._shown
        self.session.store.listen(self._changed)
        self.corner = Corner()
        fill(self.corner, self.session, self.enlarge)
        self.top, self.planes, self.readout, self.banner = TopBar(), PlaneGrid(self.corner), Readout(), Banner()
        self.stage = Stage(self, self.planes)
        self.contrast, self.display, self.compare = ContrastPanel(), DisplayPanel(), ComparePanel()
        self.attributes, self.maps = AttributesPanel(), MapsPanel()
        self.people, self.gallery, self.invented = PeoplePanel(), GalleryPanel(), InventedPanel()
        self.lesson = LessonPanel()
        self._devices: tuple[str, ...] = ()
        self._announced = ""
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._waiting.timeout.connect(lambda: self.banner.working(self._announced))
        self._hover: Hover | None = None
        self._began: float | None = None
        self._unpainted: set[PlaneView] = set()
        self.setWindowTitle("mriexplorer")
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self.actions_ = Actions(self)
        self._draw_studio()
        self.top.menus.setMinimumWidth(self.top.menus.sizeHint().width())
        self._restore()

    # -- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setMenuWidget(self.top)
        side = QWidget()
        theme.on_panel(side)
        column = QVBoxLayout(side)
        column.setContentsMargins(14, 8, 12, 8)
        column.setSpacing(8)
        for panel in (self.contrast, self.invented, self.display, self.compare, self.attributes, self.maps):
            column.addWidget(panel)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFixedWidth(_SIDE)
        side.setFixedWidth(_SIDE - _GUTTER)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(2)
        beside = QSplitter()
        beside.addWidget(self.lesson)
        beside.addWidget(self.people)
        beside.addWidget(self.gallery)
        beside.addWidget(self.stage)
        beside.setChildrenCollapsible(False)
        beside.setHandleWidth(4)
        beside.setStretchFactor(3, 1)
        beside.setSizes([LESSON_WIDTH, WIDTH, WIDTH, 10 * WIDTH])
        row.addWidget(beside, 1)
        row.addWidget(scroll)
        central = QWidget()
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        outer.addWidget(middle, 1)
        outer.addWidget(self.readout)
        self.setCentralWidget(central)
        self.setMinimumSize(1240, 640)
        self.resize(1366, 768)

    def _connect(self) -> None:
        session, top, display = self.session, self.top, self.display
        top.person_wished.connect(session.choose_person)
        self.people.person_wished.connect(session.choose_person)
        top.field_wished.connect(session.choose_field)
        top.sequence_wished.connect(session.choose_sequence)
        top.preset_wished.connect(session.apply_preset)
        top.tool_wished.connect(self.stage.use_tool)
        top.tool_wished.connect(lambda tool: session.measure.drawing.do("abandon", "", tool, None))
        self.contrast.wished.connect(session.set_value)
        self.contrast.settled.connect(session.store.settle)
        self.contrast.expert_wished.connect(lambda expert: session.show(expert=expert))
        self.contrast.reset_wished.connect(session.reset_contrast)
        display.view_wished.connect(session.choose_view)
        display.scan_wished.connect(session.choose_scan)
        display.plane_wished.connect(lambda plane: session.show(compared=plane, layout="compare"))
        display.magnitude_wished.connect(session.set_magnitude)
        display.window_wished.connect(session.set_window)
        display.auto_wished.connect(session.automatic_window)
        display.policy_wished.connect(lambda auto: session.show(auto=auto))
        display.noise.snr_wished.connect(lambda snr: session.show(snr=snr))
        display.noise.seed_wished.connect(lambda seed: session.show(noise_seed=seed))
        self.maps.unit_wished.connect(session.choose_unit)
        self.banner.cancelled.connect(session.loading.cancel)
        self.banner.cancelled.connect(self._show_people)
        self.stage.wished.connect(self._draw_planes)
        self.corner.wished.connect(lambda name: session.show(corner=name))
        self._connect_studio()
        self._connect_comparing()
        self._connect_lesson()
        session.measure.drawing.changed = self._draw_planes
        connect(self.stage, session, self.enlarge)
        for view in self.stage.views:
            view.hovered.connect(lambda place, view=view: self._hovered((view, place) if place else None))
            view.painted.connect(lambda at, view=view: self._painted(view, at))
        for place, view in enumerate(self.stage.cells.views):
            view.menu_wished.connect(lambda at, place=place: pop_up(self, place, at))

    def _connect_studio(self) -> None:
        studio, gallery, invented = self.session.studio, self.gallery, self.invented
        studio.changed = self._draw_studio
        studio.estimated = lambda subject, told, said: self.attributes.show_estimates(subject, told, said)
        studio.sampler.notice = lambda sentence: self._posted.emit(lambda: self.banner.say(sentence))
        self.top.sample_wished.connect(studio.sample)
        self.attributes.estimate_wished.connect(studio.estimate)
        gallery.sample_wished.connect(studio.sample)
        gallery.shown_wished.connect(studio.show)
        gallery.compare_wished.connect(studio.compare)
        gallery.between_wished.connect(studio.between)
        gallery.keep_wished.connect(lambda recipe, kept: studio.keep(recipe, kept=kept))
        gallery.remove_wished.connect(studio.remove)
        gallery.empty_wished.connect(studio.empty)
        gallery.export_wished.connect(lambda: self.actions_.export_person())
        gallery.device_wished.connect(studio.choose_device)
        invented.wished.connect(lambda name, value, settled: studio.wish(name, value, settled=settled))
        invented.released.connect(studio.settle)
        invented.freed.connect(studio.free)
        invented.drawn_wished.connect(studio.free)
        invented.share_wished.connect(lambda share, settled: studio.share(share, settled=settled))

    def _connect_lesson(self) -> None:
        room, lesson = self.session.classroom, self.lesson
        lesson.lesson_wished.connect(room.open)
        lesson.turned.connect(room.turn)
        lesson.set_wished.connect(room.set_up)
        lesson.closed.connect(room.close)

    def _connect_comparing(self) -> None:
        session, wish, panel = self.session, self.session.comparing, self.compare
        panel.layout_wished.connect(wish.lay_out)
        panel.layout_wished.connect(lambda _layout: panel.show_state(session.state, session.scene))  # where it was refused
        panel.plane_wished.connect(lambda plane: session.show(compared=plane))
        panel.together_wished.connect(wish.set_together)
        panel.pin_wished.connect(wish.pin)
        panel.unpin_wished.connect(wish.unpin)
        panel.way_wished.connect(wish.compare)
        panel.rate_wished.connect(wish.set_rate)

    def _restore(self) -> None:
        self.installEventFilter(self)
        if self.settings is not None:
            self.restoreGeometry(self.settings.geometry)
            self.bind(bindings(self.settings.mouse), wheel_zooms=self.settings.wheel_zooms)
            self.session.studio.choose_device(self.settings.device)
            self.session.studio.sampler.precision = self.settings.precision

    def bind(self, table: tuple[Binding, ...], *, wheel_zooms: bool) -> None:
        """What the mouse does in the planes."""
        self.bindings, self.wheel_zooms = table, wheel_zooms
        for view in self.stage.views:
            view.bindings, view.wheel_zooms = table, wheel_zooms

    # -- drawing -----------------------------------------------------------------------------------------------

    def _changed(self, new: State, old: State) -> None:
        self._began = perf_counter()
        if new.theme != old.theme:
            self.dress(new.theme)
        if new.layout != old.layout:
            self.planes.arrange(new.layout)
        self.draw()

    def draw(self) -> None:
        """Draw the state everywhere."""
        state, scene = self.session.state, self.session.scene
        self.top.show_state(state)
        self.contrast.show_state(state)
        self.display.show_state(state, scene)
        self.compare.show_state(state, scene)
        self.actions_.show_state(state, self.session.store)
        self.people.setVisible(state.people and self._has_people())
        self.gallery.setVisible(state.people and bool(self.session.studio.members))
        self.gallery.show_state(state)
        self.lesson.show_classroom(self.session.classroom)
        self._draw_planes()
        self._draw_reading()
        if self.session.scene is not None:
            self.corner.show_state(self.session.scene, state)

    def _draw_studio(self) -> None:
        """The gallery, and the record of whoever is shown or dragged."""
        studio, state = self.session.studio, self.session.state
        if studio.members and not self._devices:
            self._devices = studio.sampler.devices()
        self.gallery.setVisible(state.people and bool(studio.members))
        self.gallery.show_studio(studio, state, self._devices)
        self.invented.setVisible(studio.recipe is not None and bool(studio.record))
        self.attributes.setVisible(not self.invented.isVisibleTo(self))
        self.invented.show_studio(studio)
        if state.layout == "people":
            self._draw_planes()

    def _has_people(self) -> bool:
        return self.session.catalog is not None and len(self.session.catalog.entries) > 1

    def _draw_planes(self) -> None:
        session = self.session
        if session.scene is not None:
            people = session.comparing.people()
            self._unpainted = self.stage.show_state(session.scene, session.state, people, session.measure.drawing.draft)

    def _draw_reading(self) -> None:
        scene, state = self.session.scene, self.session.state
        if scene is not None:
            reading, seen = self.stage.reading(scene, state, self._hover)
            self.readout.show_reading(reading, mark(seen, scene.subject), seen.times)

    def _painted(self, view: PlaneView, at: float) -> None:
        self._unpainted.discard(view)
        if not self._unpainted and self._began is not None:
            self.readout.show_frame(at - self._began)
            self._began = None

    def _hovered(self, hover: Hover | None) -> None:
        self._hover = hover
        self._draw_reading()

    def _shown(self, scene: Scene) -> None:
        """Another subject is open."""
        subject = scene.subject
        self._hover = None
        self.top.show_people(self.session.catalog, subject.name, subject.field)
        self._show_people()
        self.attributes.show_subject(subject)
        self.maps.show_subject(subject)
        self._draw_studio()
        self.setWindowTitle(f"{subject.name} – mriexplorer")
        self.draw()
        self._say_notices(subject.notices)
        if self.settings is not None and self.session.state.paths:
            self.settings.add_recent(Path(self.session.state.paths[0]))

    def _show_people(self) -> None:
        """Who is in the dataset, and who is shown: also after a wish that could not be fulfilled."""
        shown = self.session.scene.subject.name if self.session.scene else ""
        self.people.show_people(self.session.catalog if self._has_people() else None, shown)

    def _say_notices(self, notices: tuple[str, ...]) -> None:
        if not notices:
            self.banner.hide()
            return
        more = f"  ({len(notices) - 1} more under Maps)" if len(notices) > 1 else ""
        self.banner.say(notices[0] + more)

    def _told(self, what: str) -> None:
        """What a job is doing; it is shown only where it takes long enough to be noticed."""
        self._announced = what
        if not what:
            self._waiting.stop()
            self._say_notices(self.session.scene.subject.notices if self.session.scene else ())
        elif self.banner.is_working:
            self.banner.working(what)
        elif not self._waiting.isActive():
            self._waiting.start()

    def _failed(self, sentence: str) -> None:
        self.banner.say(sentence, severe=True)
        self._show_people()

    def dress(self, name: str) -> None:
        """Put on a theme."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101 a window cannot be without
        theme.apply(application, name)
        self.readout.dress(name)
        self.lesson.dress(name)
        self.corner.dress(name)

    # -- what a person does ------------------------------------------------------------------------------------

    def enlarge(self, name: str) -> None:
        """One plane large, or all again."""
        self.session.show(layout="grid" if self.session.state.layout in (name, "compare") else name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            if is_session(paths):
                self.sharing.open_session(paths[0])
            elif look_like_scans(paths):
                self.actions_.offer_scans(paths)
            else:
                self.session.open(paths)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of itself. Not ``event``: where a handler that is called from within another one raises, PySide ends the program."""
        if watched is self and event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw_planes()
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        self.session.loading.close()
        self.sharing.close()
        self.people.close_pictures()
        if self.settings is not None:
            self.settings.remember(self.session.state, self.saveGeometry())
        super().closeEvent(event)
