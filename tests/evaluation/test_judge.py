"""The judge of people from end to end, on brains made of the built-in one; and what it refuses."""

import json
import os

import numpy as np
import pytest

from mriexplorer.dataset.store import StoredSession
from mriexplorer.errors import InputError
from mriexplorer.evaluation.cohort.images import brain_image, kept_image, save_image
from mriexplorer.evaluation.cohort.judge import JudgedPeople, Settings, judge_people, sorted_people
from mriexplorer.evaluation.cohort.matching import matched
from mriexplorer.evaluation.cohort.sources import PeopleFound, PersonSource, people_in
from mriexplorer.evaluation.cohort.spectrum import spectrum
from mriexplorer.simulation.person import grid_of
from mriexplorer.subject.reference import template
from mriexplorer.workers import Workers

KEPT, SYNTHETIC = 20, 10


def brain(random, *, soft=0.8, noise=0.02, age=50.0):
    """A T1w at 2 mm: the template, larger or smaller, brighter on one side, its fluid growing with age."""
    from scipy.ndimage import affine_transform, gaussian_filter

    wm, gm, mask, affine = template()
    grid = grid_of(2)
    step = np.linalg.inv(affine) @ grid.affine
    scale = np.diag(random.normal(1, 0.03, 3))
    middle = np.array(grid.shape) / 2
    turned = step[:3, :3] @ scale
    offset = step[:3, 3] + step[:3, :3] @ middle - turned @ middle
    shade = np.where(mask, np.clip(wm + 0.5 * gm, 0.08 + 0.001 * age, 1), 0).astype(np.float32)
    image = gaussian_filter(affine_transform(shade, turned, offset, grid.shape, order=1, output=np.float32), soft)
    image += noise * gaussian_filter(random.normal(size=grid.shape), 0.6)
    return np.where(image > 0.06, image, 0).astype(np.float32)


def source(folder, name, image, age, sex, which="test"):
    home = folder / name
    home.mkdir(parents=True)
    np.save(home / "images.npy", image[None].astype(np.float16))
    record = {"age": age, "sex": sex, "mmse": 29.0}
    entry = StoredSession(name, home, ("T1w",), {}, record, which, name, "", None, has_maps=False, has_labels=False)
    return PersonSource(name, name, which, record, entry=entry)


