"""A state of a file: of the types that the dataclasses name, and nothing that a window could not show."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from mriexplorer.errors import InputError
from mriexplorer.files import parse_json
from mriexplorer.physics import FIELDS, SEQUENCES
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.contrast import AB, MOST, RATES, Contrast
from mriexplorer.view.contrast_search import is_choice
from mriexplorer.view.plane import FARTHEST, PLANES
from mriexplorer.view.region import MOST_REGIONS, flaw
from mriexplorer.view.state import CORNERS, CURVES, FARTHEST_EDGE, LAYOUTS, VOLUME_CLIPS, VOLUME_PRESETS, State, Window
from mriexplorer.view.views import BESIDE, SCANNED, UNCERTAINTIES, VIEWS


def from_json(text: str) -> State:
    """A state from ``State.to_json``; what is not told is as at the first start, and values are kept inside their ranges.

    Raises InputError for what no state can be.
    """
    try:
        content = parse_json(text)
        state = msgspec.convert(content, State)
    except ValueError as error:
        raise InputError(f"this is not a state of mriexplorer ({_plain(str(error))}).") from None
    state = state if "values" in content else replace(state, values=())
    if (wrong := next(_wrong(state), None)) is not None:
        raise InputError(f"this is not a state of mriexplorer ({wrong}).")
    return replace(
        state.with_sequence(state.sequence, state.row.within(state.protocol)),
        contrasts=tuple(map(_complete, state.contrasts)),
        pinned=state.pinned and _complete(state.pinned),
    )


def _plain(message: str) -> str:
    """What msgspec says, in fewer signs: ``expected float, got str at zoom``."""
    message = message.replace("`", "").replace(" - at $.", " at ").replace(" - at $", "")
    return message[:1].lower() + message[1:]


def _complete(contrast: Contrast) -> Contrast:
    return replace(contrast, values=tuple(SEQUENCES[contrast.sequence].within(dict(contrast.values)).items()))


def _wrong(state: State) -> Iterator[str]:
    """Each thing that cannot be, in words; those first that the others rely on."""
    if len(state.regions) > MOST_REGIONS:
        yield f"it has more than {MOST_REGIONS} regions"
    yield from filter(None, map(flaw, state.regions))
    contrasts = (*state.contrasts, *((state.pinned,) if state.pinned else ()))
    yield from (
        f"there is no sequence {name!r}"
        for name in (state.sequence, *(one.sequence for one in contrasts))
        if name not in SEQUENCES
    )
    checks = {
        "there is no such view": state.view in (*VIEWS, *SCANNED, *UNCERTAINTIES, *BESIDE),
        "there is no such layout": state.layout in LAYOUTS and state.corner in CORNERS and state.curve in CURVES,
        "there is no such plane": state.compared in PLANES and (state.line is None or state.line.plane in PLANES),
        "there is no such view in 3-D": state.volume_preset in VOLUME_PRESETS and state.volume_clip in VOLUME_CLIPS,
        "there is no such field strength": state.field in FIELDS,
        "noise has an SNR of at least 1": state.snr == 0 or state.snr >= 1,
        "there is no such way to compare": state.ab in AB and state.rate in RATES,
        "contrasts do not fit their cells": len(state.contrasts) <= MOST and state.chosen < max(len(state.contrasts), 1),
        "a contrast shows what it cannot": all(one.view in (*VIEWS, *SCANNED, *UNCERTAINTIES) for one in contrasts),
        "a window has no width, or is far too wide": all(map(_is_window, _windows(state, contrasts))),
        "a place is far from any head": all(abs(number) <= FARTHEST for place in _places(state) for number in place),
        "two regions have one name": len({region.name for region in state.regions}) == len(state.regions),
        "a region is selected that is not there": set(state.selected) <= {region.name for region in state.regions},
        "there is no such tissue to find": is_choice(state.finding.a) and is_choice(state.finding.b),
    }
    yield from (sentence for sentence, fine in checks.items() if not fine)


def _windows(state: State, contrasts: tuple[Contrast, ...]) -> Iterator[Window]:
    yield from (window for _view, window in state.windows)
    yield from (one.window for one in contrasts if one.window is not None)


def _is_window(window: Window) -> bool:
    low, high = window
    return high - low > 1e-9 and max(abs(low), abs(high)) <= FARTHEST_EDGE


def _places(state: State) -> Iterator[Millimetres]:
    yield from (place for place in (state.cursor, state.centre) if place is not None)
    yield from (place for region in state.regions for place in region.points)
    if state.line is not None:
        yield from (state.line.start, state.line.end)
