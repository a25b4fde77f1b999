"""Figures of the model of people, against models and people whose figures are known without computing them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.ndimage import gaussian_filter
from scipy.stats import norm

from mriexplorer.dataset.shapes import BrainShape
from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.evaluation import people as figures
from mriexplorer.evaluation import people_report as report
from mriexplorer.evaluation.people import ImageStatistics
from mriexplorer.generative.folding.model import load_folding
from mriexplorer.generative.joint.basis import Basis
from mriexplorer.generative.joint.columns import fitted
from mriexplorer.generative.joint.gaussian import Normal
from mriexplorer.generative.joint.model import JointModel, load_joint
from mriexplorer.generative.joint.network import JointNetwork, JointNetworkPlan
from mriexplorer.generative.joint.people import Participant
from mriexplorer.generative.joint.sample import sample_subjects
from mriexplorer.places import FOLDING, PEOPLE, models
from mriexplorer.simulation.demons import normalised_intensity
from mriexplorer.simulation.person import grid_of
from mriexplorer.simulation.shape import KNOTS

CPU = torch.device("cpu")
SHAPE = 8  # numbers of a shape
AGE, NWBV = (55.0, 12.0), (0.8, 0.03)  # mean and standard deviation of everybody
R = -0.7  # of nWBV with age
QUANTILES = (np.arange(400) + 0.5) / 400


def silent(_what: str) -> None:
    """Progress that nobody hears."""


# -- a model that is a normal distribution ---------------------------------------------------------------------


def records() -> list[dict[str, float | str]]:
    """Records whose ages and nWBV are normally distributed, half of them women."""
    ages, shares = (mean + sd * norm.ppf(QUANTILES) for mean, sd in (AGE, NWBV))
    rest = {"study": "a", "ethnicity": "White", "education_years": 12.0, "mmse": 29.0, "cdr": 0.0}
    spread = [{"height_cm": 170.0 + z, "weight_kg": 70.0 + z, "etiv_cm3": 1500.0 + 100 * z, "ventricles": 2.0 + 0.1 * z}
              for z in norm.ppf(QUANTILES)]  # fmt: skip
    return [
        {**rest, **more, "age": float(age), "nwbv": float(share), "sex": "FM"[place % 2]}
        for place, (age, share, more) in enumerate(zip(ages, shares, spread, strict=True))
    ]


def basis() -> Basis:
    """Eight orthogonal waves at a few knots."""
    region = np.zeros(KNOTS, bool)
    region[20:24, 20:24, 20:22] = True
    count = 3 * int(region.sum())
    waves = np.linalg.qr(np.random.default_rng(0).normal(size=(count, SHAPE)))[0].T
    return Basis(region, np.zeros(count, np.float32), (5 * waves).astype(np.float32))


def model_of(mean: np.ndarray | None = None, covariance: np.ndarray | None = None, **links: float) -> JointModel:
    """Everybody normally distributed; ``links`` are correlations with age, of a column or of the shape's first number."""
    columns = fitted(records())
    names = [column.name for column in columns] + [f"shape{n}" for n in range(SHAPE)]
    table = np.eye(len(names)) if covariance is None else covariance
    for name, r in links.items():
        place = names.index(name)
        table[names.index("age"), place] = table[place, names.index("age")] = r
    network = JointNetwork(JointNetworkPlan(shape=SHAPE, width=16, blocks=1, heads=2), len(columns)).eval()
    network.take(Normal(np.zeros(len(names)) if mean is None else mean, table))
    return JointModel("known", network, columns, basis(), (0.0, 1.0), (0.0, 1.0))


def person_of(model: JointModel, number: int, record: dict[str, float | str], shape: np.ndarray, folder: Path) -> Participant:
    """Somebody with a record and the numbers of a shape."""
    file = folder / f"{number}.npy"
    np.save(file, model.basis.velocity(shape).astype(np.float16))
    entry = StoredSession(f"p{number}", folder, ("T1w",), {}, record, "test", f"p{number}", "", 1.5, False, False)
    return Participant(f"p{number}", "test", record, BrainShape(entry, file, 0.02, 0.14))


