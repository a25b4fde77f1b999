"""The judge of maps is judged: estimates with a known answer, scans that were left out, sentences for bad input."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_store import plain, write_store
from PIL import Image

from mriexplorer.dataset.store import open_store
from mriexplorer.errors import InputError
from mriexplorer.evaluation.maps.cases import USUAL, Case, Estimate, Estimator, computed
from mriexplorer.evaluation.maps.intervals import LEVELS
from mriexplorer.evaluation.maps.judge import evaluate_autoencoder, judge_maps, judged, summary
from mriexplorer.evaluation.maps.left_out import predicted
from mriexplorer.evaluation.maps.truth import cores, correlation, deviations, literature_maps
from mriexplorer.evaluation.metric import Metric
from mriexplorer.generative.autoencoder.checkpoint import Model, save_model
from mriexplorer.generative.autoencoder.configuration import checked
from mriexplorer.generative.autoencoder.network import MAPS, Autoencoder
from mriexplorer.generative.kinds import EvaluationRequest
from mriexplorer.generative.registry import kind_of
from mriexplorer.physics import Protocol
from mriexplorer.simulation.acquisition import protocols
from mriexplorer.simulation.labels import code
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.reference import mix

SHAPE = (64, 64, 24)
SPREAD, NOISE = 0.1, 0.05  # told, and true, scale of the Laplace distribution of an estimate's logarithm
EVERY = "T1w+T2w+FLAIR"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of monai


def protocol(kind: str) -> Protocol:
    first = protocols()[kind][0]
    return Protocol.complete(first.protocol.sequence, first.protocol.values)


def somebody(seed: int, kinds: tuple[str, ...] = ("T1w",), fields: float = 3.0) -> Case:
    """A simulated person at 2 mm whose white and grey matter are blocks with values of their own, and smooth texture."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    labels = np.full(SHAPE, code("cerebrospinal fluid"), np.uint8)
    labels[4:32, 4:60, 2:22], labels[32:60, 4:32, 2:22], labels[32:60, 32:60, 2:22] = (
        code(name) for name in ("white matter", "cortex", "thalamus")
    )
    own = rng.normal(0, 0.03, (3, 256)).astype(np.float32)[:, labels]
    grain = np.stack([gaussian_filter(rng.standard_normal(SHAPE), 2) for _ in range(3)])
    texture = 0.02 * grain / grain.std(axis=(1, 2, 3), keepdims=True)
    maps = (literature_maps(labels, fields) * np.exp(own + texture)).astype(np.float32)
    known = tuple(protocol(kind) for kind in kinds)
    scans = np.stack([image / np.percentile(image, 95) for image in (computed(maps, one) for one in known)]).astype(np.float32)
    return Case(f"p{seed}", f"p{seed}", 2, kinds, scans, scans, known, fields, maps, labels)


def noisy(case: Case) -> Estimate:
    """The truth but for errors of a known distribution; the told one is twice as wide."""
    off = np.random.default_rng(7).laplace(0, NOISE, case.truth.shape)
    return Estimate((case.truth * np.exp(off)).astype(np.float32), np.full(case.truth.shape, SPREAD, np.float32))


def truth_of(case: Case, _some: Sequence[str]) -> Estimate:
    return Estimate(case.truth, np.full(case.truth.shape, SPREAD, np.float32))


def literature_of(case: Case, _some: Sequence[str]) -> Estimate:
    return replace(truth_of(case, ()), maps=literature_maps(case.codes, case.field))


def scaled_t1(case: Case, _some: Sequence[str]) -> Estimate:
    return replace(truth_of(case, ()), maps=case.truth * np.array([1, 1.05, 1], np.float32).reshape(3, 1, 1, 1))


def shuffled(case: Case, _some: Sequence[str]) -> Estimate:
    """Every structure has the right values, in wrong places."""
    maps, rng = case.truth.copy(), np.random.default_rng(3)
    for structure in np.unique(case.codes):
        where = case.codes == structure
        maps[:, where] = rng.permutation(maps[:, where], axis=1)
    return replace(truth_of(case, ()), maps=maps)


def metrics_of(estimate: Estimator, people: Sequence[Case]) -> dict[str, Metric]:
    found, _drawn = summary([judged(one, estimate) for one in people])
    assert len({(one.group, one.name) for one in found}) == len(found)
    return {one.name: one for one in found}


@pytest.fixture(scope="module")
def people() -> list[Case]:
    return [somebody(seed) for seed in range(4)]


@pytest.fixture(scope="module")
def of_truth(people: list[Case]) -> dict[str, Metric]:
    return metrics_of(truth_of, people)


