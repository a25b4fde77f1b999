"""What is looked for when the best contrast of two tissues is: a part of the state, and the question that it makes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mriexplorer.explorer.measuring.region import Region
from mriexplorer.physics import FIELDS, TISSUES, Parameter, Sequence
from mriexplorer.physics.best import Limits, Question, Sample

if TYPE_CHECKING:
    from mriexplorer.explorer.scene import Scene
    from mriexplorer.explorer.state import State

HERE = "here"  # the voxel under the crosshair, where others name a tissue of the table
_REGION = "region "  # and the name of one
CHOICE: dict[str, str] = {name: tissue.label for name, tissue in TISSUES.items()} | {HERE: "Voxel under the crosshair"}


@dataclass(frozen=True)
class Finding:
    """Tissues ``a`` and ``b``, the parameters that are moved, and their ``limits`` by name where they were narrowed.

    A tissue is named as in the table, or ``HERE``, or as ``of_region`` says. Parameters that a sequence lacks give way to those
    that a drag moves.
    """

    a: str = "wm"
    b: str = "gm"
    across: str = ""
    up: str = ""
    limits: tuple[tuple[str, Limits], ...] = ()
    per_time: bool = True

    def axes(self, row: Sequence) -> tuple[Parameter, Parameter]:
        """The two parameters of a sequence, always different ones."""
        names = [p.name for p in row.parameters]
        across = self.across if self.across in names else next(n for n in row.drag if n != self.up)
        up = self.up if self.up in names and self.up != across else next(n for n in (row.drag[1], *row.drag) if n != across)
        return row.parameter(across), row.parameter(up)

    def limits_of(self, parameter: Parameter) -> Limits:
        """Between which values a parameter is searched: by default all of its range."""
        low, high = dict(self.limits).get(parameter.name, (parameter.low, parameter.high))
        low, high = parameter.clip(low), parameter.clip(high)
        return (low, high) if low < high else (parameter.low, parameter.high)

    def with_axes(self, across: str, up: str) -> "Finding":
        """Other parameters."""
        return replace(self, across=across, up=up)

    def with_limits(self, name: str, limits: Limits) -> "Finding":
        """Other limits of a parameter."""
        return replace(self, limits=tuple({**dict(self.limits), name: limits}.items()))

    def renamed(self, region: str, new: str) -> "Finding":
        """A region has another name."""
        a, b = (of_region(new) if name == of_region(region) else name for name in (self.a, self.b))
        return replace(self, a=a, b=b)


def is_choice(name: str) -> bool:
    """Whether a name can be a finding's tissue; the region it names may be gone."""
    return name in CHOICE or name.startswith(_REGION)


def of_region(name: str) -> str:
    """How a finding names a region."""
    return _REGION + name


def choice(regions: Iterable[Region]) -> dict[str, str]:
    """What can be told apart: tissues of the table, the voxel under the crosshair, regions. Labels by name."""
    return CHOICE | {of_region(region.name): f"Region {region.name}" for region in regions}


def question(scene: "Scene", state: "State") -> Question | str:
    """What is to be found in this state, or the sentence why nothing can be."""
    finding = state.finding
    if finding.a == finding.b:
        return "Choose two different tissues."
    tissues = [_samples(scene, state, name) for name in (finding.a, finding.b)]
    if isinstance(tissues[0], str) or isinstance(tissues[1], str):
        return next(one for one in tissues if isinstance(one, str))
    across, up = finding.axes(state.row)
    limits = finding.limits_of(across), finding.limits_of(up)
    names = across.name, up.name
    return Question(state.row, state.protocol, tissues[0], tissues[1], *names, limits, finding.per_time, state.magnitude)


def _samples(scene: "Scene", state: "State", name: str) -> tuple[Sample, ...] | str:
    """A tissue of the table at the subject's field strength, the voxel under the crosshair, a region; else why there is none."""
    if name in TISSUES:
        field = scene.subject.field or state.field
        at = TISSUES[name].at[min(FIELDS, key=lambda known: abs(known - field))]
        return (Sample(TISSUES[name].pd, at.t1, at.t2, at.t2star),)
    if name == HERE:
        maps, place = scene.subject.maps, scene.voxel(state)
        pd, t1, t2, star = (float(m[place]) for m in (maps.pd, maps.t1, maps.t2, maps.decay_star))
        found = pd > 0 and t1 > 0 and t2 > 0
        return (Sample(pd, t1, t2, star if star > 0 else t2),) if found else "There is no tissue under the crosshair."
    region = next((region for region in state.regions if of_region(region.name) == name), None)
    if region is None:
        return f"{name.capitalize()} was removed; choose another."
    return scene.regions.held(region).samples or f"There is no tissue in region {region.name}."
