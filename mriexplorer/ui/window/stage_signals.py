"""What a person does in the views in the middle of the window, passed on to the session."""

from collections.abc import Callable

from mriexplorer.render.side_by_side import ComparedPerson
from mriexplorer.session.session import Place, Session
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.stage import Stage
from mriexplorer.view.display import Layout


class StageSignals:
    """Every view of the stage, connected; ``enlarge`` makes a plane large, or all as they were."""

    def __init__(self, stage: Stage, session: Session, enlarge: Callable[[Layout], None]) -> None:
        self._stage, self._session, self._enlarge = stage, session, enlarge
        for view in stage.views:
            self._connect(view)
        for view in (*stage.planes.views.values(), *stage.cells.views):
            view.cursor_requested.connect(self._move)
            view.panned.connect(self._pan)
            view.enlarged.connect(self._make_large)
        for view in stage.cells.views:
            view.pressed.connect(self._choose)
            view.numbered.connect(self._choose_by_number)
        for view in stage.crowd.views:
            view.cursor_requested.connect(self._move_in_person)
            view.panned.connect(self._centre_in_person)
        stage.crowd.chosen.connect(self._open)

    def _connect(self, view: PlaneView) -> None:
        """What all views have in common."""
        session, drawing = self._session, self._session.drawing
        view.nudged.connect(session.step)
        view.zoomed.connect(session.zoom)
        view.window_dragged.connect(session.drag_window)
        view.contrast_dragged.connect(self._drag_contrast)
        view.drag_ended.connect(session.store.settle)
        view.wiped.connect(session.comparison.wipe)
        view.drawn.connect(drawing.do)
        view.takes, view.grips = drawing.take, drawing.under

    def _drag_contrast(self, across: float, up: float, other: bool) -> None:
        self._session.drag_contrast(across, up, other=other)

    # -- planes and contrasts ----------------------------------------------------------------------------------

    def _move(self, view: PlaneView, place: Place) -> None:
        self._session.move_cursor(view.plane, place)

    def _pan(self, view: PlaneView, place: Place) -> None:
        self._session.pan(view.plane, place)

    def _make_large(self, view: PlaneView) -> None:
        self._enlarge(Layout(view.plane))

    def _choose(self, view: PlaneView) -> None:
        self._session.comparison.choose(self._stage.cells.views.index(view))

    def _choose_by_number(self, number: int) -> None:
        self._session.comparison.choose(number - 1)

    # -- people ------------------------------------------------------------------------------------------------

    def _move_in_person(self, view: PlaneView, place: Place) -> None:
        """The crosshair of people whose whole brain is in memory."""
        person = self._stage.crowd.person(view)
        if person.whole is not None:
            self._session.move_to(person.mm_at(place, self._session.state))

    def _centre_in_person(self, view: PlaneView, place: Place) -> None:
        self._session.centre(self._stage.crowd.person(view).mm_at(place, self._session.state))

    def _open(self, person: ComparedPerson) -> None:
        """One of several people in three planes."""
        self._session.show(layout=Layout.GRID)
        if person.member is not None:
            self._session.gallery.show(person.member.recipe)
        elif person.whole is not None and person.whole is not self._session.scene:
            self._session.choose_person(person.whole.subject.name)