# -- maps ------------------------------------------------------------------------------------------------------


def test_the_truth_is_found_true(of_truth: dict[str, Metric]) -> None:
    for label in ("PD", "T1", "T2"):
        for tissue in ("white matter", "grey matter"):
            found = of_truth[f"{label} correlation in {tissue}, from T1w"]
            assert found.value == pytest.approx(1) == found.found.low and found.n == 4
            assert of_truth[f"{label} correlation in {tissue}, within people, from T1w"].value == pytest.approx(1)
            assert of_truth[f"{label} error in {tissue}, from T1w"].value == 0
            assert 1 < of_truth[f"{label} error in {tissue}, literature values"].value < 8
        assert of_truth[f"true {label} within the 90 % interval, from T1w"].value == 100
        assert of_truth[f"{label} sharpness, from T1w"].value == pytest.approx(1)
    assert of_truth["PSNR, from T1w"].value > 100
    assert of_truth["T1w as given, PSNR, from T1w"].value == of_truth["T1w as given, PSNR, from the true maps"].value
    assert all(one.found.low <= one.value <= one.found.high for one in of_truth.values())


def test_values_that_are_not_the_literatures_come_back_or_do_not(people: list[Case], of_truth: dict[str, Metric]) -> None:
    recovered = [one for name, one in of_truth.items() if name.startswith("recovered of ")]
    assert len(recovered) == 2 * 2 * 2 + 6  # T1 and T2, two factors, two tissues; lesions of two kinds and sizes
    assert all(one.value == pytest.approx(1, abs=0.02) for one in recovered)
    assert of_truth["T1 changes where the field is told wrongly"].value == 0
    by_heart = metrics_of(literature_of, people[:1])
    assert all(one.value == 0 for name, one in by_heart.items() if name.startswith("recovered of "))
    assert by_heart["T1 changes where the field is told wrongly"].value > 5  # 1.5 T for 3 T
    assert by_heart["true T1 within the 90 % interval, T1 x 1.25"].value < 80  # told: within 26 %


def test_who_only_assigns_literature_values_scores_nothing_within_a_tissue(people: list[Case]) -> None:
    found = metrics_of(literature_of, people)
    names = [name for name in found if " correlation in " in name]
    assert len(names) == 18 and all(found[name].found.high == found[name].value == 0 for name in names)
    _found, drawn = summary([judged(one, literature_of) for one in people])
    errors, follows = drawn.tables
    assert errors.rows[0][0] == "literature values" and errors.rows[0][1:] == errors.rows[1][1:]
    assert follows.rows[0] == ("from T1w", *["0.00"] * 6)
    own, literature = (found[f"T1 error in white matter, {how}"].value for how in ("from T1w", "literature values"))
    assert own == literature < 8  # although its error is small


def test_even_exact_partial_volumes_do_not_help_literature_values() -> None:
    """Tissues mixed in each voxel as they truly are: that follows the truth, but not where a tissue is by itself."""
    from scipy.ndimage import gaussian_filter

    whole = somebody(2)
    labels = whole.codes.copy()
    labels[28:60, 4:60, 2:22] = code("cortex")
    labels[::12, :, :] = labels[:, ::12, :] = code("cerebrospinal fluid")  # thin layers, as of cortex
    labels[4:24, 4:60] = code("white matter")
    shares = {tissue: gaussian_filter((labels == code(name)).astype(np.float32), 0.7)
              for tissue, name in (("wm", "white matter"), ("gm", "cortex"), ("csf", "cerebrospinal fluid"))}  # fmt: skip
    known = mix(shares, 3.0)
    mixed = np.stack([known[kind] for kind in MAPS]).astype(np.float32)
    own = whole.truth / literature_maps(whole.codes, 3.0)
    case = replace(whole, voxel=1, maps=mixed * own, labels=labels)
    rough = {"wm": {"wm": np.flatnonzero(labels == code("white matter"))}, "gm": {"gm": np.flatnonzero(labels == code("cortex"))}}
    careless, careful = (deviations(case, Estimate(mixed, mixed), where).moments for where in (rough, cores(case)))
    assert correlation(careless[None, 1, 1]) > 0.95
    for n in range(3):
        for c in range(2):
            assert careful[n, c, :, 0].sum() == pytest.approx(1) and abs(correlation(careful[None, n, c])) < 0.15


