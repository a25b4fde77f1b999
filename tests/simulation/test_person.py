"""A simulated person is whole: volumes as drawn, maps that physics can use, and the same each time."""

import numpy as np
import pytest

from mriexplorer.physics import FIELDS, TISSUES
from mriexplorer.simulation import person as people
from mriexplorer.simulation import tissue
from mriexplorer.simulation.anatomy import Anatomy
from mriexplorer.simulation.composition import compose
from mriexplorer.simulation.labels import code, structures
from mriexplorer.simulation.shape import fit


def test_volumes_are_those_that_were_drawn(person: people.SimulatedPerson) -> None:
    assert person.volumes["etiv"] == pytest.approx(person.record.etiv_cm3, rel=0.01)
    assert person.volumes["nwbv"] == pytest.approx(person.record.nwbv, abs=0.004)
    assert person.volumes["ventricles"] / person.volumes["etiv"] == pytest.approx(person.record.ventricles, rel=0.05)
    grey = person.volumes["gm"] / (person.volumes["gm"] + person.volumes["wm"])
    assert grey == pytest.approx(person.record.grey, abs=0.01)


def test_shares_are_shares(anatomy: Anatomy) -> None:
    shape = fit(anatomy, np.random.default_rng(1), inside=1500, ventricles=0.02, mirrored=False)
    made = compose(anatomy, shape, people.grid_of(2), brain=0.79, grey=0.56)
    total = sum(made.shares.values())
    assert all(share.min() >= 0 for share in made.shares.values())
    assert np.max(total) < 1.0001
    inside = sum(made.volume(counts) for counts in ("wm", "gm", "csf", "ventricle"))
    assert (made.volume("wm") + made.volume("gm")) / inside == pytest.approx(0.79, abs=0.005)


def test_maps_are_whole_and_plausible(person: people.SimulatedPerson) -> None:
    maps = person.subject.maps
    known = [array > 0 for array in (maps.pd, maps.t1, maps.t2)]
    assert all(np.isfinite(array).all() and array.min() >= 0 for array in (maps.pd, maps.t1, maps.t2, maps.decay_star))
    assert (known[0] == known[1]).all() and (known[0] == known[2]).all()
    assert (maps.decay_star <= maps.t2).all()
    assert (maps.t2 < maps.t1)[known[0]].all()
    assert maps.pd.max() <= 1.2


@pytest.mark.parametrize("field", FIELDS)
def test_tissue_values_keep_to_the_literature(field: float) -> None:
    """The median over people lies within 4 % of the table (age included), and people differ by a few per cent."""
    drawn = [tissue.values(np.random.default_rng(n), 20 + n % 70, field) for n in range(300)]
    for name, row in TISSUES.items():
        at = row.at[field]
        for kind, expected in (("t1", at.t1), ("t2", at.t2), ("t2star", at.t2star)):
            values = np.array([getattr(one[name], kind) for one in drawn])
            assert np.median(values) == pytest.approx(expected, rel=0.04), (name, kind)
            assert 0.01 < values.std() / values.mean() < 0.08, (name, kind)


def test_medians_of_the_maps_are_those_of_the_tissue(person: people.SimulatedPerson) -> None:
    from scipy.ndimage import binary_erosion

    for structure, name in (("white matter", "wm"), ("ventricles", "csf")):
        inside = binary_erosion(person.segmentation == code(structure))
        at = TISSUES[name].at[3.0]
        assert np.median(person.subject.maps.t1[inside]) == pytest.approx(at.t1, rel=0.12)
        assert np.median(person.subject.maps.t2[inside]) == pytest.approx(at.t2, rel=0.2)


def test_every_label_has_a_tissue(person: people.SimulatedPerson) -> None:
    rows = {row.code: row for row in structures().values()}
    assert all(rows[int(n)].tissue for n in np.unique(person.segmentation) if n)
    valid = person.subject.maps.valid
    assert not (person.segmentation[~valid] > 0).any()


def test_lesions_grow_with_age_and_keep_to_white_matter(anatomy: Anatomy) -> None:
    shape = fit(anatomy, np.random.default_rng(1), inside=1500, ventricles=0.02, mirrored=False)
    made = compose(anatomy, shape, people.grid_of(2), brain=0.79, grey=0.56)
    spots = []
    for wanted in (0.5, 8.0):
        with_lesions = tissue.with_lesions(made, np.random.default_rng(2), wanted)
        share = with_lesions.shares["lesion"]
        assert share.sum() * 8 / 1000 == pytest.approx(wanted, rel=0.15)
        assert (share <= made.shares["white matter"] + 1e-6).all()
        assert with_lesions.volume("wm") == pytest.approx(made.volume("wm"), rel=1e-4)
        from scipy.ndimage import label

        spots.append(label(share > 0.3)[1])
    assert spots[1] > spots[0]
    young, old = ([tissue.lesion_volume(np.random.default_rng(n), age, 0) for n in range(200)] for age in (30, 80))
    assert np.median(old) > 10 * np.median(young)


def test_the_same_number_is_the_same_person(plan: people.SimulationPlan, person: people.SimulatedPerson) -> None:
    from dataclasses import replace

    again = people.make(replace(plan, scans=("FLAIR",)), 3)
    assert again.record == person.record and again.mirrored == person.mirrored
    for kind in ("pd", "t1", "t2"):
        assert (getattr(again.subject.maps, kind) == getattr(person.subject.maps, kind)).all()
    assert (people.scan(plan, person, "FLAIR")[0] == people.scan(plan, again, "FLAIR")[0]).all()


def test_left_and_right_are_exchanged_about_the_midline(plan: people.SimulationPlan) -> None:
    drawn = [people._generators(plan.seed, n)["shape"].random() for n in range(400)]
    assert 0.4 < np.mean(np.array(drawn) < 0.5) < 0.6


def test_the_grid_is_the_crop_of_the_paper() -> None:
    assert people.grid_of(1).shape == (160, 224, 160) and people.grid_of(2).shape == (80, 112, 80)
    for voxel in (1, 2):
        grid = people.grid_of(voxel)
        x, y, z = grid.shape
        assert np.allclose(grid.to_mm(((x - 1) / 2, (y - 1) / 2, (z - 1) / 2)), (0, -17, 6))
