"""What is looked for when the best contrast of two tissues is: a part of the state, and the question that it makes."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mriexplorer.physics import FIELDS, TISSUES, Parameter, Sequence
from mriexplorer.physics.best import Limits, Question, Sample

if TYPE_CHECKING:
    from mriexplorer.explorer.scene import Scene
    from mriexplorer.explorer.state import State

HERE = "here"  # the voxel under the crosshair, where others name a tissue of the table
CHOICE: dict[str, str] = {name: tissue.label for name, tissue in TISSUES.items()} | {HERE: "Voxel under the crosshair"}


@dataclass(frozen=True)
class Finding:
    """Tissues ``a`` and ``b`` by name, the parameters that are moved, and their ``limits`` by name where they were narrowed.

    Parameters that a sequence lacks give way to those that a drag moves.
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


def finding_of(content: Any) -> Finding:
    """From a state's JSON. Raises ValueError, TypeError or KeyError for anything else."""
    if content is None:
        return Finding()
    limits = tuple((str(name), (float(low), float(high))) for name, (low, high) in content["limits"])
    made = Finding(content["a"], content["b"], str(content["across"]), str(content["up"]), limits, bool(content["per_time"]))
    if made.a not in CHOICE or made.b not in CHOICE:
        raise ValueError("a tissue is not in the table")
    return made


def question(scene: "Scene", state: "State") -> Question | str:
    """What is to be found in this state, or the sentence why nothing can be."""
    finding = state.finding
    if finding.a == finding.b:
        return "Choose two different tissues."
    tissues = [_sample(scene, state, name) for name in (finding.a, finding.b)]
    if tissues[0] is None or tissues[1] is None:
        return "There is no tissue under the crosshair."
    across, up = finding.axes(state.row)
    limits = finding.limits_of(across), finding.limits_of(up)
    names = across.name, up.name
    return Question(state.row, state.protocol, tissues[0], tissues[1], *names, limits, finding.per_time, state.magnitude)


def _sample(scene: "Scene", state: "State", name: str) -> Sample | None:
    """A tissue of the table at the subject's field strength, or the voxel under the crosshair; None where that is air."""
    if name != HERE:
        field = scene.subject.field or state.field
        at = TISSUES[name].at[min(FIELDS, key=lambda known: abs(known - field))]
        return Sample(TISSUES[name].pd, at.t1, at.t2, at.t2star)
    maps, place = scene.subject.maps, scene.voxel(state)
    pd, t1, t2, star = (float(m[place]) for m in (maps.pd, maps.t1, maps.t2, maps.decay_star))
    return Sample(pd, t1, t2, star if star > 0 else t2) if pd > 0 and t1 > 0 and t2 > 0 else None
