"""From what a state looks for to the question that the search for the best contrast answers."""

from mriexplorer.measure.masks import roi_masks
from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.physics.best import Question, Sample
from mriexplorer.render.scene import Scene
from mriexplorer.view.contrast_search import HERE, of_region
from mriexplorer.view.state import State


def question(scene: Scene, state: State) -> Question | str:
    """What is to be found in this state, or the sentence why nothing can be."""
    search = state.panels.search
    if search.a == search.b:
        return "Choose two different tissues."
    tissues = [_samples(scene, state, name) for name in (search.a, search.b)]
    if isinstance(tissues[0], str) or isinstance(tissues[1], str):
        return next(one for one in tissues if isinstance(one, str))
    across, up = search.axes(state.sequence)
    limits = search.limits_of(across), search.limits_of(up)
    names = across.name, up.name
    return Question(state.protocol, tissues[0], tissues[1], *names, limits, search.per_time, state.contrast.magnitude)


def _samples(scene: Scene, state: State, name: str) -> tuple[Sample, ...] | str:
    """A tissue of the table at the subject's field strength, the voxel under the crosshair, a region; else why there is none."""
    if name in TISSUES:
        field = scene.subject.field or state.source.field
        at = TISSUES[name].at[min(FIELDS, key=lambda known: abs(known - field))]
        return (Sample(TISSUES[name].pd, at.t1, at.t2, at.t2star),)
    if name == HERE:
        maps, place = scene.subject.maps, scene.voxel(state)
        pd, t1, t2, star = (float(m[place]) for m in (maps.pd, maps.t1, maps.t2, maps.decay_star))
        found = pd > 0 and t1 > 0 and t2 > 0
        return (Sample(pd, t1, t2, star if star > 0 else t2),) if found else "There is no tissue under the crosshair."
    region = next((region for region in state.measurement.regions if of_region(region.name) == name), None)
    if region is None:
        return f"{name.capitalize()} was removed; choose another."
    return roi_masks(scene).voxels_of(region).samples or f"There is no tissue in region {region.name}."
