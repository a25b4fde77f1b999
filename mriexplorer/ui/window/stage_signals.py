"""What the views in the middle of the window wish for, told to the session."""

from collections.abc import Callable

from mriexplorer.render.side_by_side import ComparedPerson
from mriexplorer.session.session import Session
from mriexplorer.ui.planes.plane_view import PlaneView
from mriexplorer.ui.window.stage import Stage
from mriexplorer.view.display import Layout


def connect(stage: Stage, session: Session, enlarge: Callable[[str], None]) -> None:
    """Every view of the stage; ``enlarge`` makes a plane large, or all as they were."""
    for view in stage.views:
        _connect_view(view, session)
    for view in (*stage.planes.views.values(), *stage.cells.views):
        view.cursor_requested.connect(lambda place, view=view: session.move_cursor(view.plane, place))
        view.panned.connect(lambda place, view=view: session.pan(view.plane, place))
        view.enlarged.connect(lambda view=view: enlarge(view.plane))
    for place, view in enumerate(stage.cells.views):
        view.pressed.connect(lambda place=place: session.comparison.choose(place))
        view.numbered.connect(lambda number: session.comparison.choose(number - 1))
    crowd = stage.crowd
    crowd.chosen.connect(lambda person: _open(person, session))
    for view in crowd.views:
        view.cursor_requested.connect(lambda place, view=view: _move_in(crowd.person(view), place, session))
        view.panned.connect(lambda place, view=view: session.centre(crowd.person(view).mm_at(place, session.state)))


def _connect_view(view: PlaneView, session: Session) -> None:
    view.nudged.connect(lambda across, up: session.step(view.plane, across, up, 0))
    view.scrolled.connect(lambda slices: session.step(view.plane, 0, 0, slices))
    view.zoomed.connect(session.zoom)
    view.window_dragged.connect(session.drag_window)
    view.contrast_dragged.connect(lambda across, up, other: session.drag_contrast(across, up, other=other))
    view.drag_ended.connect(session.store.settle)
    view.wiped.connect(session.comparison.wipe)
    drawing = session.drawing
    view.drawn.connect(lambda gesture, place: drawing.do(gesture, view.plane, view.tool, place))
    view.takes = lambda place, mm_a_pixel: drawing.take(view.plane, view.tool, place, mm_a_pixel)
    view.grips = lambda place, mm_a_pixel: drawing.under(view.plane, view.tool, place, mm_a_pixel) is not None


def _move_in(person: ComparedPerson, place: tuple[float, float], session: Session) -> None:
    """The crosshair of people whose whole brain is in memory."""
    if person.whole is not None:
        session.move_to(person.mm_at(place, session.state))


def _open(person: ComparedPerson, session: Session) -> None:
    """One of several people in three planes."""
    session.show(layout=Layout.GRID)
    if person.member is not None:
        session.gallery.show(person.member.recipe)
    elif person.whole is not session.scene:
        session.choose_person(person.whole.subject.name)
