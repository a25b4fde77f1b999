"""Volumes against phantoms of known volumes, centiles against curves of known values, and the table that shows both."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from mriexplorer.errors import InputError
from mriexplorer.measure.brain_volumes import RECIPE, BrainVolumes
from mriexplorer.measure.norm_bands import bands
from mriexplorer.measure.norms import BANDS, NormCurve, norms
from mriexplorer.measure.plausibility import checks
from mriexplorer.measure.volumetry import measured, volumes_of
from mriexplorer.measure.volumetry_sheet import PARTS, SHARE, centile_words, csv_text, sheet_of
from mriexplorer.simulation.anatomy import FRAME_ORIGIN, prepare
from mriexplorer.simulation.person import SimulatedPerson, grid_of
from mriexplorer.simulation.shape import KNOTS
from mriexplorer.simulation.standard_frame import standard_brain
from mriexplorer.subject.dementia_rating import cdr_of_mmse
from mriexplorer.subject.subject import Attribute, Subject

GRID = grid_of(2)
VOLUMES = BrainVolumes(1500.0, 0.4, 0.48, 0.12, 0.015)


def millimetres() -> np.ndarray:
    """Places of the voxels of the standard grid, (3, x, y, z)."""
    axes = [GRID.affine[a, 3] + 2 * np.arange(GRID.shape[a]) for a in range(3)]
    return np.stack(np.meshgrid(*axes, indexing="ij"))


def person_of(**record: str) -> Subject:
    """Somebody with a record; the maps are not looked at."""
    return Subject("sub-01", None, tuple(Attribute(*one) for one in record.items()))  # type: ignore[arg-type]


# -- phantoms --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def phantom():
    """A ball of white matter (55 mm) in a shell of grey matter (70 mm), in fluid (74 mm), with a ball of fluid where the
    template's ventricles are; its image, mask, and true cm³.
    """
    place = millimetres()
    near = distance_transform_edt(prepare(None).ventricles < 0.5, 2.0) < 6
    depth = distance_transform_edt(near, 2.0)
    middle = np.array(np.unravel_index(depth.argmax(), depth.shape)) * 2 + FRAME_ORIGIN
    radius_of_fluid = 9
    radius = np.sqrt(((place - middle[:, None, None, None]) ** 2).sum(axis=0))
    image = np.select([radius < radius_of_fluid, radius < 55, radius < 70, radius < 74], [0.2, 1.0, 0.6, 0.2], 0.0).astype(
        np.float32
    )

    def ball(r: float) -> float:
        return 4 / 3 * np.pi * r**3 / 1000

    true = {"wm": ball(55) - ball(radius_of_fluid), "gm": ball(70) - ball(55), "csf": ball(radius_of_fluid), "closed": ball(70)}
    return image, radius < 74, true


def test_a_phantom_of_known_volumes(phantom):
    image, inside, true = phantom
    _shades, closed, shares = measured(image, GRID, inside, np.zeros((3, *KNOTS), np.float32))
    assert closed.sum() * 8 / 1000 == pytest.approx(true["closed"], rel=0.01)
    for part in ("wm", "gm"):
        assert shares[part] == pytest.approx(true[part] / true["closed"], rel=0.02)
    assert shares["csf"] == pytest.approx(true["csf"] / true["closed"], rel=0.1)
    assert shares["ventricles"] == pytest.approx(shares["csf"], rel=0.05), "all the fluid within lies deep"


def test_fluid_that_is_open_to_the_outside_in_three_dimensions_is_within_the_closed_brain(phantom):
    image, inside, _true = phantom
    place = millimetres()
    middle = [float(place[a][image == image[inside].min()].mean()) for a in range(3)]
    pipe = (np.hypot(place[0] - middle[0], place[1] - middle[1]) < 12) & (place[2] < middle[2])
    opened = np.where(pipe & (image > 0), np.float32(0.2), image)
    _shades, closed, shares = measured(opened, GRID, inside, np.zeros((3, *KNOTS), np.float32))
    deep = np.hypot(place[0] - middle[0], place[1] - middle[1]) < 8
    assert closed[deep & (abs(place[2] - middle[2]) < 8)].all()
    assert shares["csf"] > 0.02


@pytest.fixture(scope="module")
def volumes(person: SimulatedPerson) -> BrainVolumes:
    """Those of a simulated person."""
    return volumes_of(person.subject, lambda _what: None)


@pytest.mark.slow
def test_a_simulated_person_has_about_the_volumes_that_the_maps_were_made_with(person, volumes):
    true = person.volumes
    fluid = true["csf"] + true["ventricles"]
    assert volumes.cm3("wm") == pytest.approx(true["wm"], rel=0.15)
    assert volumes.cm3("brain") == pytest.approx(true["wm"] + true["gm"], rel=0.2)  # thin cortex counts partly as fluid
    assert volumes.cm3("csf") == pytest.approx(fluid, rel=0.5)
    assert volumes.closed < true["etiv"] < 1.25 * volumes.closed
    assert volumes.wm + volumes.gm + volumes.csf == pytest.approx(1)
    assert volumes.ventricles < volumes.csf


def test_the_times_of_pure_tissue_are_those_that_the_maps_were_made_with(person, volumes):
    for tissue, t1, tolerance in (
        ("wm", 0.84, 0.1),
        ("gm", 1.42, 0.25),
        ("csf", 4.3, 0.1),
    ):  # the average anatomy has a thin cortex
        assert volumes.relaxation[tissue].t1 == pytest.approx(t1, rel=tolerance), tissue


def test_the_size_of_a_brain_is_the_persons_own(person, monkeypatch):
    grid = person.subject.maps.grid
    larger = replace(person.subject.maps, grid=replace(grid, affine=np.diag([1.1, 1.1, 1.1, 1.0]) @ grid.affine))
    monkeypatch.setattr("mriexplorer.simulation.standard_frame._motion", lambda _maps, _name: np.eye(4))
    mine, theirs = (standard_brain(maps, "sub-01", lambda _what: None) for maps in (person.subject.maps, larger))
    assert theirs.size == pytest.approx(1.1**3 * mine.size, rel=0.01)
    assert theirs.inside.sum() == pytest.approx(mine.inside.sum(), rel=0.02), "both are brought to one size"


def test_half_a_brain_is_refused_in_a_sentence(person):
    maps = person.subject.maps
    cut = np.zeros(maps.grid.shape, bool)
    cut[:, : maps.grid.shape[1] // 4] = True
    part = replace(maps, pd=np.where(cut, maps.pd, 0))
    with pytest.raises(InputError, match="brain"):
        volumes_of(replace(person.subject, maps=part), lambda _what: None)


# -- norms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [-0.5, 0.0, 1.0, 3.0])
def test_a_curve_and_its_inverse(power):
    curve = NormCurve(power, (3.0, 0.2, -0.1), (-3.0, 0.3))
    for age in (20.0, 50.0, 90.0):
        for centile in (1.0, *BANDS, 99.0):
            assert curve.centile(curve.value(centile, age), age) == pytest.approx(centile, abs=1e-6)


def test_a_curve_of_known_values():
    normal = NormCurve(1.0, (np.log(10.0), np.log(2.0)), (np.log(0.1),))  # at 80 years twice that of 50
    assert normal.value(50, 50) == pytest.approx(10)
    assert normal.value(50, 80) == pytest.approx(20)
    assert normal.centile(11.0, 50) == pytest.approx(84.134, abs=1e-3), "a standard deviation above the mean"
    assert normal.centile(-1.0, 50) == 0


def test_the_median_person_is_at_fifty_in_every_measure():
    known = norms()
    for sex in ("F", "M"):
        for name, curves in known.curves.items():
            assert known.centile(name, curves[sex].value(50, 60.0), 60.0, sex) == pytest.approx(50), name


def test_norms_are_of_healthy_people_as_they_are_known_to_be():
    known = norms()
    for sex in ("F", "M"):
        of = known.curves
        assert of["brain"][sex].value(50, 25) > of["brain"][sex].value(50, 80) + 0.05
        assert of["ventricles"][sex].value(50, 80) > 2 * of["ventricles"][sex].value(50, 25)
        assert 1000 < of["brain_cm3"][sex].value(50, 25) < 1500
    assert of["closed_cm3"]["M"].value(50, 40) > 1.08 * of["closed_cm3"]["F"].value(50, 40)


def test_norms_hold_for_people_who_were_left_out():
    for name, one in norms().calibration.items():
        assert 1 < one.below_5 < 11 and 1 < one.above_95 < 11, name
        assert 5 < one.below_5 + one.above_95 < 17, name
        assert one.uniform_p > 0.01, name


def test_norms_of_another_measure_are_refused(monkeypatch):
    monkeypatch.setattr("mriexplorer.measure.norms.RECIPE", RECIPE + 1)
    norms.cache_clear()
    try:
        with pytest.raises(ValueError, match="recipe"):
            norms()
    finally:
        norms.cache_clear()


def test_bands_lie_above_each_other():
    found = bands(norms(), "ventricles", "F")
    values = np.array([found.values[centile] for centile in BANDS])
    assert (np.diff(values, axis=0) > 0).all()
    assert found.span == (values.min(), values.max())
    assert found.ages[0] == norms().ages["F"][0]


# -- tables ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({}, "tells no age and sex"),
        ({"age": "60"}, "tells no sex"),
        ({"sex": "F"}, "tells no age"),
        ({"age": "7", "sex": "F"}, "women of"),
        ({"age": "110", "sex": "male"}, "men of"),
        ({"age": "40", "sex": "O"}, "women and men alone"),
    ],
)
def test_whoever_has_no_centiles_is_told_why(record, said):
    sheet = sheet_of(person_of(**record), VOLUMES)
    assert said in sheet.missing
    assert all(row.centile is None for row in sheet.rows)
    assert sheet.row("wm", "cm³").value == pytest.approx(600)


def test_a_persons_table():
    sheet = sheet_of(person_of(age="63", sex="F"), VOLUMES)
    assert sheet.missing == "" and sheet.person == "woman of 63 years"
    assert len(sheet.rows) == 2 * len(PARTS) - 1
    assert sheet.row("closed", SHARE) is None
    curve = norms().curves["ventricles_cm3"]["F"]
    assert sheet.row("ventricles", "cm³").centile == pytest.approx(curve.centile(22.5, 63))
    assert "1.5 T" in sheet.norm


def test_the_table_comes_back_from_csv():
    sheet = sheet_of(replace(person_of(age="63", sex="F"), name="=1+1", synthetic=True), VOLUMES)
    rows = list(csv.DictReader(io.StringIO(csv_text(sheet))))
    assert list(rows[0]) == ["name", "value", "unit", "centile", "norm", "age", "sex", "subject", "note"]
    for row, expected in zip(rows, sheet.rows, strict=True):
        factor = 1 if expected.unit == "cm³" else 100
        assert float(row["value"]) == pytest.approx(factor * expected.value, rel=1e-5)
        assert float(row["centile"]) == pytest.approx(expected.centile, abs=0.051)
        assert (row["name"], row["unit"], row["norm"]) == (expected.label, expected.unit, "OASIS-1")
        assert (row["age"], row["sex"], row["note"]) == ("63", "F", "SYNTHETIC · not for diagnosis")
        assert not row["subject"].startswith("=")


@pytest.mark.parametrize(("centile", "words"), [(None, "–"), (0.2, "< 1"), (50.4, "50"), (99.9, "> 99")])
def test_centiles_in_words(centile, words):
    assert centile_words(centile) == words


# -- records ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mmse", "cdr"), [(30, 0), (29, 0.5), (26, 0.5), (25, 1), (20, 2), (10, 3)])
def test_mmse_stands_for_a_cdr(mmse, cdr):
    assert cdr_of_mmse(mmse) == cdr


def test_records_that_can_be_and_records_that_cannot():
    fine = {"age": 70.0, "sex": "M", "mmse": 29.0, "cdr": 0.0, "height_cm": 176.0, "weight_kg": 80.0, "nwbv": 0.76}
    assert all(one.plausible for one in checks(fine))
    assert len(checks(fine)) >= 3
    odd = checks(fine | {"mmse": 30.0, "cdr": 2.0, "height_cm": 145.0, "weight_kg": 55.0})
    assert [one.sentence.split()[0] for one in odd if not one.plausible] == ["MMSE", "Height"]
    assert checks({}) == ()
