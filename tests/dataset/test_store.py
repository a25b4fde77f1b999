"""Sessions on one grid, kept as arrays that know where they came from; and sets without a leak."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import write
from PIL import Image

from mriexplorer.cli import main
from mriexplorer.dataset.gathering import between
from mriexplorer.dataset.sessions import find_people
from mriexplorer.dataset.splits import SETS, Split, SplitMember, checked, split
from mriexplorer.dataset.store import RECIPE, CohortStore, _slug, fill_store, open_store
from mriexplorer.errors import InputError
from mriexplorer.reading.volume import Volume
from mriexplorer.simulation import acquisition as scans
from mriexplorer.simulation import person as people
from mriexplorer.workers import Workers

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("registered_once")]
STILL = (0.0,) * 6
MOVED = (6.0, -4.0, 5.0, 4.0, -5.0, 6.0)


def scanned(person: people.SimulatedPerson, kind: str, motion: tuple[float, ...]) -> Volume:
    rng = np.random.default_rng(1)
    protocol = scans.protocols()[kind][0]
    bright = scans.brain_signal(person.subject, person.subject.maps.t1 > 0, protocol)
    how = replace(scans.draw(rng, protocol, bright), motion=motion)
    integers, grid = scans.acquire(person.subject, how, rng)
    return Volume(integers.astype(np.float32), grid, Path(kind))


@pytest.mark.parametrize("kind", ["T2w", "FLAIR"])
def test_a_moved_scan_is_brought_back(person: people.SimulatedPerson, kind: str) -> None:
    grid = person.subject.maps.grid
    found = between(scanned(person, "T1w", STILL), scanned(person, kind, MOVED))
    x, y, z = grid.shape
    truth = scans.rigid(MOVED, np.array(grid.to_mm(((x - 1) / 2, (y - 1) / 2, (z - 1) / 2))))
    brain = np.argwhere(person.segmentation > 0)[::501] @ grid.affine[:3, :3].T + grid.affine[:3, 3]
    apart = np.linalg.norm((brain @ (found - truth)[:3, :3].T) + (found - truth)[:3, 3], axis=1)
    assert apart.mean() < 1.0  # half a voxel of 2 mm; tests/benchmarks/registration.py measures at 1 mm


@pytest.fixture(scope="module")
def raw(person: people.SimulatedPerson, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BIDS dataset of two visits of one person, as a scanner would give it: moved, thick, no maps."""
    root = tmp_path_factory.mktemp("raw")
    for visit, motion in (("a", STILL), ("b", MOVED)):
        for kind in ("T1w", "FLAIR"):
            scan = scanned(person, kind, motion)
            path = root / f"sub-01/ses-{visit}/anat/sub-01_ses-{visit}_{kind}.nii.gz"
            write(path, scan.data.astype(np.int16), scan.grid.affine)
    (root / "participants.tsv").write_text("participant_id\tage\tsex\nsub-01\t63\tF\n")
    return root


def filled(raw: Path, target: Path, said: list[str] | None = None, jobs: int = 1) -> tuple[CohortStore, tuple[str, ...]]:
    with Workers(jobs) as workers:
        return fill_store(find_people(raw), target, workers, progress=(said if said is not None else []).append)


@pytest.fixture(scope="module")
def store(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("store") / "set"
    filled(raw, target)
    return target


@pytest.mark.parametrize("jobs", [2, 4])
def test_the_same_bytes_are_gathered_however_many_work(raw: Path, store: Path, tmp_path: Path, jobs: int) -> None:
    filled(raw, tmp_path / "again", jobs=jobs)
    one, other = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (store, tmp_path / "again")
    )
    assert one == other


def test_scans_lie_over_each_other_and_are_mapped_not_read(store: Path, person: people.SimulatedPerson) -> None:
    opened = open_store(store)
    assert [entry.name for entry in opened.entries] == ["sub-01 ses-a", "sub-01 ses-b"]
    one, other = opened.entries
    assert isinstance(one.images, np.memmap) and one.images.shape == (2, 80, 112, 80) and one.images.dtype == np.float16
    assert one.kinds == ("T1w", "FLAIR") and one.record == {"age": 63.0, "sex": "F"} and not one.has_maps
    # Two visits of one head, 10 mm and 9 degrees apart, end at the same place.
    alike = np.corrcoef(np.ravel(one.images[0]).astype(float), np.ravel(other.images[0]).astype(float))[0, 1]
    assert alike > 0.97
    brain = np.isin(person.segmentation, np.unique(person.segmentation)[1:])
    assert np.corrcoef(brain.ravel(), (np.asarray(one.images[0], float) > 0.25).ravel())[0, 1] > 0.7  # posed like the template


