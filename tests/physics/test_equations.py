"""The signal equations against an independent simulator, limits and null points, for numpy and torch alike."""

import math
from dataclasses import replace

import bloch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mriexplorer.physics import SEQUENCES, TISSUES, Protocol, equations, signal
from mriexplorer.physics.lookup import LookUp, Voxels
from mriexplorer.view.presets import presets

SIMULATED = {
    "mprage": bloch.mprage,
    "se": bloch.spin_echo,
    "tse": bloch.turbo_spin_echo,
    "flair": bloch.turbo_spin_echo,
    "ir-se": bloch.spin_echo,
    "dir": bloch.spin_echo,
    "psir": bloch.turbo_spin_echo,
    "mp2rage": bloch.mp2rage,
    "spgr": bloch.spoiled_gradient_echo,
    "gre": bloch.spoiled_gradient_echo,
    "bssfp": bloch.balanced,
}
PROTOCOLS = [(p.title, p.protocol.sequence.name, p.protocol.values, p.field) for p in presets()] + [
    ("default", row.name, row.defaults(), 3.0) for row in SEQUENCES.values() if row.model == "full"
]
PROTOCOLS += [
    ("imperfect inversion", name, SEQUENCES[name].complete({"efficiency": 0.92}), 3.0)
    for name in ("mprage", "flair", "ir-se", "psir", "mp2rage")
]
PROTOCOLS += [("centric", "mprage", SEQUENCES["mprage"].complete({"centre": 0.0}), 7.0)]


def relaxation(name: str, field: float, sequence: str) -> tuple[float, float, float]:
    """PD, T1 and the decay time that the sequence shows."""
    tissue = TISSUES[name]
    at = tissue.at[field]
    return tissue.pd, at.t1, at.t2star if SEQUENCES[sequence].decay == "t2star" else at.t2


def computed(name: str, field: float, sequence: str, values: dict) -> float:
    pd, t1, t2 = (np.float64(v) for v in relaxation(name, field, sequence))
    return float(signal(SEQUENCES[sequence], pd, t1, t2, values, magnitude=False))


@pytest.mark.parametrize(("title", "sequence", "values", "field"), PROTOCOLS, ids=lambda v: v if isinstance(v, str) else "")
def test_full_equations_agree_with_bloch_simulation(title, sequence, values, field):
    """Within 0.05 % of the largest tissue signal, for every preset and tissue."""
    expected, found = {}, {}
    for name in TISSUES:
        pd, t1, t2 = relaxation(name, field, sequence)
        expected[name] = (1 if SEQUENCES[sequence].of_t1 else pd) * SIMULATED[sequence](t1, t2, **values)
        found[name] = computed(name, field, sequence, values)
    largest = max(abs(v) for v in expected.values())
    off = {name: abs(found[name] - expected[name]) / largest for name in TISSUES}
    assert max(off.values()) <= 5e-4, off


def test_ideal_equations_have_the_values_of_equation_1():
    """Worked by hand for T1 1 s, T2 0.1 s, PD 0.8: TE 50 ms, TR 2 s, TI 0.5 s."""
    e_tr, e_ti, left = math.exp(-2), math.exp(-0.5), math.exp(-0.5)
    pd, t1, t2 = np.float64(0.8), np.float64(1.0), np.float64(0.1)
    assert equations.ideal_spin_echo(pd, t1, t2, te=0.05, tr=2) == pytest.approx(0.8 * (1 - e_tr) * left, rel=1e-14)
    flair = equations.ideal_flair(pd, t1, t2, te=0.05, tr=2, ti=0.5)
    assert flair == pytest.approx(0.8 * (1 - 2 * e_ti + e_tr) * left, rel=1e-14)
    mprage = equations.ideal_mprage(pd, t1, t2, tr=2, ti=0.5)
    assert mprage == pytest.approx(0.8 * (1 - 2 * e_ti / (1 + e_tr)), rel=1e-14)


