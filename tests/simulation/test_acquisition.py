"""Scans follow the equations, and every effect can be left out."""

from dataclasses import replace

import numpy as np
import pytest

from mriexplorer.simulation import acquisition as scans
from mriexplorer.simulation import person as people
from mriexplorer.subject.derivative import signal_volume

ALL = frozenset(scans.EFFECTS)


def test_every_protocol_can_be_run() -> None:
    for kind, choice in scans.protocols().items():
        for protocol in choice:
            assert protocol.protocol.problems == (), (kind, protocol.name)


def test_protocols_are_drawn_as_often_as_the_table_says() -> None:
    drawn = [scans.choose(np.random.default_rng(n), "T1w").name for n in range(2000)]
    choice = scans.protocols()["T1w"]
    total = sum(p.weight for p in choice)
    for protocol in choice:
        assert drawn.count(protocol.name) / 2000 == pytest.approx(protocol.weight / total, abs=0.03)


def made(
    person: people.SimulatedPerson, kind: str, without: frozenset[str], seed: int = 0
) -> tuple[np.ndarray, scans.Acquisition]:
    protocol = scans.protocols()[kind][0]
    rng = np.random.default_rng(seed)
    bright = scans.brain_signal(person.subject, person.subject.maps.t1 > 0, protocol)
    how = scans.draw(rng, protocol, bright, without)
    return scans.acquire(person.subject, how, rng)[0], how


@pytest.mark.parametrize("kind", list(scans.protocols()))
def test_without_effects_a_scan_is_the_signal(person: people.SimulatedPerson, kind: str) -> None:
    found, how = made(person, kind, ALL)
    expected = signal_volume(person.subject, how.protocol.protocol)
    assert np.abs(found / 1000 - expected).max() <= 0.00051


@pytest.mark.parametrize("effect", scans.EFFECTS)
def test_each_effect_changes_the_scan_and_can_be_left_out(person: people.SimulatedPerson, effect: str) -> None:
    with_it, how = made(person, "FLAIR", ALL - {effect})
    plain, _how = made(person, "FLAIR", ALL)
    assert with_it.shape != plain.shape or (with_it != plain).mean() > 0.001
    without, other = made(person, "FLAIR", frozenset({effect}))
    everything, all_effects = made(person, "FLAIR", frozenset())
    kept = {"gain", "bias", "sigma", "slices", "blur", "motion"}
    field = {"noise": "sigma", "thickness": "slices", "shift": "motion"}.get(effect, effect)
    for name in kept - {field}:
        assert getattr(other, name) == getattr(all_effects, name)  # leaving one out changes no other
    assert getattr(how, field) == getattr(all_effects, field)
    assert without.shape != everything.shape or (without != everything).any()


def test_noise_is_rician(person: people.SimulatedPerson) -> None:
    found, how = made(person, "T1w", frozenset({"bias", "blur", "shift", "thickness"}))
    air = found[:, :8, -8:] / how.gain / how.sigma
    assert air.mean() == pytest.approx(np.sqrt(np.pi / 2), rel=0.02)
    assert air.std() == pytest.approx(np.sqrt(2 - np.pi / 2), rel=0.03)


def test_thick_slices_are_means_in_the_right_place(person: people.SimulatedPerson) -> None:
    protocol = scans.protocols()["FLAIR"][0]
    how = scans.draw(np.random.default_rng(0), protocol, 1.0, ALL - {"thickness"})
    found, grid = scans.acquire(person.subject, how, np.random.default_rng(0))
    fine = person.subject.maps.grid
    assert grid.spacing == (2.0, 2.0, 4.0) and grid.shape == (80, 112, 40)
    assert grid.to_mm((0, 0, 0))[2] == fine.to_mm((0, 0, 0.5))[2]
    signed = signal_volume(person.subject, protocol.protocol, magnitude=False)
    assert np.abs(found[..., 20] / 1000 - np.abs(signed[..., 40:42].mean(axis=-1))).max() < 0.001


def test_the_recorded_motion_moves_the_head(person: people.SimulatedPerson) -> None:
    protocol = scans.protocols()["T1w"][0]
    how = scans.draw(np.random.default_rng(0), protocol, 1.0, ALL)
    moved, _grid = scans.acquire(person.subject, replace(how, motion=(4.0, 0.0, -6.0, 0.0, 0.0, 0.0)), np.random.default_rng(0))
    still, _grid = scans.acquire(person.subject, how, np.random.default_rng(0))
    assert (moved[2:, :, :-3] == still[:-2, :, 3:]).mean() > 0.999  # two voxels to the right, three down


def test_the_receive_field_is_smooth_and_as_wide_as_drawn() -> None:
    rng = np.random.default_rng(1)
    coefficients = tuple(0.2 * scans._unit(rng.standard_normal(26)))
    field = scans.receive_field(coefficients, (80, 112, 80))
    assert abs(field.mean()) < 1e-6
    assert 0.1 < field.std() < 0.3
    assert max(np.abs(np.diff(field, axis=axis)).max() for axis in range(3)) < 0.06
