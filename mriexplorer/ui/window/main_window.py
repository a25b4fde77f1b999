"""The window: connects what its widgets ask for to the session, and says what draws what."""

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.render.scene import Scene
from mriexplorer.ui.menus.command import Desk
from mriexplorer.ui.menus.compare_menu import cell_menu, compare_menu
from mriexplorer.ui.menus.contrast_menu import contrast_menu
from mriexplorer.ui.menus.edit_menu import EDIT_MENU
from mriexplorer.ui.menus.file_menu import export_person, file_menu
from mriexplorer.ui.menus.help_menu import HELP_MENU
from mriexplorer.ui.menus.menus import Menus, context_menu
from mriexplorer.ui.menus.view_menu import VIEW_MENU
from mriexplorer.ui.panels.compare_panel import ComparePanel
from mriexplorer.ui.panels.contrast_panel import ContrastPanel
from mriexplorer.ui.panels.display_panel import DisplayPanel
from mriexplorer.ui.panels.gallery_panel import GalleryPanel
from mriexplorer.ui.panels.lesson_panel import WIDTH as LESSON_WIDTH
from mriexplorer.ui.panels.lesson_panel import LessonPanel
from mriexplorer.ui.panels.people_panel import WIDTH, PeoplePanel
from mriexplorer.ui.panels.record_panel import RecordPanel
from mriexplorer.ui.panels.subject_panels import AttributesPanel, MapsPanel
from mriexplorer.ui.planes.mouse import bindings
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.opening import Opening
from mriexplorer.ui.window.pixel_ratio import PixelRatio
from mriexplorer.ui.window.readout import Readout
from mriexplorer.ui.window.redraw import Redraw
from mriexplorer.ui.window.session_window import SessionWindow
from mriexplorer.ui.window.settings import UserSettings
from mriexplorer.ui.window.sharing import Sharing
from mriexplorer.ui.window.side_panel import PanelTabs
from mriexplorer.ui.window.stage import SEEN, Stage
from mriexplorer.ui.window.stage_signals import StageSignals
from mriexplorer.ui.window.top_bar import TopBar
from mriexplorer.view.display import Layout
from mriexplorer.view.session_file import is_session
from mriexplorer.view.state import State

_SIDE = 320
_GUTTER = 10  # kept for the scroll bar, so that nothing moves when it comes
_PATIENCE = 400  # ms; what is opened faster is not announced


