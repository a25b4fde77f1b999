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
from mriexplorer.ui.panels.record_panel import RecordPanel
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
from mriexplorer.ui.window.side_panel import PanelTabs
from mriexplorer.ui.window.stage import Hover, Stage
from mriexplorer.ui.window.stage_signals import connect
from mriexplorer.ui.window.top_bar import TopBar
from mriexplorer.view.display import Layout
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
        self.session.workspace.progress, self.session.workspace.error, self.session.workspace.subject_changed = (
            self._told,
            self._failed,
            self._shown,
        )
        self.session.store.listen(self._changed)
        self.side = PanelTabs()
        fill(self.side, self.session, self.enlarge)
        self.top, self.planes, self.readout, self.banner = TopBar(), PlaneGrid(self.side), Readout(), Banner()
        self.stage = Stage(self, self.planes)
        self.contrast, self.display, self.compare = ContrastPanel(), DisplayPanel(), ComparePanel()
        self.attributes, self.maps = AttributesPanel(), MapsPanel()
        self.people, self.gallery_panel, self.record = PeoplePanel(), GalleryPanel(), RecordPanel()
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
        self._draw_gallery()
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
        for panel in (self.contrast, self.record, self.display, self.compare, self.attributes, self.maps):
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
        beside.addWidget(self.gallery_panel)
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
        top.person_requested.connect(session.choose_person)
        self.people.person_requested.connect(session.choose_person)
        top.field_requested.connect(session.choose_field)
        top.sequence_requested.connect(session.choose_sequence)
        top.preset_requested.connect(session.apply_preset)
        top.tool_requested.connect(self.stage.use_tool)
        top.tool_requested.connect(lambda tool: session.drawing.do("abandon", "", tool, None))
        self.contrast.requested.connect(session.set_value)
        self.contrast.settled.connect(session.store.settle)
        self.contrast.expert_requested.connect(lambda expert: session.show_panels(expert=expert))
        self.contrast.reset_requested.connect(session.reset_contrast)
        display.view_requested.connect(session.choose_view)
        display.scan_requested.connect(session.choose_scan)
        display.plane_requested.connect(lambda plane: session.show(plane=plane, layout=Layout.COMPARE))
        display.magnitude_requested.connect(session.set_magnitude)
        display.window_requested.connect(session.set_window)
        display.auto_requested.connect(session.automatic_window)
        display.policy_requested.connect(lambda auto: session.show(auto=auto))
        display.noise.snr_requested.connect(lambda snr: session.show(snr=snr))
        display.noise.seed_requested.connect(lambda seed: session.show(noise_seed=seed))
        self.maps.unit_requested.connect(session.choose_unit)
        self.banner.cancelled.connect(session.loading.cancel)
        self.banner.cancelled.connect(self._show_people)
        self.stage.requested.connect(self._draw_planes)
        self.side.requested.connect(lambda name: session.show_panels(side=name))
        self._connect_gallery()
        self._connect_comparing()
        self._connect_lesson()
        session.drawing.changed = self._draw_planes
        connect(self.stage, session, self.enlarge)
        for view in self.stage.views:
            view.hovered.connect(lambda place, view=view: self._hovered((view, place) if place else None))
            view.painted.connect(lambda at, view=view: self._painted(view, at))
        for place, view in enumerate(self.stage.cells.views):
            view.menu_requested.connect(lambda at, place=place: pop_up(self, place, at))

    def _connect_gallery(self) -> None:
        gallery, panel, record = self.session.gallery, self.gallery_panel, self.record
        gallery.changed = self._draw_gallery
        gallery.estimated = lambda subject, told, said: self.attributes.show_estimates(subject, told, said)
        gallery.sampler.notice = lambda sentence: self._posted.emit(lambda: self.banner.say(sentence))
        self.top.sample_requested.connect(gallery.sample)
        self.attributes.estimate_requested.connect(gallery.estimate)
        panel.sample_requested.connect(gallery.sample)
        panel.shown_requested.connect(gallery.show)
        panel.compare_requested.connect(gallery.compare)
        panel.between_requested.connect(gallery.between)
        panel.keep_requested.connect(lambda recipe, kept: gallery.keep(recipe, kept=kept))
        panel.remove_requested.connect(gallery.remove)
        panel.empty_requested.connect(gallery.empty)
        panel.export_requested.connect(lambda: self.actions_.export_person())
        panel.device_requested.connect(gallery.choose_device)
        record.requested.connect(lambda name, value, settled: gallery.set_condition(name, value, settled=settled))
        record.released.connect(gallery.settle)
        record.freed.connect(gallery.free)
        record.drawn_requested.connect(gallery.free)
        record.share_requested.connect(lambda share, settled: gallery.share(share, settled=settled))

    def _connect_lesson(self) -> None:
        room, lesson = self.session.lesson_player, self.lesson
        lesson.lesson_requested.connect(room.open)
        lesson.turned.connect(room.turn)
        lesson.set_requested.connect(room.set_up)
        lesson.closed.connect(room.close)

    def _connect_comparing(self) -> None:
        session, wish, panel = self.session, self.session.comparison, self.compare
        panel.layout_requested.connect(wish.lay_out)
        panel.layout_requested.connect(lambda _layout: panel.show_state(session.state, session.scene))  # where it was refused
        panel.plane_requested.connect(lambda plane: session.show(plane=plane))
        panel.together_requested.connect(wish.set_together)
        panel.pin_requested.connect(wish.pin)
        panel.unpin_requested.connect(wish.unpin)
        panel.way_requested.connect(wish.compare)
        panel.rate_requested.connect(wish.set_rate)

    def _restore(self) -> None:
        self.installEventFilter(self)
        if self.settings is not None:
            self.restoreGeometry(self.settings.geometry)
            self.bind(bindings(self.settings.mouse), wheel_zooms=self.settings.wheel_zooms)
            self.session.gallery.choose_device(self.settings.device)
            self.session.gallery.sampler.precision = self.settings.precision

    def bind(self, table: tuple[Binding, ...], *, wheel_zooms: bool) -> None:
        """What the mouse does in the planes."""
        self.bindings, self.wheel_zooms = table, wheel_zooms
        for view in self.stage.views:
            view.bindings, view.wheel_zooms = table, wheel_zooms

    # -- drawing -----------------------------------------------------------------------------------------------

    def _changed(self, new: State, old: State) -> None:
        self._began = perf_counter()
        if new.appearance.theme != old.appearance.theme:
            self.dress(new.appearance.theme)
        if new.display.layout != old.display.layout:
            self.planes.arrange(new.display.layout)
        self.draw()

    def draw(self) -> None:
        """Draw the state everywhere."""
        state, scene = self.session.state, self.session.scene
        self.top.show_state(state)
        self.contrast.show_state(state)
        self.display.show_state(state, scene)
        self.compare.show_state(state, scene)
        self.actions_.show_state(state, self.session.store)
        self.people.setVisible(state.panels.people and self._has_people())
        self.gallery_panel.setVisible(state.panels.people and bool(self.session.gallery.members))
        self.gallery_panel.show_state(state)
        self.lesson.show_lesson(self.session.lesson_player)
        self._draw_planes()
        self._draw_reading()
        if self.session.scene is not None:
            self.side.show_state(self.session.scene, state)

    def _draw_gallery(self) -> None:
        """The gallery, and the record of whoever is shown or dragged."""
        gallery, state = self.session.gallery, self.session.state
        if gallery.members and not self._devices:
            self._devices = gallery.sampler.devices()
        self.gallery_panel.setVisible(state.panels.people and bool(gallery.members))
        self.gallery_panel.show_gallery(gallery, state, self._devices)
        self.record.setVisible(gallery.recipe is not None and bool(gallery.record))
        self.attributes.setVisible(not self.record.isVisibleTo(self))
        self.record.show_gallery(gallery)
        if state.display.layout == Layout.PEOPLE:
            self._draw_planes()

    def _has_people(self) -> bool:
        return self.session.catalog is not None and len(self.session.catalog.entries) > 1

    def _draw_planes(self) -> None:
        session = self.session
        if session.scene is not None:
            people = session.people()
            self._unpainted = self.stage.show_state(session.scene, session.state, people, session.drawing.draft)

    def _draw_reading(self) -> None:
        scene, state = self.session.scene, self.session.state
        if scene is not None:
            reading, seen = self.stage.reading(scene, state, self._hover)
            self.readout.show_reading(reading, mark(seen, scene.subject), seen.appearance.times)

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
        self._draw_gallery()
        self.setWindowTitle(f"{subject.name} – mriexplorer")
        self.draw()
        self._say_notices(subject.notices)
        if self.settings is not None and self.session.state.source.paths:
            self.settings.add_recent(Path(self.session.state.source.paths[0]))

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
        self.side.dress(name)

    # -- what a person does ------------------------------------------------------------------------------------

    def enlarge(self, name: str) -> None:
        """One plane large, or all again."""
        self.session.show(layout=Layout.GRID if self.session.state.display.layout in (name, Layout.COMPARE) else name)

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