@pytest.mark.parametrize("name", ["ideal-flair", "ir-se", "flair"])
def test_inversion_recovery_is_nulled_and_changes_sign_at_ln2_t1(name):
    row = SEQUENCES[name]
    null = 0.6 * math.log(2)
    around = [row.complete({"tr": 15.0, "ti": null * f, "te": 0.02}) for f in (0.9, 1.0, 1.1)]
    low, zero, high = (float(signal(row, np.ones(1), np.array([0.6]), np.array([0.1]), v, magnitude=False)[0]) for v in around)
    assert low < 0 < high
    assert abs(zero) < 1e-6
    magnitude = signal(row, np.ones(1), np.array([0.6]), np.array([0.1]), around[0])
    assert magnitude[0] == -low


@pytest.mark.parametrize("name", ["se", "tse", "ideal-se"])
def test_long_tr_and_short_te_show_proton_density(name):
    row = SEQUENCES[name]
    values = row.complete({"tr": 20.0, "te": 0.004, "esp": 0.002, "etl": 2})
    shown = signal(row, np.array([0.7, 1.0]), np.array([0.8, 1.2]), np.array([5.0, 5.0]), values)
    assert shown == pytest.approx([0.7, 1.0], rel=2e-3)


def test_grey_is_darker_than_white_matter_on_mprage_and_brighter_on_t2w():
    mprage = SEQUENCES["mprage"].defaults()
    t2w = SEQUENCES["tse"].defaults()
    assert computed("csf", 3.0, "mprage", mprage) < computed("gm", 3.0, "mprage", mprage) < computed("wm", 3.0, "mprage", mprage)
    assert computed("wm", 3.0, "tse", t2w) < computed("gm", 3.0, "tse", t2w) < computed("csf", 3.0, "tse", t2w)


def test_flair_presets_null_csf_and_stir_presets_null_fat():
    for preset in presets():
        nulled = (
            "csf" if preset.name == "FLAIR" and preset.group.startswith("Clinical") else "fat" if preset.name == "STIR" else None
        )
        if nulled:
            others = [abs(computed(n, preset.field, "flair", preset.protocol.values)) for n in ("wm", "gm")]
            assert abs(computed(nulled, preset.field, "flair", preset.protocol.values)) < 0.05 * min(others), preset.title


@pytest.mark.parametrize("name", list(SEQUENCES))
def test_torch_gives_what_numpy_gives_and_a_gradient(name):
    torch = pytest.importorskip("torch", reason="torch is an optional extra")
    row = SEQUENCES[name]
    pd, t1, t2 = (np.array([t.pd for t in TISSUES.values()]), np.array([t.at[3.0].t1 for t in TISSUES.values()]),
                  np.array([t.at[3.0].t2 for t in TISSUES.values()]))  # fmt: skip
    tensors = [torch.tensor(a, requires_grad=True) for a in (pd, t1, t2)]
    shown = signal(row, *tensors, row.defaults())
    assert shown.detach().numpy() == pytest.approx(signal(row, pd, t1, t2, row.defaults()), rel=1e-12)
    shown.sum().backward()
    assert all(torch.isfinite(t.grad).all() for t in (tensors[1:2] if row.of_t1 else tensors[:2]))


# -- gradient echoes -------------------------------------------------------------------------------------------


def test_a_spoiled_gradient_echo_is_brightest_at_the_ernst_angle():
    row, t1, tr = SEQUENCES["spgr"], 1.2, 0.02
    ernst = math.degrees(math.acos(math.exp(-tr / t1)))
    shown = [float(signal(row, 1.0, t1, 1.0, row.complete({"tr": tr, "flip": ernst + d}))) for d in (-1, 0, 1)]
    assert shown[1] == max(shown)
    full = signal(SEQUENCES["gre"], 0.7, 0.3, 0.05, SEQUENCES["gre"].complete({"tr": 5.0, "flip": 90, "te": 0.05}))
    assert full == pytest.approx(0.7 * math.exp(-1), rel=1e-6)