class MainWindow(SessionWindow):
    """Holds nothing of its own: the session's state is the truth."""

    def __init__(self, state: State, settings: UserSettings | None = None) -> None:
        super().__init__(state, settings)
        session = self.session
        self.redraw = Redraw(session.workspace)
        self.side = PanelTabs(session, self.redraw, self.enlarge)
        self.stage = Stage(self, session, self.side)
        self.planes = self.stage.planes
        self.top, self.readout = TopBar(), Readout(self.stage.reading, self.redraw)
        self.contrast, self.display, self.compare = ContrastPanel(), DisplayPanel(), ComparePanel()
        self.attributes, self.maps = AttributesPanel(), MapsPanel()
        self.people, self.gallery_panel, self.record = PeoplePanel(), GalleryPanel(), RecordPanel()
        self.lesson = LessonPanel(session.lesson_player)
        self.sharing = Sharing(self)
        self._desk = Desk(self, Opening(self), self.sharing, lambda: self.menus.shortcuts)
        table = (file_menu(), EDIT_MENU, VIEW_MENU, contrast_menu(), compare_menu(), HELP_MENU)
        self.menus = Menus(self.top.menus, table, self._desk)
        self._devices: tuple[str, ...] = ()
        self._announced = ""
        self._theme: str = state.appearance.theme
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE)
        self._waiting.timeout.connect(lambda: self.banner.working(self._announced))
        self.setWindowTitle("mriexplorer")
        self.setAcceptDrops(True)
        self._lay_out()
        self._register()
        self._listen()
        self._connect()
        self._connect_gallery()
        self._connect_compare()
        self._draw_gallery()
        self.top.menus.setMinimumWidth(self.top.menus.sizeHint().width())
        self._restore()

    # -- building ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.setMenuWidget(self.top)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(2)
        row.addWidget(self._beside(), 1)
        row.addWidget(self._column())
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

    def _beside(self) -> QSplitter:
        """What has a border to drag: lesson, people, and the stage."""
        beside = QSplitter()
        for widget in (self.lesson, self.people, self.gallery_panel, self.stage):
            beside.addWidget(widget)
        beside.setChildrenCollapsible(False)
        beside.setHandleWidth(4)
        beside.setStretchFactor(3, 1)
        beside.setSizes([LESSON_WIDTH, WIDTH, WIDTH, 10 * WIDTH])
        return beside

    def _column(self) -> QScrollArea:
        """Sections at the right, which fold and scroll."""
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
        return scroll

    def _register(self) -> None:
        """Who is drawn when what changes. Panels beside the planes are registered when they are built."""
        redraw, gallery, lesson, stage = self.redraw, self.gallery_panel, self.lesson, self.stage
        redraw.register(frozenset({"appearance.theme"}), lambda _scene, state: self.dress(state.appearance.theme))
        redraw.register(frozenset({"display.layout"}), lambda _scene, state: stage.arrange(state.display.layout))
        for one in (self.top, self.contrast, self.display, self.compare, self.menus):
            redraw.register(one.depends, one.show_state)
        redraw.register(frozenset({"panels.people"}), self._show_lists)
        redraw.register(frozenset({"contrast", "display.windows", "source"}), gallery.show_state, seen=gallery)
        redraw.register(frozenset({"panels.lesson"}), lesson.show_state)
        redraw.register(lesson.depends, lesson.show_state, seen=lesson)
        redraw.register(stage.flicker.depends, stage.flicker.show_state)
        redraw.register(SEEN, stage.show_state)
        redraw.register(SEEN, self.readout.show_state)
        redraw.register(self.side.depends, self.side.show_state)
        redraw.reach_changed = self.menus.show_reach

    def _listen(self) -> None:
        """What the session tells."""
        session, workspace = self.session, self.session.workspace
        workspace.progress, workspace.error, workspace.subject_changed = self._progress, self._error, self._subject_changed
        session.drawing.changed = self.stage.draw
        session.gallery.changed = self._draw_gallery
        session.gallery.estimated = self.attributes.show_estimates
        session.gallery.sampler.notice = lambda sentence: self.post(lambda: self.banner.say(sentence))

    def _connect(self) -> None:
        session, top, display, contrast = self.session, self.top, self.display, self.contrast
        top.person_requested.connect(session.choose_person)
        self.people.person_requested.connect(session.choose_person)
        top.field_requested.connect(session.choose_field)
        top.sequence_requested.connect(session.choose_sequence)
        top.preset_requested.connect(session.apply_preset)
        top.tool_requested.connect(self.stage.use_tool)
        top.tool_requested.connect(lambda tool: session.drawing.do("abandon", "", tool, None))
        contrast.requested.connect(session.set_value)
        contrast.settled.connect(session.store.settle)
        contrast.expert_requested.connect(lambda expert: session.show_panels(expert=expert))
        contrast.reset_requested.connect(session.reset_contrast)
        contrast.preset_shown.connect(top.show_preset)
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
        self.side.requested.connect(lambda name: session.show_panels(side=name))
        self._connect_stage()
        self._connect_lesson()

    def _connect_stage(self) -> None:
        self._stage_signals = StageSignals(self.stage, self.session, self.enlarge)
        self.stage.painted.connect(self.readout.show_frame)
        self.stage.pointed.connect(self._draw_reading)
        for view in self.stage.cells.views:
            view.menu_requested.connect(self._show_cell_menu)
        self.mouse_bound.connect(self._bind_views)
        PixelRatio(self).changed.connect(self.stage.draw)

    def _connect_gallery(self) -> None:
        gallery, panel, record = self.session.gallery, self.gallery_panel, self.record
        self.top.sample_requested.connect(gallery.sample)
        self.attributes.estimate_requested.connect(gallery.estimate)
        panel.sample_requested.connect(gallery.sample)
        panel.shown_requested.connect(gallery.show)
        panel.compare_requested.connect(gallery.compare)
        panel.between_requested.connect(gallery.between)
        panel.keep_requested.connect(lambda recipe, kept: gallery.keep(recipe, kept=kept))
        panel.remove_requested.connect(gallery.remove)
        panel.empty_requested.connect(gallery.empty)
        panel.export_requested.connect(lambda: export_person(self._desk))
        panel.device_requested.connect(gallery.choose_device)
        record.requested.connect(lambda name, value, settled: gallery.set_condition(name, value, settled=settled))
        record.released.connect(gallery.settle)
        record.freed.connect(gallery.free)
        record.drawn_requested.connect(gallery.free)
        record.share_requested.connect(lambda share, settled: gallery.share(share, settled=settled))

    def _connect_lesson(self) -> None:
        player, lesson = self.session.lesson_player, self.lesson
        lesson.lesson_requested.connect(player.open)
        lesson.turned.connect(player.turn)
        lesson.set_requested.connect(player.set_up)
        lesson.closed.connect(player.close)

    def _connect_compare(self) -> None:
        session, commands, panel = self.session, self.session.comparison, self.compare
        panel.layout_requested.connect(commands.lay_out)
        panel.layout_requested.connect(self._draw_compare)  # where it was refused
        panel.plane_requested.connect(lambda plane: session.show(plane=plane))
        panel.together_requested.connect(commands.set_together)
        panel.pin_requested.connect(commands.pin)
        panel.unpin_requested.connect(commands.unpin)
        panel.way_requested.connect(commands.compare)
        panel.rate_requested.connect(commands.set_rate)

    def _restore(self) -> None:
        if self.settings is not None:
            self.restoreGeometry(self.settings.geometry)
            self.bind(bindings(self.settings.mouse), wheel_zooms=self.settings.wheel_zooms)
            self.session.gallery.choose_device(self.settings.device)
            self.session.gallery.sampler.precision = self.settings.precision

    def _bind_views(self) -> None:
        for view in self.stage.views:
            view.bindings, view.wheel_zooms = self.bindings, self.wheel_zooms

    # -- drawing -----------------------------------------------------------------------------------------------

    def _draw_gallery(self) -> None:
        """The gallery, and the record of whoever is shown or dragged."""
        gallery, state = self.session.gallery, self.session.state
        if gallery.members and not self._devices:
            self._devices = gallery.sampler.devices()
        self.gallery_panel.show_gallery(gallery, state, self._devices)
        self.record.setVisible(gallery.recipe is not None and bool(gallery.record))
        self.attributes.setVisible(not self.record.isVisibleTo(self))
        self.record.show_gallery(gallery)
        if state.display.layout == Layout.PEOPLE:
            self.stage.draw()

    def _has_people(self) -> bool:
        return self.session.catalog is not None and len(self.session.catalog.entries) > 1

    def _show_lists(self, scene: Scene, state: State) -> None:
        """The people of a dataset, and the gallery, where they are not folded away."""
        self.people.setVisible(state.panels.people and self._has_people())
        self.gallery_panel.show_state(scene, state)

    def _draw_compare(self) -> None:
        if self.session.scene is not None:
            self.compare.show_state(self.session.scene, self.session.state)

    def _draw_reading(self) -> None:
        if self.session.scene is not None:
            self.readout.show_state(self.session.scene, self.session.state)

    def _subject_changed(self, scene: Scene) -> None:
        """Another subject is open."""
        subject = scene.subject
        self.stage.leave()
        self.top.show_people(self.session.catalog, subject.name, subject.field)
        self._show_people()
        self.attributes.show_subject(subject)
        self.maps.show_subject(subject)
        self._draw_gallery()
        self.setWindowTitle(f"{subject.name} – mriexplorer")
        self.redraw.everything()
        self._say_notices(subject.notices)
        if self.settings is not None and self.session.state.source.paths:
            self.settings.add_recent(Path(self.session.state.source.paths[0]))

    def _show_people(self) -> None:
        """Who is in the dataset, and who is shown: also after somebody could not be opened."""
        shown = self.session.scene.subject.name if self.session.scene else ""
        self.people.show_people(self.session.catalog if self._has_people() else None, shown)

    def _say_notices(self, notices: tuple[str, ...]) -> None:
        if not notices:
            self.banner.hide()
            return
        more = f"  ({len(notices) - 1} more under Maps)" if len(notices) > 1 else ""
        self.banner.say(notices[0] + more)

    def _progress(self, what: str) -> None:
        """What a job is doing; it is shown only where it takes long enough to be noticed."""
        self._announced = what
        if not what:
            self._waiting.stop()
            self._say_notices(self.session.scene.subject.notices if self.session.scene else ())
        elif self.banner.is_working:
            self.banner.working(what)
        elif not self._waiting.isActive():
            self._waiting.start()

    def _error(self, sentence: str) -> None:
        self.banner.say(sentence, severe=True)
        self._show_people()

    def dress(self, name: str) -> None:
        """Put on a theme, unless it is worn already: styles are worked out anew, which takes long."""
        if name == self._theme:
            return
        self._theme = name
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101 a window cannot be without
        theme.apply(application, name)
        self.readout.dress(name)
        self.lesson.dress(name)
        self.side.dress(name)

    # -- what a person does ------------------------------------------------------------------------------------

    def enlarge(self, layout: Layout) -> None:
        """One plane or the panel beside the planes large, or all again."""
        now = self.session.state.display.layout
        self.session.show(layout=Layout.GRID if now in (layout, Layout.COMPARE) else layout)

    def _show_cell_menu(self, view: PlaneView, at: QPoint) -> None:
        """The context menu of a cell, which the click chose."""
        entries = cell_menu(self.stage.cells.views.index(view), len(self.session.state.contrasts))
        context_menu(entries, self._desk).popup(at)

    def offer_scans(self, paths: list[Path]) -> None:
        """Show what scans are recognised as, and encode them if that is asked for."""
        self._desk.opening.offer_scans(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            if is_session(paths):
                self.sharing.open_session(paths[0])
            else:
                self._desk.opening.dropped(paths)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.stage.flicker.run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stage.flicker.run()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.stage.flicker.run()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.session.loading.close()
        self.session.volumetry.close()
        self.sharing.close()
        self.people.close_pictures()
        if self.settings is not None:
            self.settings.remember(self.session.state, self.saveGeometry())
        super().closeEvent(event)
