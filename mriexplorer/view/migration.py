"""Sessions of version 0.1, whose state was one flat list of fields, as the state has them now.

Only names and places change. What is of a wrong type stays as it is, so that whoever reads it next says what is wrong.
"""

from collections.abc import Mapping
from typing import Any

_PARTS: Mapping[str, tuple[str, str]] = {
    **{name: ("source", name) for name in ("paths", "picked", "person", "units", "field", "beside")},
    "sampled": ("source", "recipe"),
    **{name: ("display", name) for name in ("layout", "convention", "cursor", "centre", "zoom", "windows", "auto", "snr")},
    **{name: ("display", name) for name in ("noise_seed", "smooth", "crosshair")},
    "compared": ("display", "plane"),
    **{name: ("comparison", name) for name in ("pinned", "wipe", "rate", "scan", "together")},
    "ab": ("comparison", "mode"),
    **{name: ("measurement", name) for name in ("regions", "selected", "line")},
    **{name: ("panels", name) for name in ("varied", "curve", "lesson", "step", "people", "expert")},
    "corner": ("panels", "side"),
    "finding": ("panels", "search"),
    "volume_preset": ("volume", "preset"),
    "volume_clip": ("volume", "clip"),
    "camera": ("volume", "camera"),
    **{name: ("appearance", name) for name in ("theme", "times")},
}
_OF_CONTRAST = ("sequence", "values", "magnitude", "preset", "view")
_RENAMED = {("display", "layout"): {"corner": "side panel"}, ("panels", "side"): {"find": "search"}}


def migrated(content: Any) -> Any:
    """A state as JSON has it, in the parts of today. What is of today already, or is no object, is given back."""
    if not isinstance(content, dict) or not _is_flat(content):
        return content
    state: dict[str, Any] = {}
    for name, value in content.items():
        if name in _PARTS:
            part, field = _PARTS[name]
            state.setdefault(part, {})[field] = _renamed(part, field, value)
    window = _take_signal_window(state.get("display", {}))
    own = _contrast(content | ({} if window is None else {"window": window}))
    chosen = content.get("chosen", 0)
    contrasts = content.get("contrasts") or [own]
    state["chosen"] = chosen
    state["contrasts"] = contrasts if not isinstance(contrasts, list) else _every(contrasts, own, chosen)
    pinned = content.get("pinned")
    if pinned is not None:
        state["comparison"]["pinned"] = _contrast(pinned)
    if isinstance(content.get("regions"), list):
        state["measurement"]["regions"] = [_region(one) for one in content["regions"]]
    return state


def _is_flat(content: Mapping[str, Any]) -> bool:
    contrasts = content.get("contrasts")
    first = contrasts[0] if isinstance(contrasts, list) and contrasts else None
    return any(name in content for name in (*_PARTS, *_OF_CONTRAST)) or (isinstance(first, dict) and "sequence" in first)


def _renamed(part: str, field: str, value: Any) -> Any:
    names = _RENAMED.get((part, field), {})
    return names.get(value, value) if isinstance(value, str) else value


def _take_signal_window(display: dict[str, Any]) -> Any:
    """The window of the signal, which is of the contrast now; it is taken out of those by view."""
    windows = display.get("windows")
    if not isinstance(windows, list):
        return None
    signal = [one for one in windows if isinstance(one, list) and one[:1] == ["signal"]]
    display["windows"] = [one for one in windows if one not in signal]
    return signal[-1][1] if signal and len(signal[-1]) == 2 else None


def _every(contrasts: list[Any], own: Any, chosen: Any) -> list[Any]:
    return [own if place == chosen else _contrast(one) for place, one in enumerate(contrasts)]


def _contrast(flat: Any) -> Any:
    if not isinstance(flat, dict):
        return flat
    known = ("magnitude", "window", "preset", "view")
    return _protocol(flat) | {name: flat[name] for name in known if name in flat}


def _protocol(flat: Mapping[str, Any]) -> dict[str, Any]:
    if "sequence" not in flat and "values" not in flat:
        return {}
    values = flat.get("values", {})
    pairs = isinstance(values, list) and all(
        isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) for one in values
    )
    return {"protocol": {"sequence": flat.get("sequence", "mprage"), "values": dict(values) if pairs else values}}


def _region(flat: Any) -> Any:
    """A region remembers the protocol of a threshold of the signal; others had an empty name in its place."""
    if not isinstance(flat, dict):
        return flat
    rest = {name: value for name, value in flat.items() if name not in ("sequence", "values")}
    return rest | (_protocol(flat) if flat.get("sequence") != "" or flat.get("values", []) != [] else {})