def test_balanced_ssfp_at_short_tr_shows_the_ratio_of_t2_and_t1():
    """TR far below T2 and 90 degrees: PD / (1 + T1/T2), half of PD where both are the same (Freeman, Hill 1971)."""
    row = SEQUENCES["bssfp"]
    t1, t2 = np.array([1.0, 1.0, 4.0]), np.array([1.0, 0.1, 2.0])
    shown = signal(row, np.ones(3), t1, t2, row.complete({"tr": 0.002, "flip": 90}))
    assert shown == pytest.approx(1 / (1 + t1 / t2), rel=0.015)


def test_the_uniform_image_falls_with_t1_and_knows_nothing_else():
    row = SEQUENCES["mp2rage"]
    t1 = np.linspace(0.6, 2.5, 40)
    shown = signal(row, np.ones(40), t1, t1 / 10, row.defaults())
    assert (np.diff(shown) < 0).all()
    assert (np.abs(shown) <= 0.5).all()
    assert np.array_equal(shown, signal(row, np.full(40, 0.3), t1, t1 / 50, row.defaults()))


def test_the_spread_of_the_uniform_image_is_that_of_noise_in_its_trains():
    row = SEQUENCES["mp2rage"]
    values, (pd, t1) = row.defaults(), (0.7, 0.84)
    first, second = equations.mp2rage_trains(pd, t1, **values)
    noise = np.random.default_rng(0).normal(0, 5e-4, (2, 200_000))
    s1, s2 = first + noise[0], second + noise[1]
    expected = np.std(s1 * s2 / (s1**2 + s2**2)) / 5e-4
    assert equations.mp2rage_spread(pd, t1, 0.05, **values) == pytest.approx(expected, rel=0.02)


def test_psir_keeps_its_sign_whatever_is_requested():
    row = SEQUENCES["psir"]
    values = row.complete({"ti": 0.3})
    for magnitude in (True, False):
        assert signal(row, np.ones(1), np.array([1.4]), np.array([0.08]), values, magnitude=magnitude)[0] < 0
        looked_up = LookUp.of(Protocol(row, values), magnitude=magnitude)
        assert Voxels.of(*(np.array([v], np.float32) for v in (1, 1.4, 0.08, 0.08))).signal(looked_up)[0] < 0


def test_nulled_presets_darken_white_matter():
    for title in ("Clinical 3 T · DIR", "Clinical 7 T · T1w white matter nulled", "Clinical 3 T · FGATIR"):
        preset = next(p for p in presets() if p.title == title)
        shown = {
            n: abs(computed(n, preset.field, preset.protocol.sequence.name, preset.protocol.values))
            for n in ("wm", "gm", "thalamus")
        }
        assert shown["wm"] < 0.5 * min(shown["gm"], shown["thalamus"]), title


voxels = st.lists(
    st.tuples(st.floats(0.1, 1.2), st.floats(0.05, 6.0), st.floats(0.005, 3.0)).filter(lambda v: v[2] < v[1]),
    min_size=1,
    max_size=30,
)


def test_a_sequence_that_is_not_separable_is_evaluated_exactly():
    row = replace(SEQUENCES["mprage"], separable=False)
    pd, t1, t2 = (np.array(v, np.float32) for v in ([0.7, 0.8], [0.84, 1.42], [0.05, 0.07]))
    shown = Voxels.of(pd, t1, t2, t2).signal(LookUp.of(Protocol.complete(row)))
    assert np.array_equal(shown, signal(row, pd, t1, t2, row.defaults()))


@pytest.mark.parametrize("name", list(SEQUENCES))
@given(voxels=voxels)
def test_look_up_is_within_a_grey_level_of_the_equation(name, voxels):
    """0.1 % of the largest signal a voxel could have, that is a quarter of a grey level."""
    row = SEQUENCES[name]
    pd, t1, t2 = (np.array(column, np.float32) for column in zip(*voxels, strict=True))
    exact = signal(row, pd, t1, t2, row.defaults(), magnitude=False)
    looked_up = Voxels.of(pd, t1, t2, t2).signal(LookUp.of(Protocol.complete(row), magnitude=False))
    assert np.abs(looked_up - exact).max() <= 1e-3
