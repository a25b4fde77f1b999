"""A state of a file: of the types that the dataclasses name, and nothing that a window could not show."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from mriexplorer.errors import InputError
from mriexplorer.files import parse_json
from mriexplorer.physics import FIELDS, SEQUENCES, Protocol
from mriexplorer.subject.tissue_maps import Millimetres
from mriexplorer.view.comparison import RATES
from mriexplorer.view.contrast import MOST, Contrast, Window
from mriexplorer.view.contrast_search import is_choice
from mriexplorer.view.display import FARTHEST_EDGE
from mriexplorer.view.migration import migrated
from mriexplorer.view.plane import FARTHEST, PLANES
from mriexplorer.view.region import MOST_REGIONS, flaw
from mriexplorer.view.state import State
from mriexplorer.view.views import BESIDE, CHANGE


def to_json(state: State) -> str:
    """A state as JSON, for session files."""
    return json.dumps(msgspec.to_builtins(state, enc_hook=_told), indent=1)


def from_json(text: str) -> State:
    """A state from ``to_json``, or from a file of version 0.1; what is not told is as at the first start, and values are kept
    inside their ranges.

    Raises InputError for what no state can be.
    """
    try:
        state = msgspec.convert(migrated(parse_json(text)), State, dec_hook=_read)
    except ValueError as error:
        raise InputError(f"this is not a state of mriexplorer ({_plain(str(error))}).") from None
    if (wrong := next(_wrong(state), None)) is not None:
        raise InputError(f"this is not a state of mriexplorer ({wrong}).")
    return state


def _told(value: Any) -> Any:
    if isinstance(value, Protocol):
        return {"sequence": value.sequence.name, "values": dict(value.values)}
    raise NotImplementedError(f"{type(value).__name__} in a state")


def _read(kind: type, content: Any) -> Any:
    """A protocol from ``{"sequence": "flair", "values": {"te": 0.09, ...}}``. Raises ValueError for what is none."""
    if kind is not Protocol:
        raise NotImplementedError(f"{kind.__name__} in a state")
    told = msgspec.convert(content, _StoredProtocol)
    if told.sequence not in SEQUENCES:
        raise ValueError(f"there is no sequence {told.sequence!r}")
    return Protocol.complete(told.sequence, told.values).within()


class _StoredProtocol(msgspec.Struct):
    """A protocol as a file has it."""

    sequence: str
    values: dict[str, float] = {}


def _plain(message: str) -> str:
    """What msgspec says, in fewer signs: ``expected float, got str at zoom``."""
    message = message.replace("`", "").replace(" - at $.", " at ").replace(" - at $", "")
    message = re.sub(r"Invalid enum value (.*) at (.*)", r"there is no \2 \1", message)
    return message[:1].lower() + message[1:]


def _wrong(state: State) -> Iterator[str]:
    """Each thing that cannot be, in words; those first that the others rely on."""
    measured, display = state.measurement, state.display
    if len(measured.regions) > MOST_REGIONS:
        yield f"it has more than {MOST_REGIONS} regions"
    yield from filter(None, map(flaw, measured.regions))
    pinned = state.comparison.pinned
    contrasts = (*state.contrasts, *((pinned,) if pinned else ()))
    checks = {
        "contrasts do not fit their cells": 1 <= len(state.contrasts) <= MOST and state.chosen < len(state.contrasts),
        "there is no such plane": display.plane in PLANES and (measured.line is None or measured.line.plane in PLANES),
        "there is no such field strength": state.source.field in FIELDS,
        "noise has an SNR of at least 1": display.snr == 0 or display.snr >= 1,
        "there is no such way to compare": state.comparison.rate in RATES,
        "a contrast shows what it cannot": all(_can_show(state, one) for one in contrasts),
        "a window has no width, or is far too wide": all(map(_is_window, _windows(state, contrasts))),
        "a place is far from any head": all(abs(number) <= FARTHEST for place in _places(state) for number in place),
        "two regions have one name": len({region.name for region in measured.regions}) == len(measured.regions),
        "a region is selected that is not there": set(measured.selected) <= {region.name for region in measured.regions},
        "there is no such tissue to find": is_choice(state.panels.search.a) and is_choice(state.panels.search.b),
    }
    yield from (sentence for sentence, fine in checks.items() if not fine)


def _can_show(state: State, contrast: Contrast) -> bool:
    """Only the chosen contrast shows another person; none is a difference from what is pinned."""
    chosen = state.contrasts and contrast is state.contrasts[min(state.chosen, len(state.contrasts) - 1)]
    return contrast.view not in CHANGE and (bool(chosen) or contrast.view not in BESIDE)


def _windows(state: State, contrasts: tuple[Contrast, ...]) -> Iterator[Window]:
    yield from (window for _view, window in state.display.windows)
    yield from (one.window for one in contrasts if one.window is not None)


def _is_window(window: Window) -> bool:
    low, high = window
    return high - low > 1e-9 and max(abs(low), abs(high)) <= FARTHEST_EDGE


def _places(state: State) -> Iterator[Millimetres]:
    yield from (place for place in (state.display.cursor, state.display.centre) if place is not None)
    yield from (place for region in state.measurement.regions for place in region.points)
    if state.measurement.line is not None:
        yield from (state.measurement.line.start, state.measurement.line.end)
