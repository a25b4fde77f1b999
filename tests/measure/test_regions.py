"""Regions of interest: which voxels they hold, what is measured in them, how they are drawn, kept and undone."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import AFFINE, PD, SHAPE, T1, T2, tissue, values, write

from mriexplorer.errors import InputError
from mriexplorer.measure.masks import RoiMasks, polygon_mask, roi_masks
from mriexplorer.measure.outline import edges, roi_outlines
from mriexplorer.measure.profile import course
from mriexplorer.measure.statistics import Measured, bins, cnr, contrast_words, signal_words, table
from mriexplorer.measure.summary import summary
from mriexplorer.physics import signal
from mriexplorer.physics.lookup import Voxels
from mriexplorer.render.imaging import Imaging
from mriexplorer.render.scene import Scene
from mriexplorer.session.session import Session
from mriexplorer.subject import Subject
from mriexplorer.subject.tissue_maps import Grid, TissueMaps
from mriexplorer.view.plane import PLANES
from mriexplorer.view.region import Line, Region, next_colour, next_name
from mriexplorer.view.source import Source
from mriexplorer.view.state import State
from mriexplorer.view.state_json import from_json, to_json

CENTRE = (1.0, 0.0, 2.0)


@pytest.fixture
def subject():
    """The head of the tests, as maps."""
    return Subject("head", TissueMaps(values(PD), values(T1), values(T2), Grid(SHAPE, AFFINE)))


@pytest.fixture
def session(subject):
    """A session that shows it."""
    made = Session(State(), lambda call: call())
    made.loading.start(State())
    made.workspace.scene = Scene(subject)
    made.store.change(made.state.with_display(cursor=CENTRE))
    made.store.forget()
    yield made
    made.loading.close()


def millimetres():
    """Places of every voxel's centre, shape (x, y, z, 3)."""
    return np.moveaxis(np.indices(SHAPE), 0, -1) @ AFFINE[:3, :3].T + AFFINE[:3, 3]


@pytest.mark.parametrize("plane", PLANES)
def test_an_ellipse_holds_the_tissue_whose_centres_lie_in_it(plane, subject):
    region = Region("A", "ellipse", plane, (CENTRE,), (9.0, 6.0))
    axes = PLANES[plane]
    away = millimetres() - CENTRE
    in_slice = np.abs(away[..., axes.normal]) <= AFFINE[axes.normal, axes.normal] / 2
    inside = in_slice & ((away[..., axes.across] / 9) ** 2 + (away[..., axes.up] / 6) ** 2 <= 1)
    held = RoiMasks(subject).voxels_of(region)
    assert held.inside == inside.sum() > 10
    assert sorted(held.voxels.t1) == sorted(subject.maps.t1[inside & subject.maps.valid])


def test_a_polygon_is_the_even_odd_rule():
    """Against a crossing count voxel by voxel, for a star that overlaps itself."""
    turn = np.arange(5) * 4 * np.pi / 5
    star = np.stack([12 + 10.3 * np.cos(turn), 11 + 9.7 * np.sin(turn)], axis=1)

    def inside(x, y):
        found = False
        for (x0, y0), (x1, y1) in zip(star, np.roll(star, -1, axis=0), strict=True):
            if min(y0, y1) < y <= max(y0, y1) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                found = not found
        return found

    expected = np.array([[inside(x, y) for y in range(22)] for x in range(25)])
    assert (polygon_mask(star, (25, 22)) == expected).all()
    assert not expected[12, 11], "the middle of a star is outside by this rule"


def test_a_brush_holds_what_lies_under_its_dabs(subject):
    points, radii = ((0.0, 0.0, 2.0), (4.0, 3.0, 2.0)), (3.0, 5.0)
    away = [np.linalg.norm((millimetres() - point)[..., :2], axis=-1) for point in points]
    in_slice = np.abs(millimetres()[..., 2] - 2.0) <= 1.5
    inside = in_slice & ((away[0] <= 3) | (away[1] <= 5))
    assert RoiMasks(subject).voxels_of(Region("A", "brush", "axial", points, radii)).inside == inside.sum()
    tiny = RoiMasks(subject).voxels_of(Region("A", "brush", "axial", points[:1], (0.1,)))
    assert tiny.inside == 1, "the voxel under the pointer is always painted"


