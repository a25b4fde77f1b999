"""What is looked for when the best contrast of two tissues is: a part of the state, and the question that it makes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mriexplorer.physics import TISSUES, Parameter, Sequence
from mriexplorer.physics.best import Limits
from mriexplorer.view.region import Region

HERE = "here"  # the voxel under the crosshair, where others name a tissue of the table
_REGION = "region "  # and the name of one
CHOICE: dict[str, str] = {name: tissue.label for name, tissue in TISSUES.items()} | {HERE: "Voxel under the crosshair"}


@dataclass(frozen=True)
class ContrastSearch:
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

    def axes(self, sequence: Sequence) -> tuple[Parameter, Parameter]:
        """The two parameters of a sequence, always different ones."""
        names = [p.name for p in sequence.parameters]
        across = self.across if self.across in names else next(n for n in sequence.drag if n != self.up)
        up = (
            self.up
            if self.up in names and self.up != across
            else next(n for n in (sequence.drag[1], *sequence.drag) if n != across)
        )
        return sequence.parameter(across), sequence.parameter(up)

    def limits_of(self, parameter: Parameter) -> Limits:
        """Between which values a parameter is searched: by default all of its range."""
        low, high = dict(self.limits).get(parameter.name, (parameter.low, parameter.high))
        low, high = parameter.clip(low), parameter.clip(high)
        return (low, high) if low < high else (parameter.low, parameter.high)

    def with_axes(self, across: str, up: str) -> "ContrastSearch":
        """Other parameters."""
        return replace(self, across=across, up=up)

    def with_limits(self, name: str, limits: Limits) -> "ContrastSearch":
        """Other limits of a parameter."""
        return replace(self, limits=tuple({**dict(self.limits), name: limits}.items()))

    def renamed(self, region: str, new: str) -> "ContrastSearch":
        """A region has another name."""
        a, b = (of_region(new) if name == of_region(region) else name for name in (self.a, self.b))
        return replace(self, a=a, b=b)


def is_choice(name: str) -> bool:
    """Whether a name can be a tissue that is searched for; the region it names may be gone."""
    return name in CHOICE or name.startswith(_REGION)


def of_region(name: str) -> str:
    """How a search names a region."""
    return _REGION + name


def choice(regions: Iterable[Region]) -> dict[str, str]:
    """What can be told apart: tissues of the table, the voxel under the crosshair, regions. Labels by name."""
    return CHOICE | {of_region(region.name): f"Region {region.name}" for region in regions}
