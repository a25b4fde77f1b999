"""Named protocols: a sequence with its parameters, from resources/presets.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES
from mriexplorer.places import resource
from mriexplorer.view.state import State


@dataclass(frozen=True)
class Preset:
    """A protocol as used in a study or clinic, the ``field`` strength it belongs to, and a ``note`` of source and limits."""

    group: str
    name: str
    sequence: str
    values: Mapping[str, float]
    field: float
    note: str

    @property
    def title(self) -> str:
        """Group and name, unique."""
        return f"{self.group} · {self.name}"

    def applied(self, state: State) -> State:
        """The state with this protocol; the equation family (full or ideal) of the state is kept."""
        applied = state.with_sequence(self.sequence, self.values)
        applied = applied if state.row.model == "full" else applied.in_other_model()
        return replace(applied, field=self.field, view="signal", preset=self.title)


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the file; times in the file are in milliseconds."""
    content = json.loads(resource("presets.json").read_text(encoding="utf-8"))
    return tuple(_preset(group, entry) for group, entries in content.items() for entry in entries)


def _preset(group: str, entry: Mapping[str, Any]) -> Preset:
    row = SEQUENCES[str(entry["sequence"])]
    given = {p.name: float(entry[p.name]) / p.factor_in() for p in row.parameters if p.name in entry}
    return Preset(
        group,
        str(entry["name"]),
        row.name,
        row.complete(given),
        float(entry["field"]),
        str(entry["note"]),
    )


def chosen(state: State) -> Preset | None:
    """The preset last chosen, while its sequence is still the state's, even where values have been moved since."""
    return next((p for p in presets() if p.title == state.preset and p.sequence == state.sequence), matching(state))


def protocol_name(state: State) -> str:
    """Title and note of the preset that the state shows, for sidecars; empty where values were moved."""
    preset = matching(state)
    return f"{preset.title}: {preset.note}" if preset else ""


def home_values(state: State) -> dict[str, float]:
    """What a reset goes back to: the chosen preset's values, else the sequence's defaults."""
    preset = chosen(state)
    return dict(preset.values) if preset else state.row.defaults()


def matching(state: State) -> Preset | None:
    """The preset whose protocol the state shows, if any; of several, the one last chosen, else one of its field strength."""
    same = [p for p in presets() if p.sequence == state.sequence and p.values == state.protocol]
    same.sort(key=lambda p: (p.title != state.preset, p.field != state.field))
    return same[0] if same else None


def initial_state(state: State, preset: str | None) -> State:
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