def test_tissue_is_the_nearest_of_the_literature(subject):
    holder = RoiMasks(subject)
    for name, label in (("csf", 1), ("gm", 2), ("wm", 3)):
        assert holder.voxels_of(Region("A", "tissue", tissue=name)).count == (tissue() == label).sum()
        k = round((CENTRE[2] - AFFINE[2, 3]) / AFFINE[2, 2])
        in_plane = holder.voxels_of(Region("A", "tissue", "axial", (CENTRE,), tissue=name))
        assert in_plane.count == (tissue()[:, :, k] == label).sum()
    assert holder.voxels_of(Region("A", "tissue", tissue="lesion")).count == 0


def test_a_threshold_of_the_signal_stays_when_sliders_move(session):
    session.change(session.state.with_window(0.015, 0.5))
    session.measurement.add_threshold("axial")
    region = session.state.measurement.regions[0]
    before = roi_masks(session.scene).voxels_of(region).count
    k = session.scene.voxel(session.state)[2]
    maps = session.scene.subject.maps
    head = maps.valid[:, :, k]
    pd, t1, t2 = (volume[:, :, k][head] for volume in (maps.pd, maps.t1, maps.t2))
    shown = signal(session.state.sequence, pd, t1, t2, session.state.protocol.values)
    assert head.sum() > (shown >= 0.015).sum() == before > 0
    session.choose_sequence("flair")
    assert session.state.measurement.regions[0] == region
    assert roi_masks(session.scene).voxels_of(region).count == before
    session.measurement.limit("A", 0.0, 1e-9)
    assert roi_masks(session.scene).voxels_of(session.state.measurement.regions[0]).count == 0


def test_a_threshold_needs_what_the_planes_can_show(session):
    failed = []
    session.workspace.error = failed.append
    session.set_value("tr", 0.5)
    session.measurement.add_threshold("axial")
    assert "choose one" in failed[0]
    session.choose_view("t2")
    session.set_window(0.06, 0.075)
    session.measurement.add_threshold("coronal")
    assert set(roi_masks(session.scene).voxels_of(session.state.measurement.regions[0]).voxels.t2) == {np.float32(T2["wm"])}


def test_a_region_outside_of_a_subject_is_empty(subject):
    holder = RoiMasks(subject)
    far = Region("A", "ellipse", "axial", ((0.0, 0.0, 900.0),), (9.0, 9.0))
    assert (holder.voxels_of(far).count, holder.voxels_of(far).inside) == (0, 0)
    air = Region("A", "ellipse", "axial", ((-18.0, -28.0, 2.0),), (3.0, 3.0))
    assert holder.voxels_of(air).inside > holder.voxels_of(air).count == 0


def test_which_voxels_are_held_is_found_once(subject):
    holder, region = RoiMasks(subject), Region("A", "ellipse", "axial", (CENTRE,), (9.0, 6.0))
    assert holder.voxels_of(region) is holder.voxels_of(replace(region, name="left putamen", colour=3))
    assert holder.voxels_of(region) is not holder.voxels_of(region.moved((2.0, 0.0, 0.0)))


# -- numbers ---------------------------------------------------------------------------------------------------


def test_summaries_are_numpys():
    drawn = np.random.default_rng(3).normal(0.2, 0.01, 100_000).astype(np.float32)
    one = summary(drawn)
    assert (one.n, one.low, one.high) == (100_000, drawn.min(), drawn.max())
    assert one.mean == pytest.approx(drawn.mean(dtype=np.float64), rel=1e-9)
    assert one.sd == pytest.approx(drawn.std(dtype=np.float64, ddof=1), rel=1e-5)
    assert one.snr == pytest.approx(20, rel=0.02)


