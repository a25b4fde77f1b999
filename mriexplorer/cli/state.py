"""The state that flags describe, and the scene that it is of."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mriexplorer.errors import InputError

if TYPE_CHECKING:
    from argparse import Namespace

    from mriexplorer.render.scene import Scene
    from mriexplorer.view.state import State

KINDS = ("t1", "t2", "pd", "t2star")


def state_of(options: "Namespace") -> "State":
    """The state that the flags of source and contrast describe. Raises InputError."""
    from mriexplorer.physics import Protocol, outside
    from mriexplorer.view.display import HIGHEST_SEED, HIGHEST_SNR
    from mriexplorer.view.presets import with_preset
    from mriexplorer.view.state import State

    given = {name: value for name in _names() if (value := getattr(options, name, None)) is not None}
    state = with_preset(State(), options.preset)
    sequence = state.sequence
    if options.preset and options.sequence and options.sequence != sequence.name:
        raise InputError(f"{options.preset!r} is a preset of {sequence.name}, not of {options.sequence}; give one of the two.")
    if options.field is not None and (options.paths or picked(options)):
        raise InputError("--field is for the built-in brain; loaded maps keep the field they were measured at.")
    if options.sequence and not options.preset:
        state = state.with_sequence(options.sequence)
    sequence = state.sequence
    unknown = sorted(set(given) - sequence.names)
    if unknown:
        raise InputError(f"{sequence.label} has no {', '.join(unknown)}; it has {', '.join(state.protocol.values)}.")
    protocol = Protocol(sequence, {**state.protocol.values, **given})
    if wrong := outside(sequence, protocol.values):
        raise InputError(f"{sequence.label} cannot be run so: {'; '.join(p.sentence for p in wrong)}.")
    if (options.snr and not 1 <= options.snr <= HIGHEST_SNR) or not 0 <= options.noise_seed <= HIGHEST_SEED:
        raise InputError(f"--snr lies between 1 and {HIGHEST_SNR:g} (0: no noise), --noise-seed between 0 and {HIGHEST_SEED}.")
    field = state.source.field if options.field is None else options.field
    source = replace(state.source, person=options.person, units=tuple(units(options).items()), field=field)
    state = replace(state, source=source).with_display(snr=options.snr, noise_seed=options.noise_seed)
    return state.with_contrast(protocol=protocol, view=options.view, magnitude=not options.signed)


def scene_of(options: "Namespace") -> tuple["Scene", "State"]:
    """What the flags of render and movie name, loaded. Raises InputError."""
    from mriexplorer.export.checks import refuse_missing
    from mriexplorer.session.opening import whole_scene
    from mriexplorer.view.display import FARTHEST_EDGE, Layout
    from mriexplorer.view.views import SCANNED, View

    state = state_of(options)
    paths, named = tuple(map(str, options.paths)), tuple((kind, str(path)) for kind, path in picked(options))
    state = replace(state, source=replace(state.source, paths=paths, picked=named))
    state = _pictured(state.with_display(convention=options.convention), options)
    catalog, scene = whole_scene(state)
    if catalog and len(catalog.entries) > 1 and options.person is None:
        print(f"mriexplorer: note: {len(catalog.entries)} people were found, this is {scene.subject.name}; "
              "choose with --person.", file=sys.stderr)  # fmt: skip
    refuse_missing(scene, state.view)
    if state.display.layout == Layout.COMPARE or options.view in SCANNED:
        state = _of_scan(state, scene, options)
    state = state.with_display(cursor=_cursor(options, scene), crosshair=options.crosshair)
    in_ms = options.view in (View.T1, View.T2, View.T2STAR)
    given = [value / 1000 if in_ms else value for value in options.window or ()]
    low, high = given or (scene.automatic(state) if state.view in (View.SIGNAL, *SCANNED) else state.window())
    if not low < high or max(abs(low), abs(high)) > FARTHEST_EDGE:
        raise InputError(
            f"--window {options.window[0]:g} {options.window[1]:g}: the first must be below the second, and both below a million."
        )
    return scene, state.with_window(low, high)


def _pictured(state: "State", options: "Namespace") -> "State":
    """The state with what the flags of pictures say, but for cursor and window, which need the maps."""
    from mriexplorer.render.navigation import ZOOMS
    from mriexplorer.view.display import Layout
    from mriexplorer.view.plane import FARTHEST
    from mriexplorer.view.source import Recipe
    from mriexplorer.view.views import View

    if not ZOOMS[0] <= options.zoom <= ZOOMS[1]:
        raise InputError(f"--zoom {options.zoom:g} must lie between {ZOOMS[0]:g} and {ZOOMS[1]:g}.")
    if options.middle and max(map(abs, options.middle)) > FARTHEST:
        raise InputError(f"--middle {' '.join(f'{mm:g}' for mm in options.middle)} mm lies far from any head.")
    if options.given and options.seed is None:
        raise InputError("--given is of a sampled person; give --seed too.")
    if options.seed is not None and state.source.of_files:
        raise InputError("--seed is a synthetic person; leave the maps out, or the seed.")
    compares = options.plane == Layout.COMPARE
    if compares and options.view != View.SIGNAL:
        raise InputError("--plane compare shows its own images; leave --view out.")
    if options.seed is not None:
        recipe = Recipe(options.seed, tuple(sorted(dict(options.given).items())))
        state = replace(state, source=state.source.synthetic(recipe))
    return state.with_comparison(scan=options.scan).with_display(
        plane=options.compared,
        centre=tuple(options.middle) if options.middle else None,
        zoom=options.zoom,
        smooth=options.smooth,
        layout=Layout.COMPARE if compares else state.display.layout,
    )


def _of_scan(state: "State", scene: "Scene", options: "Namespace") -> "State":
    """The state of a measured scan, in that scan's own protocol unless flags name another contrast. Raises InputError."""
    kinds = [scan.kind for scan in scene.subject.companions.scans]
    if not kinds:
        return state
    if options.scan and options.scan not in kinds:
        raise InputError(f"there is no scan {options.scan} of these maps; there is {', '.join(kinds)}.")
    scan = scene.scan(state)
    told = options.preset or options.sequence or any(getattr(options, name, None) is not None for name in _names())
    return (state if told else state.with_contrast(protocol=scan.protocol)).with_comparison(scan=scan.kind)


