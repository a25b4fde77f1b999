"""The judge judged: faults with a known answer are planted into real people, and the figure that is meant for each must move.

    python tests/benchmarks/planted_faults.py STORE FOLDER [--jobs 2] [--only NAME ...]

STORE is a store at 2 mm that ``mriexplorer gather`` made of at least 60 real people. A third of them is left alone as the real
side, a third is changed and given as synthetic, the rest is said to have been trained on. Each fault is written as a store of its
own and judged by the same code as any model; what was measured is kept in FOLDER, so that the command goes on.
"""

import argparse
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from mriexplorer.dataset.store import StoredSession, open_store
from mriexplorer.evaluation.cohort.judge import JudgedPeople, Settings, judge_people
from mriexplorer.evaluation.cohort.sources import PeopleFound, PersonSource
from mriexplorer.evaluation.metric import Metric
from mriexplorer.evaluation.result import EvaluationResult
from mriexplorer.simulation.demons import normalised_intensity
from mriexplorer.workers import Workers

Image = np.ndarray
Change = Callable[[Image, np.random.Generator], Image]
Records = Callable[[list[dict], np.random.Generator], list[dict]]
LIMIT = 2.0  # half widths of its ceiling's interval beyond which an alarm is loud
P = 0.01


@dataclass(frozen=True)
class Fault:
    """A fault: how images or records are changed, who is chosen, and which figures must move (any of each group of words).

    ``may`` are words of figures that see it too, being of the same thing.
    """

    must: tuple[str, ...]
    image: Change | None = None
    records: Records | None = None
    chosen: Callable[[Sequence[PersonSource]], list[PersonSource]] | None = None
    may: tuple[str, ...] = ()
    of: str = "other"  # whose people: other, same (as the real side), trained
    names: tuple[str, ...] = field(default=())


def blurred(image: Image, _random: np.random.Generator) -> Image:
    return np.where(image > 0, gaussian_filter(image, 0.7), 0)


def sharpened(image: Image, _random: np.random.Generator) -> Image:
    return np.where(image > 0, np.clip(2 * image - gaussian_filter(image, 1.0), 0.03, None), 0)


def mirrored(image: Image, _random: np.random.Generator) -> Image:
    return image[::-1].copy()


def with_islands(image: Image, random: np.random.Generator) -> Image:
    """White matter in cortex and grey matter in white matter, as balls of 4 mm, 2 % of the brain."""
    intensity = normalised_intensity(image, image > 0.02)
    levels = [float(np.median(image[np.abs(intensity - at) < 0.06])) for at in (0.5, 1.0)]
    found, wanted = image.copy(), 0.02 * (image > 0.02).sum()
    ball = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3, indexing="ij"), -1).reshape(-1, 3)
    ball = ball[np.square(ball).sum(1) <= 4.5]
    white, grey = gaussian_filter(intensity, 1.5) > 0.9, np.abs(gaussian_filter(intensity, 1) - 0.5) < 0.1
    core = {1.0: np.argwhere(white), 0.5: np.argwhere(grey)}
    for n in range(int(wanted / len(ball))):
        inside, level = ((1.0, levels[0]), (0.5, levels[1]))[n % 2]
        centre = core[inside][random.integers(len(core[inside]))]
        found[tuple((ball + centre).T)] = level
    return found


def shuffled(name: str) -> Records:
    def shuffle(records: list[dict], random: np.random.Generator) -> list[dict]:
        told = [float(value) for value in random.permutation([record[name] for record in records])]
        return [{**record, name: value} for record, value in zip(records, told, strict=True)]

    return shuffle


def young(people: Sequence[PersonSource]) -> list[PersonSource]:
    return [one for one in people if float(one.record.get("age", 0)) < 60]


FAULTS: Mapping[str, Fault] = {
    "identical sets": Fault((), of="same", may=("closest record",)),
    "disjoint halves": Fault(()),
    "one mode dropped (nobody above 60)": Fault(("recall", "coverage", "age", "spread"), chosen=young, may=(
        "AUC", "Fréchet", "kernel", "precision", "density", "volume", "sulci", "cortex", "slope", "correlation", "column", "pair",
        "variance", "topology", "folding", "deep", "fluid", "read from", "MS-SSIM", "memory", "nearest", "T1", "T2", "PD",
        "asymmetry", "implausible", "detection", "quality", "level")),
    "a column shuffled (age)": Fault(("own against mixed-up", "pair"), records=shuffled("age"), may=(
        "slope", "correlation", "read from", "detection", "quality", "implausible", "record")),
    "copied training people": Fault(("near copies",), of="trained", may=("nearest trained",)),
    "blurred": Fault(("spectral power above",), image=blurred, may=("spectral",)),
    "sharpened": Fault(("spectral power above",), image=sharpened, may=("spectral",)),
    "left-right mirrored": Fault(("asymmetry",), image=mirrored, may=(
        "AUC", "asymmetry", "Fréchet", "kernel", "precision", "coverage", "recall", "density")),
    "one hemisphere exchanged": Fault(("asymmetry",), may=(
        "AUC", "topology", "Fréchet", "kernel", "precision", "coverage", "recall", "density", "correlation", "slope", "read from",
        "own against")),  # half of each brain is of somebody of another age
    "2 % islands": Fault(("topology",), image=with_islands, may=("AUC", "topology", "cortex", "spectral", "Fréchet", "kernel",
                         "precision", "folding", "recall", "density", "coverage", "spread", "volume", "deep", "in pieces",
                         "MS-SSIM")),
}  # fmt: skip