def people(folder, count, seed, which="test", **how):
    random = np.random.default_rng(seed)
    ages = random.uniform(20, 85, count).round(1)
    return tuple(
        source(folder, f"{folder.name}{n}", brain(random, age=ages[n], **how), float(ages[n]), "FM"[n % 2], which)
        for n in range(count)
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Two judgements: of people like the real ones, and of sharper ones; what was measured of real people is kept."""
    home = tmp_path_factory.mktemp("judged")
    real = people(home / "real", KEPT, 1)
    found = {}
    with Workers(1) as workers:
        for name, how in (("alike", {}), ("sharp", {"soft": 0.3, "noise": 0.0})):
            mine = people(home / name, SYNTHETIC, 2, **how)
            compared = JudgedPeople(home, PeopleFound(home / name, mine, ()), real, ())
            settings = Settings(network=False)
            found[name] = judge_people(name, compared, home / "measured", workers, lambda _what: None, settings)[:2]
    return found


@pytest.mark.slow
def test_people_like_the_real_ones_raise_no_loud_alarm(judged):
    result, drawn = judged["alike"]
    assert {"images", "anatomy", "records"} <= set(result.groups())
    loud = [metric.name for metric in result.metrics if metric.alarm and metric.excess > 2]
    assert len(loud) <= 0.02 * len(result.metrics), loud
    assert drawn.charts and drawn.pictures and drawn.settings["one softness"]


@pytest.mark.slow
def test_sharper_people_are_seen_by_the_spectrum_alone_of_those_that_look_at_it(judged):
    result, drawn = judged["sharp"]
    power = result.metric("images", "spectral power above half Nyquist")
    assert power.alarm and power.value > 1.5
    assert "synthetic images blurred by 0.0" not in drawn.settings["one softness"]


@pytest.mark.slow
def test_every_figure_says_of_how_many_it_is_and_what_it_means(judged):
    for metric in judged["alike"][0].metrics:
        assert metric.about.endswith(".") and (metric.n or metric.real), metric.name


def test_the_sharper_set_is_blurred_and_the_quieter_one_given_noise(tmp_path):
    random = np.random.default_rng(0)
    images = [brain_image(source(tmp_path, f"p{n}", brain(random, soft=soft, noise=noise), 50.0, "F"), registered=False)
              for n, (soft, noise) in enumerate(((0.3, 0.0), (1.0, 0.05)))]  # fmt: skip
    sharp, soft = matched(images[:1], images[1:])
    assert sharp.blur > 0.4 and soft.blur == 0 and sharp.noise > 0 and soft.noise == 0
    powers = [spectrum(matching.of(image, 1)) for matching, image in zip((sharp, soft), images, strict=True)]
    before = np.log(spectrum(images[0].intensity)[4:9] / spectrum(images[1].intensity)[4:9]).mean()
    assert abs(np.log(powers[0][4:9] / powers[1][4:9]).mean()) < 0.5 * abs(before)


def test_an_image_is_kept_until_its_files_change(tmp_path):
    one = source(tmp_path, "p", brain(np.random.default_rng(0)), 50.0, "F")
    image = brain_image(one, registered=False)
    save_image(tmp_path / "kept.npz", image, one.stamp)
    found = kept_image(tmp_path / "kept.npz", one.stamp)
    assert np.allclose(found.intensity, image.intensity, atol=2e-3) and np.array_equal(found.brain, image.brain)
    os.utime(one.entry.folder / "images.npy", (1, 1))
    assert kept_image(tmp_path / "kept.npz", one.stamp) is None
    (tmp_path / "kept.npz").write_bytes(b"PK")
    assert kept_image(tmp_path / "kept.npz", one.stamp) is None


# -- who is compared -------------------------------------------------------------------------------------------


def nobody(count, which="test", name="p"):
    return tuple(PersonSource(f"{name}{n}", f"{name}{n}", which, {}) for n in range(count))


def test_trained_people_are_never_compared_with(tmp_path):
    real = PeopleFound(tmp_path / "real", nobody(20) + nobody(9, "train", "t"), ())
    found = sorted_people(PeopleFound(tmp_path / "mine", nobody(8), ()), real, frozenset())
    assert len(found.kept) == 20 and len(found.trained) == 9


def test_a_real_set_that_is_the_training_set_is_said_loudly(tmp_path):
    real = PeopleFound(tmp_path / "real", nobody(20, "train"), ())
    found = sorted_people(PeopleFound(tmp_path / "mine", nobody(8), ()), real, frozenset())
    assert found.warnings[0].startswith("THE REAL PEOPLE ARE THE TRAINING SET") and len(found.kept) == 20


def test_a_real_set_that_nobody_trained_on_cannot_show_copies(tmp_path):
    found = sorted_people(
        PeopleFound(tmp_path / "mine", nobody(8), ()), PeopleFound(tmp_path / "real", nobody(20), ()), frozenset()
    )
    assert any("copies" in said for said in found.warnings)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(0, "holds no scans"), (1, "holds one person"), (5, "holds only 5 people")],
)
def test_a_folder_of_too_few_people_is_refused(tmp_path, count, sentence):
    import nibabel as nib

    for n in range(count):
        home = tmp_path / f"sub-{n:02d}" / "anat"
        home.mkdir(parents=True)
        image = nib.Nifti1Image(np.ones((4, 4, 4), np.float32), np.eye(4))
        nib.save(image, home / f"sub-{n:02d}_T1w.nii.gz")
    with pytest.raises(InputError, match=sentence):
        people_in(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        people_in(tmp_path / "nowhere")


def test_one_folder_for_both_sides_is_refused(tmp_path):
    same = PeopleFound(tmp_path, nobody(20), ())
    with pytest.raises(InputError, match="two different folders"):
        sorted_people(same, same, frozenset())


def test_an_image_without_a_brain_is_left_out_and_said(tmp_path):
    empty = source(tmp_path, "empty", np.zeros(grid_of(2).shape, np.float32), 50.0, "F")
    with pytest.raises(InputError, match=r"^empty: "):
        brain_image(empty)
    assert json.loads(json.dumps(empty.stamp))