def people_of(model: JointModel, count: int, folder: Path, first: int = 10_000) -> list[Participant]:
    """People of a model itself, by other seeds than its figures take."""
    folder.mkdir()
    made = sample_subjects(model, range(first, first + count))
    shapes = [person.scores[len(model.columns) :] for person in made]
    return [person_of(model, n, p.record, shape, folder) for n, (p, shape) in enumerate(zip(made, shapes, strict=True))]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer people and steps than the figures of a release."""
    monkeypatch.setattr(figures, "MANY", 150)
    monkeypatch.setattr(figures, "FINE", 40)


# -- distances -------------------------------------------------------------------------------------------------


def exactly(mean: np.ndarray, covariance: np.ndarray, seed: int, count: int = 60) -> np.ndarray:
    """Numbers (people, numbers) whose sample mean and covariance are these to the last digits."""
    rows = np.random.default_rng(seed).normal(size=(count, len(mean)))
    rows -= rows.mean(0)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(rows.T)), rows.T).T
    return white @ np.linalg.cholesky(covariance).T + mean


def spread_along(values: list[float], seed: int) -> np.ndarray:
    """A covariance with these variances along axes of its own."""
    axes = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))[0]
    return axes * values @ axes.T


def test_the_distance_of_distributions_with_common_axes() -> None:
    """|difference of means|² + sum of (difference of standard deviations)²."""
    one = exactly(np.array([1.0, -2.0, 0.5]), spread_along([4.0, 1.0, 0.25], 5), 1)
    other = exactly(np.array([0.0, 0.0, 0.5]), spread_along([1.0, 9.0, 0.25], 5), 2)
    assert figures.frechet(one, other) == pytest.approx(5.0 + (2 - 1) ** 2 + (1 - 3) ** 2, abs=1e-8)
    assert figures.frechet(other, one) == pytest.approx(figures.frechet(one, other), abs=1e-8)
    assert figures.frechet(one, one) == pytest.approx(0.0, abs=1e-6)


def test_the_distance_of_distributions_with_axes_of_their_own() -> None:
    a, b = spread_along([4.0, 1.0, 0.25, 2.0], 5), spread_along([1.0, 9.0, 0.5, 0.1], 6)
    root = np.real(sqrtm(a))
    wanted = np.trace(a) + np.trace(b) - 2 * np.real(np.trace(sqrtm(root @ b @ root)))
    found = figures.frechet(exactly(np.zeros(4), a, 1), exactly(np.zeros(4), b, 2))
    assert found == pytest.approx(float(wanted), abs=1e-7)


def test_a_level_is_told_by_its_middle_and_a_number_by_its_score() -> None:
    model = model_of()
    record = {**records()[0], "sex": "F", "age": AGE[0] + AGE[1], "nwbv": NWBV[0] - 2 * NWBV[1]}
    rows = figures.record_scores(model, [record, {**record, "sex": "M"}])
    assert rows[0, 0] == pytest.approx(1, abs=0.03) and rows[0, 3] == pytest.approx(-2, abs=0.05)
    assert (rows[0, 1], rows[1, 1]) == pytest.approx((-1.25, 1.25))  # half of all: from the cut at 2.5 to the middle


def test_numbers_of_shapes_come_back(tmp_path: Path) -> None:
    model, shape = model_of(), np.linspace(-2, 2, SHAPE)
    person = person_of(model, 0, records()[0], shape, tmp_path)
    assert figures.numbers_of(model, [person]) == pytest.approx(shape[None], abs=0.01)


def test_people_of_the_model_itself_are_near_and_copies_of_nobody(few: None, tmp_path: Path) -> None:
    model = model_of(nwbv=R)
    found = figures.distances(model, people_of(model, 80, tmp_path / "a"), people_of(model, 120, tmp_path / "b", 20_000), CPU)
    assert found["usual steps to kept"] < 1.5 * found["trained to kept"]
    assert found["usual steps to kept"] == pytest.approx(found["many steps to kept"], rel=0.2)
    assert found["nearest trained over nearest kept"] == pytest.approx(1, abs=0.1) and found["least"] > 0.4
    assert min(found["nearest trained"], found["nearest trained of kept people"]) > 0.3


def test_people_who_are_elsewhere_are_as_far_as_their_mean(few: None, tmp_path: Path) -> None:
    model, away = model_of(), np.zeros(len(model_of().columns) + SHAPE)
    kept, seen = people_of(model, 80, tmp_path / "a"), people_of(model, 120, tmp_path / "b", 20_000)
    near = figures.distances(model, kept, seen, CPU)
    away[-1] = 6.0
    far = figures.distances(model_of(mean=away), kept, seen, CPU)
    assert far["trained to kept"] == near["trained to kept"]
    for name in ("usual steps to kept", "many steps to kept", "usual steps to trained", "many steps to trained"):
        assert far[name] - near[name] == pytest.approx(36, rel=0.12)


def test_a_model_that_repeats_whom_it_was_trained_on_is_found_out(few: None, tmp_path: Path) -> None:
    honest = model_of()
    kept, seen = people_of(honest, 40, tmp_path / "a"), people_of(honest, 40, tmp_path / "b", 20_000)
    columns = len(honest.columns)
    mean = np.concatenate([np.zeros(columns), honest.basis.numbers(seen[7].velocity)])
    copier = model_of(mean=mean, covariance=np.diag(np.r_[np.ones(columns), np.full(SHAPE, 1e-4)]))
    found = figures.distances(copier, kept, seen, CPU)
    assert found["nearest trained over nearest kept"] < 0.1 and found["nearest trained"] < 0.1
    assert figures.distances(honest, kept, seen, CPU)["nearest trained over nearest kept"] > 0.7
    assert figures.distances(honest, seen, seen, CPU)["nearest trained of kept people"] == pytest.approx(0, abs=1e-5)
    assert figures.distances(honest, seen, seen, CPU)["trained to kept"] == pytest.approx(0, abs=1e-4)


# -- slopes ----------------------------------------------------------------------------------------------------


def on_lines(folder: Path, model: JointModel) -> list[Participant]:
    """Forty people whose nWBV falls by 0.002 a year in women and 0.003 in men, whose ventricles grow by 0.05 and 0.1."""
    found = []
    for number in range(40):
        sex, age = "FM"[number % 2], 30.0 + number
        line = {"nwbv": 0.9 - (0.002 + 0.001 * (sex == "M")) * age, "ventricles": 1 + 0.05 * (1 + (sex == "M")) * age}
        record = {**records()[0], "sex": sex, "age": age, **line}
        found.append(person_of(model, number, record, np.zeros(SHAPE), folder))
    return found


def test_slopes_are_those_that_were_planted(few: None, tmp_path: Path) -> None:
    model = model_of(nwbv=R)
    found = figures.slopes(model, on_lines(tmp_path, model), CPU)
    assert set(found) == {"nwbv F", "nwbv M", "ventricles F", "ventricles M"}
    assert (found["nwbv F"]["real slope"], found["nwbv M"]["real slope"]) == pytest.approx((-0.002, -0.003))
    assert (found["ventricles F"]["real slope"], found["ventricles M"]["real slope"]) == pytest.approx((0.05, 0.1))
    assert (found["nwbv F"]["real r"], found["ventricles M"]["real r"]) == pytest.approx((-1, 1))
    for sex in "FM":
        assert found[f"nwbv {sex}"]["sampled slope"] == pytest.approx(R * NWBV[1] / AGE[1], rel=0.25)
        assert abs(found[f"ventricles {sex}"]["sampled r"]) < 0.3  # nothing was planted


def test_whoever_is_sampled_alike_has_the_ages_and_sexes_of_the_real(tmp_path: Path) -> None:
    model = model_of()
    kept = on_lines(tmp_path, model)
    found = figures.alike(model, kept, 45, CPU)
    wanted = [(p.record["age"], p.record["sex"], "a") for p in (*kept, *kept[:5])]
    assert [(p.record["age"], p.record["sex"], p.record["study"]) for p in found] == wanted


def statistics(age: np.ndarray, sex: str, slope: float, shades: np.ndarray | None = None) -> ImageStatistics:
    """People whose fluid grows by ``slope`` a year, ventricles by half of it."""
    blank = np.zeros((len(age), 3, 3, 3), np.float16) if shades is None else shades
    return ImageStatistics(blank, age, np.array(list(sex)), 0.01 + slope / 2 * age, 0.1 + slope * age)


def test_slopes_in_images_are_those_that_were_planted() -> None:
    age = np.arange(20.0, 60.0)
    found = figures.image_slopes(statistics(age, "FM" * 20, 0.004), statistics(age, "FM" * 20, -0.002))
    assert set(found) == {"ventricles F", "ventricles M", "fluid F", "fluid M"}
    assert found["fluid F"] == pytest.approx({"real slope": 0.004, "real r": 1, "sampled slope": -0.002, "sampled r": -1})
    assert found["ventricles M"] == pytest.approx({"real slope": 0.002, "real r": 1, "sampled slope": -0.001, "sampled r": -1})


# -- images ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blur", [0.6, 0.9])
def test_the_blur_between_two_sets_of_images_is_found(blur: float) -> None:
    rng = np.random.default_rng(0)
    sharp = [rng.random((40, 48, 6)).astype(np.float32) for _ in range(3)]
    soft = [gaussian_filter(image, (blur, blur, blur)) for image in sharp]
    assert figures.softness(soft, sharp) == pytest.approx(blur, abs=1e-6)
    assert figures.softness(sharp, sharp) == 0.0


def aged(age: np.ndarray, sex: str, seed: int) -> ImageStatistics:
    """Shades in which fluid fills a corner with age, later by ten years in men; noise all over."""
    rng = np.random.default_rng(seed)
    shades = np.clip(0.5 + 0.002 * rng.normal(size=(len(age), 9, 9, 9)), 0, 1)
    late = np.array([10.0 if s == "M" else 0.0 for s in sex])
    shades[:, :3, :3, :3] = (0.5 - 0.004 * (age - late))[:, None, None, None]
    return statistics(age, sex, 0.001, shades.astype(np.float16))


def test_the_regression_reads_ages_that_the_shades_tell() -> None:
    rng = np.random.default_rng(1)
    reader = figures.age_reader(aged(rng.uniform(20, 90, 120), "FM" * 60, 2))
    others = aged(rng.uniform(20, 90, 40), "FM" * 20, 3)
    assert np.abs(reader.read(others) - others.age).mean() < 3
    assert np.corrcoef(reader.read(others), others.age)[0, 1] > 0.98


def test_the_regression_reads_the_mean_where_nothing_is_told() -> None:
    rng = np.random.default_rng(1)
    age = rng.uniform(20, 90, 120)
    blind = aged(np.full(120, 50.0), "F" * 120, 2)
    reader = figures.age_reader(replace(blind, age=age))
    read = reader.read(aged(np.full(40, 50.0), "F" * 40, 3))
    assert np.abs(read - age.mean()).max() < 8  # years


def test_real_people_look_as_their_images_do(tmp_path: Path) -> None:
    """Shells of white matter, grey matter and fluid come back as shades 1, a half and 0, however bright the scan is."""
    places = np.stack(np.meshgrid(*(np.linspace(-1, 1, n) for n in grid_of(2).shape), indexing="ij"))
    radius = np.sqrt((places**2).sum(0))
    tissue = np.select([radius < 0.62, radius < 0.74, radius < 0.8], [1.0, 0.6, 0.2], 0.0)
    model, people = model_of(), []
    for number, gain in enumerate((0.8, 1.3)):
        (tmp_path / str(number)).mkdir()
        made = person_of(model, number, {**records()[number], "age": 40.0 + number}, np.zeros(SHAPE), tmp_path / str(number))
        np.save(tmp_path / str(number) / "images.npy", (gain * tissue)[None].astype(np.float16))
        people.append(made)
    found = figures.statistics_of_real(people)
    for shade in found.shades:
        assert [float(np.median(shade[tissue == value])) for value in (1.0, 0.6, 0.2, 0.0)] == pytest.approx([1, 0.5, 0, 0])
    assert (found.age.tolist(), found.sex.tolist()) == ([40.0, 41.0], ["F", "M"])
    assert (found.ventricles.tolist(), found.fluid.tolist()) == ([0.02, 0.02], [0.14, 0.14])


@pytest.mark.skipif(
    not all((models() / name / "config.json").is_file() for name in (PEOPLE, FOLDING)), reason="the shipped models are not there"
)
def test_sampled_brains_are_looked_at_as_real_ones() -> None:
    model, folds = load_joint(models() / PEOPLE), load_folding(models() / FOLDING)
    person = sample_subjects(model, [1], {"age": 60.0, "sex": "F"})[0]
    found, images = figures.statistics_of_sampled(model, folds, [person], CPU, silent, blur=1.0)
    assert found.shades.shape == (1, *grid_of(2).shape) and found.shades.min() == 0 and found.shades.max() == 1
    assert (found.age[0], found.sex[0]) == (60.0, "F")
    assert 0.002 < found.ventricles[0] < 0.08 and found.ventricles[0] < found.fluid[0] < 0.5
    sharp = normalised_intensity(images[0], images[0] > 0.02 * images[0].max())
    steepness = [np.abs(np.diff(shades.astype(np.float32), axis=0)).mean() for shades in (found.shades[0], sharp)]
    assert steepness[0] < 0.9 * steepness[1]


@pytest.mark.slow
def test_ages_are_told_by_shapes_where_they_hang_together(tmp_path: Path) -> None:
    told, untold = model_of(shape0=0.95), model_of()
    age = AGE[0] + AGE[1] * np.linspace(-1.5, 1.5, 8)
    kept = []
    for number, years in enumerate(age):
        shape = np.zeros(SHAPE)
        shape[0] = 0.95 * (years - AGE[0]) / AGE[1]
        kept.append(person_of(told, number, {**records()[0], "age": float(years)}, shape, tmp_path))
    found = figures.ages_from_brains(told, kept, CPU, silent)
    assert found["error"] < 3 and found["in interval"] == 1 and found["people"] == 8
    assert figures.ages_from_brains(untold, kept, CPU, silent)["error"] == pytest.approx(np.abs(age - AGE[0]).mean(), abs=2.5)


# -- the report ------------------------------------------------------------------------------------------------


def test_errors_of_ages_are_those_that_were_made() -> None:
    age = np.array([20.0, 40.0, 60.0, 80.0])
    of = statistics(age, "FMFM", 0.0)
    assert report._errors("real", 0.5 * age + 10, of) == pytest.approx(
        {"real error": 15.0, "real bias": -15.0, "real slope": 0.5, "real r": 1.0}
    )


def written(name: str) -> list[str]:
    """The cells of a table's lines."""
    return [cell.strip() for cell in name.strip("|").split("|")]