def _cursor(options: "Namespace", scene: "Scene") -> tuple[float, float, float]:
    """The middle of the head, or the slice asked for along the plane's axis."""
    cursor = list(options.cursor or scene.middle)
    grid = scene.subject.maps.grid
    nearest = grid.to_mm(grid.to_voxel((cursor[0], cursor[1], cursor[2])))
    if any(abs(there - wanted) > max(grid.spacing) for there, wanted in zip(nearest, cursor, strict=True)):
        raise InputError(f"--cursor {' '.join(f'{mm:g}' for mm in cursor)} mm lies outside the volume.")
    if options.slice is not None:
        if options.plane not in ("axial", "coronal", "sagittal"):
            raise InputError("--slice needs one plane: --plane axial, coronal or sagittal.")
        axis = {"sagittal": 0, "coronal": 1, "axial": 2}[options.plane]
        cursor[axis] = options.slice
        reached = grid.to_mm(grid.to_voxel((cursor[0], cursor[1], cursor[2])))
        if abs(reached[axis] - options.slice) > grid.spacing[axis]:
            raise InputError(f"--slice {options.slice:g} mm lies outside the volume.")
    return cursor[0], cursor[1], cursor[2]


def picked(options: "Namespace") -> list[tuple[str, Path]]:
    """Maps that flags name, by kind."""
    return [(kind, path) for kind in KINDS if (path := getattr(options, f"{kind}_file")) is not None]


def units(options: "Namespace") -> dict[str, str]:
    """Units that flags name, by kind of map."""
    return {kind: unit for kind in KINDS if (unit := getattr(options, f"{kind}_unit")) is not None}


def _names() -> list[str]:
    from mriexplorer.physics import SEQUENCES

    return list(dict.fromkeys(p.name for row in SEQUENCES.values() for p in row.parameters))
