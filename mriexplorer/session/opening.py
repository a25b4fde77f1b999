"""From the source of a state to a scene."""

from pathlib import Path

from mriexplorer.render.scene import Scene
from mriexplorer.subject.assemble import Progress
from mriexplorer.subject.catalog import Catalog, find, load
from mriexplorer.subject.reference import load_reference
from mriexplorer.view.state import State


def _catalog_of(state: State) -> Catalog | None:
    """The people at the state's paths; None for the built-in brain. Raises InputError."""
    if not state.source.paths and not state.source.picked:
        return None
    return find([Path(path) for path in state.source.paths], {kind: Path(path) for kind, path in state.source.picked})


def open_scene(
    state: State, progress: Progress = lambda _what: None, catalog: Catalog | None = None
) -> tuple[Catalog | None, Scene]:
    """Load the state's subject, from ``catalog`` where it was looked up before. Raises InputError."""
    catalog = catalog or _catalog_of(state)
    if catalog is None:
        return None, Scene(load_reference(state.source.field, progress))
    return catalog, Scene(load(catalog, state.source.person, dict(state.source.units), progress))


def whole_scene(state: State, progress: Progress = lambda _what: None) -> tuple[Catalog | None, Scene]:
    """Load whatever the state is of, also synthetic people, where no window is open. Raises InputError."""
    if state.source.recipe is None:
        return open_scene(state, progress)
    from mriexplorer.session.sampler import Sampler

    sampler = Sampler()
    scene = sampler.sample(state.source.recipe, state.source.field, progress).scene
    if state.source.beside is not None:
        scene = Scene(scene.subject, sampler.sample(state.source.beside, state.source.field, progress).scene)
    return None, scene
