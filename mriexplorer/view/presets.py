"""Named protocols: a sequence with its parameters, from resources/presets.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Protocol, Sequence
from mriexplorer.places import resource
from mriexplorer.view.state import State
from mriexplorer.view.views import View


@dataclass(frozen=True)
class Preset:
    """A protocol as used in a study or clinic, the ``field`` strength it belongs to, and a ``note`` of source and limits."""

    group: str
    name: str
    protocol: Protocol
    field: float
    note: str

    @cached_property
    def title(self) -> str:
        """Group and name, unique."""
        return f"{self.group} · {self.name}"

    def applied(self, state: State) -> State:
        """The state with this protocol; the equation family (full or ideal) of the state is kept."""
        protocol = self.protocol.in_model(state.sequence.model)
        return state.with_contrast(protocol=protocol, view=View.SIGNAL, preset=self.title).with_field(self.field)


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the file; times in the file are in milliseconds."""
    content = json.loads(resource("presets.json").read_text(encoding="utf-8"))
    return tuple(_preset(group, entry) for group, entries in content.items() for entry in entries)


@lru_cache(maxsize=1)
def by_title() -> Mapping[str, Preset]:
    """Every preset by its title."""
    return {preset.title: preset for preset in presets()}


@lru_cache(maxsize=1)
def _by_protocol() -> Mapping[Protocol, tuple[Preset, ...]]:
    same: dict[Protocol, tuple[Preset, ...]] = {}
    for preset in presets():
        same[preset.protocol] = (*same.get(preset.protocol, ()), preset)
    return same


def _preset(group: str, entry: Mapping[str, Any]) -> Preset:
    sequence = SEQUENCES[str(entry["sequence"])]
    given = {p.name: float(entry[p.name]) / p.factor_in() for p in sequence.parameters if p.name in entry}
    protocol = Protocol.complete(sequence, given)
    return Preset(group, str(entry["name"]), protocol, float(entry["field"]), str(entry["note"]))


def chosen(state: State) -> Preset | None:
    """The preset last chosen, while its sequence is still the state's, even where values have been moved since."""
    preset = by_title().get(state.contrast.preset)
    return preset if preset is not None and preset.protocol.sequence is state.sequence else matching(state)


def protocol_name(state: State) -> str:
    """Title and note of the preset that the state shows, for sidecars; empty where values were moved."""
    preset = matching(state)
    return f"{preset.title}: {preset.note}" if preset else ""


def home(state: State) -> Protocol:
    """What a reset goes back to: the chosen preset's protocol, else the sequence's defaults."""
    preset = chosen(state)
    return preset.protocol if preset else _usual(state.sequence)


@cache
def _usual(sequence: Sequence) -> Protocol:
    return Protocol.complete(sequence)


def matching(state: State) -> Preset | None:
    """The preset whose protocol the state shows, if any; of several, the one last chosen, else one of its field strength."""
    same = _by_protocol().get(state.protocol, ())
    title, field = state.contrast.preset, state.source.field
    return min(same, key=lambda one: (one.title != title, one.field != field), default=None)


def with_preset(state: State, preset: str | None) -> State:
    """The state with a preset by its title, or a part of it (``hcp t1w``). Raises InputError unless it is one."""
    if preset is None:
        return state
    wanted = _plain(preset)
    found = [p for p in presets() if wanted and wanted in _plain(p.title)]
    exact = [p for p in found if _plain(p.title) == wanted]
    if len(exact or found) != 1:
        choice = "; ".join(p.title for p in (found or presets()))
        raise InputError(f"{preset!r} is {'several presets' if found else 'no preset'}; choose of: {choice}.")
    return (exact or found)[0].applied(state)


def _plain(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())