def test_summaries_of_nothing_of_one_of_the_same_and_of_nan():
    empty = summary(np.zeros(0, np.float32))
    assert empty.n == 0 and np.isnan(empty.mean) and not empty.constant and empty.snr is None
    for same in ([0.3], [0.3] * 7):
        one = summary(np.array(same, np.float32))
        assert one.constant and one.sd == 0 and one.snr is None
    mixed = summary(np.array([1, np.nan, 3, np.inf], np.float32))
    assert (mixed.n, mixed.mean, mixed.low, mixed.high) == (2, 2.0, 1.0, 3.0)


def test_cnr_is_the_difference_over_the_pooled_sd():
    first, second = (summary(np.array(v, np.float32)) for v in ([4, 6], [1, 3]))
    assert cnr(first, second) == pytest.approx(3 / np.sqrt(2))
    assert cnr(second, first) == pytest.approx(-3 / np.sqrt(2))
    same = summary(np.array([2, 2], np.float32))
    assert cnr(same, same) is None


def test_histograms_count_every_value():
    drawn = np.random.default_rng(3).gamma(2, 1, 5000).astype(np.float32)
    found = bins(drawn)
    expected, _edges = np.histogram(drawn, bins=found.edges)
    assert found.counts.sum() == 5000
    assert np.abs(found.counts - expected).max() <= 2, "rounding at edges apart"
    assert bins(np.full(9, 0.5, np.float32)) is None


def measured(session, name="A", *, signal_too=True):
    """What the panel would show of a region."""
    region = next(region for region in session.state.measurement.regions if region.name == name)
    held = roi_masks(session.scene).voxels_of(region)
    signal = held.signal(session.scene.imaging(session.state), exact=True)
    return Measured(region, held.inside, summary(signal) if signal_too and signal is not None else None, *held.maps)


def test_words_for_what_has_no_number(session):
    session.measurement.add_tissue("wm")
    session.measurement.add_tissue("lesion")
    session.measurement.add(Region("", "ellipse", "axial", ((-18.0, -28.0, 2.0),), (3.0, 3.0)))
    session.measurement.add(Region("", "ellipse", "axial", ((0.0, 0.0, 900.0),), (3.0, 3.0)))
    rows = [measured(session, name) for name in "ABCD"]
    assert signal_words(rows[0]).endswith("constant")
    assert [signal_words(row) for row in rows[1:]] == ["none found", "no tissue in it", "no voxel in it"]
    assert contrast_words(rows[:2]) == "CNR A–B none found    SNR A constant    SNR B none found"
    assert contrast_words([rows[0], rows[0]]).startswith("CNR A–A both constant")
    session.set_value("tr", 0.5)
    assert signal_words(measured(session)) == "no image"


def test_the_table_holds_every_number(session):
    session.measurement.add(Region("", "ellipse", "axial", (CENTRE,), (16.0, 16.0)))
    session.measurement.rename("A", "mixed, both")
    session.measurement.add_tissue("wm")
    rows = [measured(session, name) for name in ("mixed, both", "A")]
    lines = table(rows, ("what it is",)).splitlines()
    assert lines[0] == "# what it is"
    first, second = csv.DictReader(lines[1:4])
    assert (first["region"], second["region"]) == ("mixed, both", "A")
    k = round((CENTRE[2] - AFFINE[2, 3]) / AFFINE[2, 2])
    inside = np.linalg.norm((millimetres() - CENTRE)[..., :2], axis=-1)[:, :, k] <= 16
    t1 = values(T1)[:, :, k][inside & (tissue()[:, :, k] > 0)].astype(float) * 1000
    assert int(first["voxels"]) == t1.size
    assert float(first["T1 (ms) mean"]) == pytest.approx(t1.mean(), rel=1e-5)
    assert float(first["T1 (ms) SD"]) == pytest.approx(t1.std(ddof=1), rel=1e-4)
    assert (float(first["T1 (ms) min"]), float(first["T1 (ms) max"])) == pytest.approx((t1.min(), t1.max()))
    assert second["SNR"] == "n/a"
    expected = cnr(rows[0].signal, rows[1].signal)
    last = next(csv.reader([lines[-1]]))
    assert last[:2] == ["mixed, both", "A"]
    assert float(last[2]) == pytest.approx(expected, rel=1e-4)


