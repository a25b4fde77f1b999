"""Anatomy of synthetic people against that of real ones, by topic."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from mriexplorer.evaluation.chart import Illustrations
from mriexplorer.evaluation.cohort.atlas import DEEP, SIDES
from mriexplorer.evaluation.cohort.comparison import Measure, People, distances, dots, shares, topic_distance
from mriexplorer.evaluation.metric import Metric

GROUP = "anatomy"
_COUNTS = 0.5  # the spread that a count is taken to have at least


@dataclass(frozen=True)
class Topic:
    """Measures whose names begin alike; ``about`` says what of each, with its name as ``{}``."""

    name: str
    title: str
    unit: str
    about: str
    least: float = 0.0

    def measures(self, names: Sequence[str]) -> list[Measure]:
        """Those among names."""
        start = f"{self.name}: "
        chosen = [(name, name.removeprefix(start)) for name in names if name.startswith(start) and "loose" not in name]
        return [Measure(name, name, self.unit, self.about.format(what), self.least) for name, what in chosen]


TOPICS = (
    Topic("volume", "Volumes", "%", "Volume of {} in % of the closed brain."),
    Topic("cortex", "Cortex", "mm, %", "Cortical grey matter, {}: in mm, or in % of it."),
    Topic("sulci", "Sulci", "%", "{} outside the ventricles in % of the lobe: how open its sulci are."),
    Topic("folding", "Folding", "", "Folding of the brain, {}.", 1e-3),
    Topic("asymmetry", "Left and right", "%", "Asymmetry of {}: left less right in % of their mean."),
    Topic("topology", "Topology", "count", "Number of {}: of a body that should be one, whole and without holes.", _COUNTS),
    Topic("deep", "Deep structures", "cm³", "Volume of {}, both sides together, told by grey matter at its place."),
    Topic("labelled", "Labelled structures", "cm³", "Volume of {} in the label map.", 0.01),
    Topic("labelled asymmetry", "Labelled structures, left and right", "%", "Asymmetry of {} in the label map.", 0.1),
)
_SHARES = (
    Topic("in pieces", "Deep structures in pieces", "%", "{} that lies in several pieces, on either side."),
    Topic("present", "Deep structures present", "%", "{} that is there, on both sides."),
    Topic("labelled in pieces", "Labelled structures in pieces", "%", "{} that the label map has in several pieces."),
)


_READ = "Where the intervals of synthetic people do not reach those of real ones, the two differ."
STRUCTURES = (*DEEP, "accumbens", "ventricles")  # that have two sides


def judge_anatomy(synthetic: People, real: People, *, group: str = GROUP) -> tuple[list[Metric], Illustrations]:
    """Metrics and charts of numbers of people as ``anatomy_of`` and ``labels_anatomy`` give them; only what all people have.

    Of each topic one figure for all its measures, then each measure: the distance of means in standard deviations of real people,
    and the ratio of spreads; of what is there or not, the share of people. Raises InputError for too few people.
    """
    one, other = ([by_structure(person) for person in people] for people in (synthetic, real))
    names = [name for name in (one or [{}])[0] if all(name in person for person in [*one, *other])]
    metrics, charts = list[Metric](), []
    for topic in TOPICS:
        if measures := topic.measures(names):
            about = f"{topic.title}: how far means of synthetic and real people lie apart, root mean square of {len(measures)}."
            metrics.append(topic_distance(group, f"{topic.name}: all", about, measures, one, other))
            metrics += distances(group, measures, one, other)
            charts.append(dots(group, topic.title, f"{topic.about.format('each')} {_READ}", measures, one, other))
    for topic in _SHARES:
        metrics += shares(group, topic.measures(names), one, other)
    return metrics, Illustrations(charts=tuple(charts))


def by_structure(person: Mapping[str, float]) -> dict[str, float]:
    """Numbers of a person with both sides of a deep structure put together: volumes added, pieces and presence of either."""
    found = {name: number for name, number in person.items() if not any(f" {side} " in name for side in SIDES)}
    for structure, (old, new, rule) in product(STRUCTURES, _RULES):
        both = [person[name] for side in SIDES if (name := old.format(f"{side} {structure}")) in person]
        if both:
            found[new.format(structure)] = float(rule(both))
    return found


def _in_pieces(counts: list[float]) -> float:
    return float(max(counts) > 1)


_RULES: tuple[tuple[str, str, Callable[[list[float]], float]], ...] = (
    ("deep: {} cm³", "deep: {}", sum),
    ("pieces: {}", "in pieces: {}", _in_pieces),
    ("present: {}", "present: {}", min),
    ("labelled: {} cm³", "labelled: {}", sum),
    ("labelled pieces: {}", "labelled in pieces: {}", _in_pieces),
)