def test_longer_t1_is_a_bias_and_nothing_else(people: list[Case], of_truth: dict[str, Metric]) -> None:
    found = metrics_of(scaled_t1, people)
    for tissue in ("white matter", "grey matter"):
        for label, bias in (("PD", 0), ("T1", 5), ("T2", 0)):
            assert found[f"{label} bias in {tissue}, from T1w"].value == pytest.approx(bias, abs=0.01)
            name = f"{label} correlation in {tissue}, from T1w"
            assert found[name].value == pytest.approx(of_truth[name].value)
        assert found[f"T2 error in {tissue}, from T1w"].value == 0


def test_values_in_wrong_places_do_not_correlate(people: list[Case], of_truth: dict[str, Metric]) -> None:
    found = metrics_of(shuffled, people)
    for label in ("PD", "T1", "T2"):
        assert abs(found[f"{label} correlation in grey matter, within people, from T1w"].value) < 0.1
        assert found[f"{label} bias in grey matter, from T1w"].value == pytest.approx(0, abs=0.5)


def test_intervals_hold_what_was_planted(people: list[Case]) -> None:
    every = [judged(one, lambda case, _some: noisy(case)) for one in people]
    planted = 1 - (1 - np.array(LEVELS)) ** (SPREAD / NOISE)
    assert every[0].covered["T1w"] == pytest.approx(np.tile(planted, (3, 1)), abs=0.01)
    found, drawn = summary(every)
    told = next(one for one in found if one.name == "true T1 within the 90 % interval, from T1w")
    assert told.value == pytest.approx(99, abs=0.3) and told.group == "intervals"
    width = next(one for one in found if one.name == "T1 half width of the 90 % interval, from T1w")
    assert width.value == pytest.approx(100 * (10**SPREAD - 1), rel=1e-3)
    curve = next(one for one in drawn.charts if one.title.startswith("How honest the intervals of T1"))
    assert curve.series[0].y == pytest.approx(tuple(100 * planted), abs=1)
    within = next(one for one in drawn.charts if one.title == "T1 within white matter, from T1w")
    assert np.array(within.series[0].y) == pytest.approx(np.array(within.series[1].y), abs=1.5)  # the median is the truth


def test_one_person_has_figures_without_intervals() -> None:
    found, drawn = summary([judged(somebody(1), truth_of)])
    assert all(np.isnan(one.found.low) and one.n == 1 for one in found)
    assert any("Only one simulated person" in said for said in drawn.warnings)


def test_who_was_scanned_often_counts_once(people: list[Case]) -> None:
    once = [judged(people[0], truth_of), judged(people[1], scaled_t1)]
    often, _drawn = summary([once[0], *[once[1]] * 5])
    bias = next(one for one in often if one.name == "T1 bias in white matter, from T1w")
    assert bias.n == 2 and bias.value == pytest.approx(2.5, abs=0.01)
    same = {one.name: one for one in summary(once)[0]}
    for one in often:
        assert (one.found.low, one.value, one.n) == pytest.approx((same[one.name].found.low, same[one.name].value, 2))


# -- scans that were left out ----------------------------------------------------------------------------------


def patient(case: Case) -> Case:
    """A person at 2 mm on the whole grid, of whom only scans are known, with noise."""
    shape, rng = grid_of(2).shape, np.random.default_rng(0)
    images = rng.uniform(0.1, 0.4, (len(case.kinds), *shape)).astype(np.float32)
    images[:, 8:72, 24:88, 28:52] = case.images + rng.normal(0, 0.005, case.images.shape)
    return replace(case, images=images, flat=images, maps=None, labels=None)


def of_patient(case: Case, spoilt: Sequence[str] = ()) -> Estimator:
    """An encoder that knows the truth of ``patient`` but, from ``spoilt`` scans alone, only noise."""
    maps = np.ones((3, *grid_of(2).shape), np.float32) * np.array([0.8, 1.2, 0.1], np.float32).reshape(3, 1, 1, 1)
    wrong = maps * np.random.default_rng(1).uniform(0.5, 2, maps.shape).astype(np.float32)
    maps[:, 8:72, 24:88, 28:52] = case.truth
    return lambda _case, some: Estimate(wrong if tuple(some) == tuple(spoilt) else maps, np.ones_like(maps))