def test_a_large_region_is_measured_in_a_part_of_its_voxels_while_sliders_move(brain):
    held = RoiMasks(brain).voxels_of(Region("A", "tissue", tissue="gm"))
    assert held.sampled
    assert 50_000 < held.few.pd.size <= 100_000 < held.count
    look = Imaging.of(State(), None).table
    whole, part = summary(held.voxels.signal(look)), summary(held.few.signal(look))
    assert part.mean == pytest.approx(whole.mean, rel=2e-3)
    assert part.sd == pytest.approx(whole.sd, rel=2e-2)


# -- along a line ----------------------------------------------------------------------------------------------


def test_a_profile_is_linear_between_voxels(subject):
    grid = subject.maps.grid
    line = Line("axial", grid.to_mm((3, 9, 9)), grid.to_mm((15, 9, 9)))
    found = course(subject.maps, line)
    assert found.mm[-1] == pytest.approx(24)
    imaging = Imaging.of(State(), None)
    for view in ("t1", "pd", "signal"):
        along = subject.maps
        voxels = Voxels.of(along.pd[3:16, 9, 9], along.t1[3:16, 9, 9], along.t2[3:16, 9, 9], along.t2[3:16, 9, 9])
        at_voxels = voxels.signal(imaging.table) if view == "signal" else getattr(voxels, view)
        expected = np.interp(found.mm, np.arange(13) * 2.0, at_voxels)
        assert found.values(view, imaging) == pytest.approx(expected, rel=1e-5)
    assert found.values("signal", None) is None


def test_a_profile_is_zero_where_there_is_nothing(subject):
    found = course(subject.maps, Line("axial", (0.0, 0.0, 2.0), (200.0, 0.0, 2.0)))
    assert (found.values("t1", None)[found.mm > 40] == 0).all()
    point = course(subject.maps, Line("axial", CENTRE, CENTRE))
    assert np.isfinite(point.values("t1", None)).all()


# -- outlines --------------------------------------------------------------------------------------------------


def test_edges_enclose_a_mask():
    mask = np.random.default_rng(5).random((9, 7)) > 0.5
    runs = edges(mask)
    length = sum(np.abs(run[1] - run[0]).sum() for run in runs)
    padded = np.pad(mask.astype(int), 1)
    assert length == sum(np.abs(np.diff(padded, axis=axis)).sum() for axis in (0, 1))