# -- planting --------------------------------------------------------------------------------------------------


def planted(name: str, fault: Fault, people: Sequence[PersonSource], folder: Path) -> list[PersonSource]:
    """The people with the fault, as entries of files of their own."""
    people = fault.chosen(people) if fault.chosen else list(people)
    records = [dict(one.record) for one in people]
    if fault.records:
        records = fault.records(records, np.random.default_rng(1))
    found = []
    for place, (one, record) in enumerate(zip(people, records, strict=True)):
        entry = one.entry
        if fault.image is not None or name == "one hemisphere exchanged":
            entry = _written(name, fault, people, place, folder)
        found.append(PersonSource(one.name, one.person, "", record, entry=entry))
    return found


def _written(name: str, fault: Fault, people: Sequence[PersonSource], place: int, folder: Path) -> StoredSession:
    from dataclasses import replace

    entry = people[place].entry
    home = folder / "planted" / name.replace(" ", "_").replace("%", "percent") / entry.name.replace(" ", "+")
    if not (home / "images.npy").is_file():
        home.mkdir(parents=True, exist_ok=True)
        image = _t1w(entry)
        if fault.image is not None:
            image = fault.image(image, np.random.default_rng(place))
        else:
            other = _t1w(people[(place + 1) % len(people)].entry)
            half = image.shape[0] // 2
            image = np.concatenate([other[:half], image[half:]])
        np.save(home / "images.npy", image[None].astype(np.float16))
    return replace(entry, folder=home, kinds=("T1w",), has_maps=False, has_labels=False)


def _t1w(entry: StoredSession) -> Image:
    return np.asarray(entry.images[entry.kinds.index("T1w")], np.float32)


# -- judging ---------------------------------------------------------------------------------------------------


def judged(name: str, fault: Fault, thirds: Sequence[list[PersonSource]], folder: Path, jobs: int) -> EvaluationResult:
    real, other, trained = thirds
    whose = {"same": real, "other": other, "trained": trained}[fault.of]
    people = planted(name, fault, whose, folder)
    everybody = JudgedPeople(folder, PeopleFound(folder / name, tuple(people), ()), tuple(real), tuple(trained))
    measured = folder / "measured"
    with Workers(jobs) as workers:
        settings = Settings(network=False, shown=False)
        return judge_people(name, everybody, measured, workers, lambda _what: None, settings).result


def _is(metric: Metric, words: Sequence[str]) -> bool:
    told = f"{metric.group} {metric.name}"
    return any(word in told for word in words)


def row(name: str, fault: Fault, result: EvaluationResult) -> str:
    """A line of the table in docs/evaluation.md."""
    meant = sorted((m for m in result.metrics if _is(m, fault.must)), key=lambda m: (m.p if np.isfinite(m.p) else 1, -m.excess))
    others = [m for m in result.metrics if m.alarm and m.excess > LIMIT and not _is(m, (*fault.must, *fault.may))]
    found = "; ".join(f"{m.name} {m.value:.3g} ({m.ceiling.value:.3g}), p {m.p:.3f}" for m in meant[:2]) if meant else "no alarm"
    verdict = "yes" if (not fault.must or (meant and meant[0].p < P)) and not others else "NO"
    return f"| {name} | {found} | {', '.join(f'{m.name} ({m.excess:.1f})' for m in others) or 'none'} | {verdict} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(FAULTS))
    options = parser.parse_args()
    entries = {entry.person: entry for entry in open_store(options.store).entries if "T1w" in entry.kinds}
    people = [PersonSource(e.name, e.person, e.set, e.record, entry=e) for e in entries.values()]
    order = np.random.default_rng(0).permutation(len(people))
    n = len(people) // 3
    thirds = [[people[place] for place in order[start : start + n]] for start in (0, n, 2 * n)]
    print("| planted | the figure that is meant for it (ceiling) | other loud alarms | passed |\n| --- | --- | --- | --- |")
    for name in options.only:
        result = judged(name, FAULTS[name], thirds, options.folder, options.jobs)
        told = json.dumps([metric.plain() for metric in result.metrics], default=float)
        (options.folder / f"{name.replace(' ', '_')}.json").write_text(told)
        print(row(name, FAULTS[name], result), flush=True)
    shutil.rmtree(options.folder / "planted", ignore_errors=True)


if __name__ == "__main__":
    main()