def test_every_figure_has_its_place_in_the_tables() -> None:
    line = {"real slope": -0.002, "sampled slope": -0.003, "real r": -0.5, "sampled r": -0.25}
    numbers = iter(np.arange(1, 9) + 0.5)
    plain = {name: {f"{name} {n}": float(next(numbers)) for n in "ab"}
             for name in ("distances", "ages from brains", "ages from images", "sharpness")}  # fmt: skip
    whole = {"people": {"kept": 21, "trained": 34, "sampled": 500, "built": 70}, **plain,
             "slopes": {"nwbv F": line}, "image slopes": {"fluid M": line}}  # fmt: skip
    text = report.tables_of(whole)
    assert text.startswith("21 real sessions that were kept, 34 trained on; 500 people sampled, 70 of them built.")
    rows = [written(row) for row in text.splitlines()]
    for table in plain.values():
        assert all([name, f"{value:.3g}"] in rows for name, value in table.items())
    for name in ("nwbv F", "fluid M"):
        assert [name, "-0.002", "-0.003 (+50%)", "-0.50", "-0.25"] in rows


@pytest.fixture
def known(few: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int, int], tuple[Path, list[Participant]]]:
    """Makes evaluation's people, so many kept and so many trained on, and looks at images that are planted."""
    model = model_of(nwbv=R)
    rng = np.random.default_rng(0)
    images = [rng.random((80, 112, 6)).astype(np.float32) for _ in range(2)]

    def make(kept: int, trained: int) -> tuple[Path, list[Participant]]:
        people = people_of(model, kept + trained, tmp_path / "people")
        for number, person in enumerate(people):
            people[number] = replace(person, set="test" if number < kept else "train")
        folder = tmp_path / "people"
        np.save(folder / "images.npy", gaussian_filter(images[0], 0.8)[None].astype(np.float16))
        return folder, people

    def look(of: list[Any], slope: float) -> ImageStatistics:
        return aged(np.linspace(20, 90, len(of)), "FM" * (len(of) // 2) + "F" * (len(of) % 2), 4 if slope > 0 else 5)

    def sampled(
        _model: object, _folds: object, of: list[Any], *_rest: object, **_how: object
    ) -> tuple[ImageStatistics, list[np.ndarray]]:
        return look(of, -1.0), [images[1]] * len(of)

    monkeypatch.setattr(report, "load_joint", lambda _folder: model)
    monkeypatch.setattr(report, "load_folding", lambda _folder: None)
    monkeypatch.setattr(report, "statistics_of_real", lambda of: look(of, 1.0))
    monkeypatch.setattr(report, "statistics_of_sampled", sampled)
    return make


def evaluated(monkeypatch: pytest.MonkeyPatch, folder: Path, people: list[Participant]) -> str:
    """Figures of these people."""
    monkeypatch.setattr(report, "people_of", lambda *_given: people)
    return report.evaluate_people(folder, folder, [], [], CPU, silent)


def test_the_report_has_each_figure(
    known: Callable[[int, int], tuple[Path, list[Participant]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, people = known(24, 30)
    monkeypatch.setattr(report, "model_saw", lambda _model, person: person.person == "p3")
    text = evaluated(monkeypatch, folder, people)
    found = json.loads((folder / "evaluation.json").read_text())
    assert text == report.tables_of(found) and text.startswith("23 real sessions that were kept, 30 trained on;")
    assert set(found) == {"people", "distances", "slopes", "ages from brains", "sharpness", "image slopes", "ages from images"}
    assert found["ages from brains"]["people"] == 23
    assert found["sharpness"]["blur in voxels of 2 mm"] == pytest.approx(0.8, abs=0.05)
    assert found["sharpness"]["sampled over real"] > 5
    assert found["ages from images"]["sampled error"] < 3 and found["ages from images"]["sampled slope"] > 0.9
    assert all(np.isfinite(value) for value in found["distances"].values())


def test_too_few_people_are_a_sentence(
    known: Callable[[int, int], tuple[Path, list[Participant]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, people = known(19, 30)
    with pytest.raises(InputError, match="only 19 people with a brain were kept from training"):
        evaluated(monkeypatch, folder, people)
    with pytest.raises(InputError, match="only 19 people"):
        evaluated(monkeypatch, folder, [replace(p, shape=None) if p.set == "test" and p.person == "p30" else p for p in people])
    assert not (folder / "evaluation.json").exists()


def test_whom_the_model_saw_is_told_by_marks(tmp_path: Path) -> None:
    model = model_of()
    person = person_of(model, 0, records()[0], np.zeros(SHAPE), tmp_path)
    np.save(tmp_path / "images.npy", np.zeros((1, 2, 2, 2), np.float16))
    from mriexplorer.generative.autoencoder.checkpoint import mark_of

    assert not report.model_saw(model, person)
    assert report.model_saw(replace(model, trained_on=frozenset({mark_of(person.shape.entry)})), person)  # type: ignore[union-attr]
    assert not report.model_saw(model, replace(person, shape=None))