@pytest.mark.parametrize("convention", ["radiological", "neurological"])
@pytest.mark.parametrize("flips", [(0, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_outlines_lie_where_the_pixels_are(convention, flips, tmp_path):
    """A region of one tissue encloses the same pixels on the screen, however the file was stored and is shown."""
    turn = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    affine = AFFINE.copy()
    affine[:3, 3] += AFFINE[:3, :3] @ (np.array(flips) * (np.array(SHAPE) - 1))
    affine[:3, :3] = AFFINE[:3, :3] * np.where(flips, -1, 1)
    for name, content in (("T1map", T1), ("T2map", T2), ("PDmap", PD)):
        write(tmp_path / f"{name}.nii.gz", values(content)[turn], affine)
    session = Session(State(), lambda call: call())
    session.loading.start(State(Source(paths=(str(tmp_path),))).with_display(convention=convention))
    session.show(cursor=CENTRE)
    scene, state = session.scene, session.state
    for plane, axes in PLANES.items():
        geometry, at = scene.geometry(plane, state), scene.voxel(state)
        found = roi_outlines(scene).of(Region("A", "tissue", tissue="csf"), geometry, at)
        assert found is roi_outlines(scene).of(Region("B", "tissue", tissue="csf", colour=2), geometry, at)
        shown = geometry.cut(scene.subject.maps.t1, at) > 3
        upright = [stroke for stroke in found.strokes if stroke[0, 0] == stroke[1, 0]]
        crossed = np.zeros(shown.shape, int)
        for stroke in upright:
            rows = np.sort(stroke[:, 1]).astype(int)
            crossed[rows[0] : rows[1], : int(stroke[0, 0])] += 1
        assert (crossed % 2 == shown).all()
        ellipse = Region("A", "ellipse", plane, (CENTRE,), (6.0, 4.0))
        middle = roi_outlines(scene).of(ellipse, geometry, at).strokes[0][:-1].mean(axis=0)
        exact = np.linalg.solve(scene.subject.maps.grid.affine, (*CENTRE, 1))[:3]
        assert middle == pytest.approx(geometry.place(tuple(exact)), abs=1e-6)
        beyond = list(at)
        beyond[axes.normal] += 1
        assert roi_outlines(scene).of(ellipse, geometry, tuple(beyond)) is None
    session.loading.close()


# -- wishes ----------------------------------------------------------------------------------------------------


def test_names_and_colours_are_given_anew():
    regions = [Region(name, "tissue", tissue="wm", colour=n) for n, name in enumerate("ACD")]
    assert next_name(regions) == "B"
    assert next_colour(regions) == 3
    every = [Region(chr(65 + n), "tissue", tissue="wm", colour=n % 8) for n in range(26)]
    assert next_name(every) == "A2"
    assert next_colour(every) == 2


def test_every_wish_can_be_undone(session):
    measure, store = session.measurement, session.store
    start = session.state
    measure.add_ellipse("axial")
    assert (session.state.measurement.selected, session.state.panels.side) == (("A",), "measure")
    measure.resize("A", 20, 8)
    measure.move("A", (1.0, 2.0, 0.0))
    measure.rename("A", "left")
    measure.add_tissue("wm")
    measure.select("left")
    measure.line_at_cursor("axial", 1)
    measure.remove()
    assert [region.name for region in session.state.measurement.regions] == ["A"]
    for _ in range(3):
        store.undo()
    assert [region.name for region in session.state.measurement.regions] == ["left", "A"]
    left = session.state.measurement.regions[0]
    assert left.radii == (10.0, 4.0)
    assert np.subtract(left.points[0], (2.0, 2.0, 2.0)) == pytest.approx(0, abs=1.5)
    while store.can_undo:
        store.undo()
    assert session.state == start


def test_what_cannot_be_is_said_and_changes_nothing(session):
    failed = []
    session.workspace.error = failed.append
    session.measurement.add_ellipse("axial")
    session.measurement.add_ellipse("coronal")
    before = session.state
    session.measurement.rename("A", "B")
    session.measurement.rename("A", "   ")
    session.measurement.rename("A", "x" * 40)
    session.measurement.resize("A", -3, 5)
    session.measurement.limit("A", 2, 1)
    assert len(failed) == 5
    assert session.state == before


def test_measurements_are_saved_or_not_at_all(session, tmp_path):
    session.measurement.save(tmp_path / "numbers.csv", "a,b\n")
    assert (tmp_path / "numbers.csv").read_text() == "a,b\n"
    with pytest.raises(InputError, match="could not be written"):
        session.measurement.save(tmp_path / "numbers.csv" / "numbers.csv", "a,b\n")


def test_a_brush_of_many_dabs_holds_what_lies_under_each(session):
    maps = session.scene.subject.maps
    rng = np.random.default_rng(0)
    points = tuple((float(x), float(y), 10.0) for x, y in rng.uniform(-130, 130, (300, 2)))
    region = Region("", "brush", "axial", points, tuple(rng.uniform(0.2, 6, 300).tolist()))
    index = maps.grid.to_voxel((0, 0, 10))[2]
    mask = roi_masks(session.scene).mask(region, PLANES["axial"], index)
    every = np.stack(np.meshgrid(*map(np.arange, mask.shape), indexing="ij"), -1)
    where = every * maps.grid.affine[[0, 1], [0, 1]] + maps.grid.affine[:2, 3]
    near = np.zeros(mask.shape, bool)
    for (x, y, _z), radius in zip(points, region.radii, strict=True):
        near |= ((where - (x, y)) ** 2).sum(-1) <= radius**2
        at = maps.grid.to_voxel((x, y, 10.0))
        near[at[:2]] |= np.abs(np.array(maps.grid.to_mm(at))[:2] - (x, y)).max() <= 0.5 * max(maps.grid.spacing)
    assert np.array_equal(mask, near)


def test_no_name_is_a_formula_to_a_program_of_tables(session):
    session.measurement.add_ellipse("axial")
    session.measurement.rename("A", "=1+1")
    measured = Measured(session.state.measurement.regions[0], 0, None, *[summary(np.zeros(0, np.float32))] * 3)
    assert "'=1+1," in table([measured], ())
    session.measurement.rename("=1+1", "two\nlines")
    assert session.state.measurement.regions[0].name == "=1+1"


# -- drawing ---------------------------------------------------------------------------------------------------


def gestures(session, plane, tool, *steps):
    """Gestures in a row, each with its place."""
    for gesture, place in steps:
        session.drawing.do(gesture, plane, tool, place)


@pytest.mark.parametrize("convention", ["radiological", "neurological"])
def test_an_ellipse_is_drawn_in_the_box_of_a_drag(convention, session):
    session.show(convention=convention)
    gestures(session, "axial", "ellipse", ("press", (5.0, 10.0)), ("move", (9.0, 12.0)), ("move", (11.0, 16.0)))
    assert session.state.measurement.regions == ()
    assert session.drawing.draft is not None
    gestures(session, "axial", "ellipse", ("release", None))
    region = session.state.measurement.regions[0]
    assert region.radii == pytest.approx((6.0, 7.5)), "6 columns of 2 mm, 6 rows of 2.5 mm"
    geometry, at = session.scene.geometry("axial", session.state), session.scene.voxel(session.state)
    stroke = roi_outlines(session.scene).of(region, geometry, at).strokes[0]
    assert (*stroke.min(axis=0), *stroke.max(axis=0)) == pytest.approx((5, 10, 11, 16), abs=0.01)


def test_a_click_is_no_ellipse_and_no_line(session):
    before = session.state
    for tool in ("ellipse", "profile"):
        gestures(session, "axial", tool, ("press", (5.0, 10.0)), ("release", None))
    assert session.state == before


def test_a_polygon_is_clicked_taken_back_closed_or_given_up(session):
    failed = []
    session.workspace.error = failed.append
    press = [("press", place) for place in ((5.0, 5.0), (12.0, 5.0), (3.0, 3.0))]
    gestures(session, "axial", "polygon", *press[:2], ("close", None))
    assert "three corners" in failed[0]
    gestures(session, "axial", "polygon", press[2], ("back", None), ("press", (12.0, 15.0)), ("close", None))
    assert [region.kind for region in session.state.measurement.regions] == ["polygon"]
    assert len(session.state.measurement.regions[0].points) == 3
    gestures(session, "axial", "polygon", *press, ("abandon", None), ("close", None))
    assert len(session.state.measurement.regions) == 1
    assert session.drawing.draft is None


def test_a_corner_in_another_slice_begins_another_polygon(session):
    gestures(session, "axial", "polygon", ("press", (5.0, 5.0)), ("press", (12.0, 5.0)))
    session.step("axial", 0, 0, 1)
    gestures(session, "axial", "polygon", ("press", (12.0, 15.0)))
    assert len(session.drawing.draft.points) == 1


def test_the_brush_adds_to_the_selected_region_of_its_slice(session):
    session.drawing.do("larger", "axial", "brush", None)
    stroke = (("press", (5.0, 10.0)), ("move", (12.0, 10.0)), ("release", None))
    gestures(session, "axial", "brush", *stroke)
    first = session.state.measurement.regions[0]
    assert set(first.radii) == {3.75}
    gestures(session, "axial", "brush", ("press", (5.0, 16.0)), ("release", None))
    assert len(session.state.measurement.regions) == 1
    assert len(session.state.measurement.regions[0].points) == len(first.points) + 1
    session.step("axial", 0, 0, 1)
    gestures(session, "axial", "brush", *stroke)
    assert len(session.state.measurement.regions) == 2


def test_outlines_names_and_ends_can_be_taken_hold_of(session):
    drawing = session.drawing
    gestures(session, "axial", "ellipse", ("press", (5.0, 10.0)), ("move", (11.0, 16.0)), ("release", None))
    session.measurement.select()
    assert not drawing.take("axial", "cursor", (8.0, 13.0), 0.5), "the inside belongs to the crosshair"
    assert drawing.take("axial", "cursor", (5.0, 13.0), 0.5)
    assert session.state.measurement.selected == ("A",)
    before = session.state.measurement.regions[0].points[0]
    gestures(session, "axial", "cursor", ("move", (6.0, 12.0)), ("release", None))
    after = session.state.measurement.regions[0].points[0]
    assert np.subtract(after, before) == pytest.approx((-2.0, 2.5, 0.0)), "a column is 2 mm to the patient's left"
    assert not drawing.take("sagittal", "cursor", (5.0, 13.0), 0.5)
    gestures(session, "axial", "profile", ("press", (2.0, 2.0)), ("move", (18.0, 2.0)), ("release", None))
    start = session.state.measurement.line.start
    assert drawing.take("axial", "profile", (18.0, 2.2), 0.5)
    gestures(session, "axial", "profile", ("move", (18.0, 20.0)), ("release", None))
    assert session.state.measurement.line.start == start
    assert session.state.measurement.line.end[1] < start[1] - 40


# -- files -----------------------------------------------------------------------------------------------------


def test_regions_survive_json(session):
    session.measurement.add_ellipse("coronal")
    session.measurement.add_tissue("csf")
    session.measurement.add_threshold("axial")
    session.measurement.line_at_cursor("sagittal", 0)
    gestures(session, "axial", "brush", ("press", (5.0, 10.0)), ("move", (12.0, 10.0)), ("release", None))
    gestures(session, "axial", "polygon", *(("press", p) for p in ((5.0, 5.0), (12.0, 5.0), (9.0, 9.0))), ("close", None))
    assert from_json(to_json(session.state)) == session.state


GOOD = {"name": "A", "kind": "ellipse", "plane": "axial", "points": [[0, 0, 0]], "radii": [4, 4]}


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "square"},
        {"plane": "oblique"},
        {"plane": ""},
        {"name": ""},
        {"name": 7},
        {"name": "x" * 99},
        {"points": []},
        {"points": [[0, 0]]},
        {"points": [[0, 0, "far"]]},
        {"points": [[0, 0, 1e999]]},
        {"radii": [4]},
        {"radii": [4, -1]},
        {"radii": [4, True]},
        {"colour": 99},
        {"colour": "red"},
        {"kind": "polygon"},
        {"kind": "brush", "radii": []},
        {"kind": "tissue", "tissue": "bone"},
        {"kind": "threshold", "view": "t1", "limits": [2, 1]},
        {"kind": "threshold", "view": "measured", "limits": [1, 2]},
        {"kind": "threshold", "view": "signal", "limits": [1, 2]},
        {"kind": "threshold", "view": "signal", "limits": [1, 2], "sequence": "nonsense"},
    ],
)
def test_regions_that_cannot_be_are_refused(changed):
    assert from_json(json.dumps({"regions": [GOOD]})).measurement.regions[0].name == "A"
    with pytest.raises(InputError, match="not a state"):
        from_json(json.dumps({"regions": [GOOD | changed]}))


@pytest.mark.parametrize(
    "changed",
    [
        {"regions": [GOOD, GOOD]},
        {"regions": 4},
        {"selected": ["A"]},
        {"line": {"plane": "axial", "start": [0, 0, 0]}},
        {"line": {"plane": "volume", "start": [0, 0, 0], "end": [1, 1, 1]}},
    ],
)
def test_lines_and_selections_that_cannot_be_are_refused(changed):
    with pytest.raises(InputError, match="not a state"):
        from_json(json.dumps(changed))