def test_a_picture_to_check_each(store: Path) -> None:
    pictures = sorted((store / "pictures").glob("*.png"))
    assert [p.name for p in pictures] == ["sub-01+ses-a.png", "sub-01+ses-b.png"]
    pixels = np.asarray(Image.open(pictures[0]))
    outline = (pixels == (255, 170, 60)).all(axis=-1)
    assert outline[: pixels.shape[0] // 2].sum() == 0 < outline.sum()  # over the second scan, not over the first


def test_gathering_again_does_nothing_until_a_file_changes(raw: Path, store: Path) -> None:
    said: list[str] = []
    filled(raw, store, said)
    assert said == ["2 of 2 sessions are there already"]
    changed = raw / "sub-01/ses-b/anat/sub-01_ses-b_FLAIR.nii.gz"
    os.utime(changed, ns=(1, 1))
    with pytest.raises(InputError, match=r"is stale: .*ses-b_FLAIR.nii.gz changed or is gone"):
        open_store(store)
    said.clear()
    filled(raw, store, said)
    assert said[-1] == "sub-01 ses-b · 2 of 2"
    open_store(store)
    (raw / "participants.tsv").write_text("participant_id\tage\tsex\nsub-01\t64\tF\n")
    assert filled(raw, store)[0].entries[0].record["age"] == 64.0


def test_a_changed_table_or_sidecar_makes_a_store_stale(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(raw, tmp_path / "raw")
    sidecar = tmp_path / "raw/sub-01/ses-a/anat/sub-01_ses-a_T1w.json"
    sidecar.write_text("{}")
    filled(tmp_path / "raw", tmp_path / "store")
    for path, text in ((sidecar, '{"EchoTime": 0.004}'), (tmp_path / "raw/participants.tsv", "participant_id\tage\nsub-01\t7\n")):
        path.write_text(text)
        with pytest.raises(InputError, match=f"is stale: .*{path.name} changed or is gone"):
            open_store(tmp_path / "store")
        filled(tmp_path / "raw", tmp_path / "store")
        open_store(tmp_path / "store")


def test_a_store_that_is_not_finished_is_not_opened(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store, tmp_path / "half")
    index = json.loads((tmp_path / "half/store.json").read_text())
    del index["sessions"]["sub-01 ses-a"]["set"]
    (tmp_path / "half/store.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="is not finished; gather the dataset again"):
        open_store(tmp_path / "half")


def test_one_bad_session_is_left_out_and_said(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(raw, tmp_path / "raw")
    (tmp_path / "raw/sub-01/ses-b/anat/sub-01_ses-b_FLAIR.nii.gz").write_bytes(b"no image")
    made, said = filled(tmp_path / "raw", tmp_path / "store")
    assert [entry.name for entry in made.entries] == ["sub-01 ses-a"]
    assert any(line.startswith("sub-01 ses-b is left out:") and "not a readable NIfTI" in line for line in said)
    assert any("cannot be split" in line and "All is put into train" in line for line in said)


def test_what_is_no_store_is_refused(tmp_path: Path, raw: Path) -> None:
    with pytest.raises(InputError, match="no store of gathered scans"):
        open_store(tmp_path)
    (tmp_path / "x").write_text("precious")
    with pytest.raises(InputError, match="give a new or empty folder"):
        filled(raw, tmp_path)
    (tmp_path / "store.json").write_text(
        json.dumps({"recipe": RECIPE, "voxel": 2, "tables": {}, "sessions": {"a": {"set": "train", "kinds": 3}}})
    )
    with pytest.raises(InputError, match="is damaged"):
        open_store(tmp_path)


@pytest.mark.parametrize("text", ['{"recipe": 1}', '{"recipe": 1, "voxel": 2, "dataset": "x", "sessions": [1]}',
                                  '{"recipe": 1, "voxel": 2, "dataset": "x", "sessions": {"a": {}}}'])  # fmt: skip
def test_a_damaged_index_says_how_to_go_on(raw: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "store.json").write_text(text)
    with pytest.raises(InputError, match=r"is damaged .*; remove the folder .* or give another one"):
        filled(raw, tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": [None, "T2w"]},
        {"times": {}},
        {"times": {"T1w": {"sequence": "nonsense"}, "T2w": {"sequence": "tse"}}},
        {"times": {"T1w": {"sequence": "mprage", "te": "x"}, "T2w": {"sequence": "tse"}}},
        {"times": {"T1w": {"sequence": "mprage", "te": -1.0}, "T2w": {"sequence": "tse"}}},
        {"record": {"age": []}},
        {"field": "three"},
        {"person": 7},
    ],
)
def test_a_store_of_odd_values_is_damaged(store: Path, wrong: dict[str, object]) -> None:
    index = json.loads((store / "store.json").read_text())
    before = (store / "store.json").read_text()
    index["sessions"]["sub-01 ses-a"] |= wrong
    (store / "store.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="is damaged"):
        open_store(store)
    (store / "store.json").write_text(before)
    assert open_store(store).entries


def test_a_store_is_of_one_dataset(raw: Path, store: Path, tmp_path: Path) -> None:

    shutil.copytree(raw, tmp_path / "other")
    before = (store / "store.json").read_bytes()
    with pytest.raises(InputError, match=r"was made of .* give another folder"):
        filled(tmp_path / "other", store)
    assert (store / "store.json").read_bytes() == before


def test_a_damaged_array_is_made_anew_and_not_opened_before(raw: Path, store: Path) -> None:
    broken = store / "sessions" / "sub-01+ses-a" / "images.npy"
    broken.write_bytes(b"")
    with pytest.raises(InputError, match="the arrays of sub-01 ses-a are gone or damaged"):
        open_store(store)
    said: list[str] = []
    filled(raw, store, said)
    assert said == ["1 of 2 sessions are there already", "sub-01 ses-a · 2 of 2"]
    assert open_store(store).entries[0].images.shape == (2, 80, 112, 80)


@pytest.mark.parametrize("name", ["..", ".", "", "../x", "a/b", ".writing-a", "a b", "a_b", "ä"])
def test_names_of_sessions_stay_inside_the_store(name: str) -> None:
    names = ["..", ".", "", "../x", "a/b", ".writing-a", "a b", "a_b", "a+b", "ä", "Ä"]
    slug = _slug(name)
    assert "/" not in slug and slug not in ("", ".", "..") and not slug.startswith(".writing")
    assert len({_slug(n) for n in names}) == len(names)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: np.full_like(data, 7), "one value only"),
        (lambda data: -data, "negative values in"),
        (lambda data: data[:, :, :2], "cannot be registered"),
        (lambda data: np.where(np.arange(data.size).reshape(data.shape) == 5, 5, 0).astype(data.dtype), "shows no head"),
    ],
)
def test_scans_that_show_no_head_are_left_out(raw: Path, tmp_path: Path, change: object, sentence: str) -> None:

    import nibabel

    shutil.copytree(raw, tmp_path / "raw")
    path = tmp_path / "raw/sub-01/ses-b/anat/sub-01_ses-b_T1w.nii.gz"
    image = nibabel.load(path)
    write(path, change(np.asarray(image.dataobj)), image.affine)  # type: ignore[operator]
    made, said = filled(tmp_path / "raw", tmp_path / "store")
    assert [entry.name for entry in made.entries] == ["sub-01 ses-a"]
    assert any(line.startswith("sub-01 ses-b is left out:") and sentence in line and path.name in line for line in said)


def test_one_hot_voxel_does_not_darken_the_head(raw: Path, store: Path, tmp_path: Path) -> None:

    import nibabel

    shutil.copytree(raw, tmp_path / "raw")
    path = tmp_path / "raw/sub-01/ses-b/anat/sub-01_ses-b_T1w.nii.gz"
    image = nibabel.load(path)
    hot = np.asarray(image.dataobj).astype(np.float32)
    hot[40, 50, 40] = 1e9
    write(path, hot, image.affine)
    made, _said = filled(tmp_path / "raw", tmp_path / "store")
    images = np.asarray(made.entries[1].images[0], float)
    assert images.max() < 20 and (images > 0.3).mean() > 0.1


def test_a_full_disk_is_said_and_the_run_goes_on_later(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mriexplorer.dataset import store as stores

    def full(*_arguments: object) -> None:
        raise OSError("716800 requested and 4032 written")

    monkeypatch.setattr(stores, "_NEEDED", {2: 1 << 60})
    monkeypatch.setattr(stores, "picture", full)
    with pytest.raises(InputError, match="the disk is full; what is complete stays"):
        filled(raw, tmp_path / "store")
    monkeypatch.undo()
    assert len(filled(raw, tmp_path / "store")[0].entries) == 2


def test_another_voxel_size_needs_another_folder(raw: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gather", str(raw), "-o", str(store), "--voxel", "1"]) == 2
    assert "was made at 2 mm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [(["--times", "T2w", "100"], "T2w has 2 times: TE, TR"), (["--times", "DWI", "1"], "kinds of scan are"),
     (["--times", "T2w", "x", "4000"], "'x' is not a number")],
)  # fmt: skip
def test_times_are_checked(
    raw: Path, tmp_path: Path, flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gather", str(raw), "-o", str(tmp_path / "s"), *flags]) == 2
    assert sentence in capsys.readouterr().err


# -- sets ------------------------------------------------------------------------------------------------------

PEOPLE = [SplitMember(f"s{n}", f"p{n // 2}") for n in range(200)]


def test_datasets_of_the_same_anatomies_are_split_alike() -> None:
    one = split([SplitMember(f"sub-{n}", f"sub-{n}", f"head{n % 20}") for n in range(60)], seed=3).sets
    other = split([SplitMember(f"p{n}", f"p{n}", f"head{(n + 7) % 20}") for n in range(45)], seed=3).sets
    assert all(other[f"p{n}"] == one[f"sub-{(n + 7) % 20}"] for n in range(45))


def test_people_keep_together_and_shares_are_kept() -> None:
    made = split(PEOPLE, 1)
    assert all(made.sets[f"s{n}"] == made.sets[f"s{n + 1}"] for n in range(0, 200, 2))
    counts = {name: list(made.sets.values()).count(name) for name in SETS}
    assert abs(counts["train"] - 160) <= 16 and 8 <= counts["validation"] <= 34 and 8 <= counts["test"] <= 34
    assert split(list(reversed(PEOPLE)), 1).sets == made.sets
    assert split(PEOPLE, 2).sets != made.sets
    joined = split([*PEOPLE, *(SplitMember(f"t{n}", f"q{n}") for n in range(50))], 1)
    assert {name: joined.sets[name] for name in made.sets} == made.sets


def test_anatomies_and_families_keep_together() -> None:
    members = [SplitMember(f"s{n}", f"p{n}", anatomy=f"a{n % 10}", family=f"f{n % 5 // 2}" if n < 40 else "") for n in range(100)]
    made = split(members, 3)
    for tie in ("anatomy", "family"):
        for value in {getattr(m, tie) for m in members} - {""}:
            assert len({made.sets[m.name] for m in members if getattr(m, tie) == value}) == 1


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (SplitMember("a", "p"), SplitMember("b", "p"), "person"),
        (SplitMember("a", "p", anatomy="x"), SplitMember("b", "q", anatomy="x"), "anatomy"),
        (SplitMember("a", "p", family="x"), SplitMember("b", "q", family="x"), "family"),
    ],
)
def test_a_leak_is_refused(one: SplitMember, other: SplitMember, kind: str) -> None:
    with pytest.raises(InputError, match=rf"the split leaks: a \(train\) and b \(test\) are of one {kind}"):
        checked(Split(1, {"a": "train", "b": "test"}), [one, other])


def test_a_store_with_a_leak_is_not_opened(store: Path, tmp_path: Path) -> None:

    shutil.copytree(store, tmp_path / "store")
    index = json.loads((tmp_path / "store/store.json").read_text())
    index["sessions"]["sub-01 ses-b"]["set"] = "test"
    (tmp_path / "store/store.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match="the split leaks"):
        open_store(tmp_path / "store")


def test_too_few_to_split_is_a_sentence() -> None:
    with pytest.raises(InputError, match=r"\(4\) cannot be split: only 2"):
        split(PEOPLE[:4], 1)
    with pytest.raises(InputError, match="leaves out s0"):
        checked(Split(1, {}), PEOPLE[:1])