def test_a_left_out_scan_is_computed_and_compared() -> None:
    case = somebody(1, USUAL)
    people = [judged(patient(somebody(seed, USUAL)), of_patient(somebody(seed, USUAL), ("T1w", "FLAIR"))) for seed in (1, 2)]
    found, drawn = summary(people)
    named = {one.name: one for one in found if one.group == "left out"}
    assert len(named) == 18 and all(one.real == 2 and one.n == 0 for one in named.values())
    good, bad = named["PSNR, FLAIR, real people"], named["PSNR, T2w, real people"]
    assert bad.value < named["PSNR, T2w, real people, all given"].value - 5
    assert good.value == named["PSNR, FLAIR, real people, all given"].value
    assert named["correlation, T2w, real people"].value < 0.2 < 0.5 < named["correlation, T2w, real people, polynomial"].value
    assert not [one for one in found if one.group == "maps"] and "Nobody here has true maps" in drawn.warnings[0]
    picture = Image.open(io.BytesIO(drawn.pictures[0].png))
    assert picture.width > 300 and drawn.pictures[0].title == "A FLAIR that was left out" and "real" in drawn.pictures[0].about
    assert case.chosen[-1] == ("FLAIR",) and patient(case).chosen == (USUAL, *case.chosen[1:4])


def test_the_polynomial_is_of_the_right_degree_and_sees_no_voxel_twice() -> None:
    rng = np.random.default_rng(0)
    given, parts = rng.normal(size=(2, 8000)).astype(np.float32), np.arange(8000) // 50 % 8
    curved = given[0] * given[1] - 0.3 * given[0] ** 3
    assert predicted(given, curved, parts, (1, 2, 3)) == pytest.approx(curved, abs=1e-3)
    assert np.corrcoef(predicted(given, curved, parts, (1,)), curved)[0, 1] < 0.9
    assert (
        abs(
            np.corrcoef(predicted(given, rng.normal(size=8000).astype(np.float32), parts, (1, 2, 3)), rng.normal(size=8000))[0, 1]
        )
        < 0.05
    )
    own = np.where(parts % 2, 1, -1) * given[0]  # one half tells the wrong thing of the other
    assert np.corrcoef(predicted(given, own, parts, (1,)), own)[0, 1] < -0.9


# -- from stores -----------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Four simulated people with a T1w each."""
    folder = write_store(tmp_path / "store")
    index = json.loads((folder / "store.json").read_text())
    for name, about in index["sessions"].items():
        maps = np.load(folder / "sessions" / name / "maps.npy").astype(np.float32)
        image = computed(maps, protocol("T1w"))
        np.save(folder / "sessions" / name / "images.npy", (image / image.max())[None].astype(np.float16))
        about |= {"kinds": ["T1w"], "times": {"T1w": {"sequence": "mprage", **protocol("T1w").values}}}
    (folder / "store.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    configuration = checked(plain(), "test")
    folder = tmp_path / "model"
    save_model(folder, Model("small", Autoencoder(configuration.network), configuration, 2, {"": (1.0,) * len(MAPS)}))
    return folder


def test_a_model_is_judged_as_the_command_line_asks(store: Path, model: Path) -> None:
    said: list[str] = []
    request = EvaluationRequest(model, (store,), device="cpu")
    result, drawn = kind_of(model).evaluate(request, said.append)
    assert (result.kind, result.subject) == ("maps", "model") and "1 simulated people" in result.reference
    assert result.metric("maps", "T1 error in white and grey matter, from T1w") is not None
    assert list(result.groups()) == ["maps", "other values", "intervals", "scans"] and len(drawn.charts) == 9 + 1 and said
    assert kind_of(model).evaluator.endswith(evaluate_autoencoder.__name__)


def times(store: Path, **changed: object) -> None:
    index = json.loads((store / "store.json").read_text())
    for about in index["sessions"].values():
        about |= changed
    (store / "store.json").write_text(json.dumps(index))


def test_what_cannot_be_judged_is_one_sentence(store: Path, model: Path) -> None:
    def judge() -> tuple[list[Metric], object]:
        return judge_maps(model, [store], device="cpu")

    place = open_store(store).of("test")[0].folder / "maps.npy"
    maps = np.load(place)
    np.save(place, np.where(maps > 1, np.nan, maps))
    with pytest.raises(InputError, match=r"d: true maps have values that are no numbers; gather the dataset again\.$"):
        judge()
    times(store, times={"T1w": {"sequence": "dir", "te": 0.02, "tr": 11.0, "ti": 3.4, "ti2": 0.45}})
    with pytest.raises(InputError, match=r"who was kept from training has a T1w, T2w or FLAIR that the model takes; give other"):
        judge()
    weights = next(model.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(InputError, match=str(weights.name)):
        judge()


def test_a_model_that_gives_no_numbers_is_refused(store: Path, model: Path) -> None:
    from mriexplorer.generative.autoencoder.checkpoint import load_model

    spoilt = load_model(model)
    for weights in spoilt.network.parameters():
        weights.data.fill_(float("nan"))
    save_model(model, spoilt)
    with pytest.raises(InputError, match="no numbers"):
        judge_maps(model, [store], device="cpu")
