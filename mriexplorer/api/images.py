"""One person and the images of them, for scripts."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from mriexplorer.api.checks import AnyPath, quiet
from mriexplorer.errors import InputError
from mriexplorer.export.checks import refuse_impossible
from mriexplorer.export.export import export
from mriexplorer.export.request import SCREEN, Export, Movie, Planes
from mriexplorer.physics import SEQUENCES, Sequence
from mriexplorer.render.scene import Scene
from mriexplorer.session.opening import open_scene
from mriexplorer.subject.derivative import signal_volume
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.view import presets as _presets
from mriexplorer.view.source import Source
from mriexplorer.view.state import State
from mriexplorer.view.sweep import Sweep
from mriexplorer.view.views import View
from mriexplorer.workers import Progress

Choice = TypeVar("Choice", bound=StrEnum)

sequences: Mapping[str, Sequence] = SEQUENCES
"""The table of sequences by name: ``sequences["flair"].parameters`` tells names, ranges and defaults."""

presets: tuple[str, ...] = tuple(preset.title for preset in _presets.presets())
"""Titles of the named protocols, such as ``"OASIS-3 · FLAIR"``."""


def load(
    *paths: AnyPath,
    person: str | None = None,
    units: Mapping[str, str] | None = None,
    progress: Progress = quiet,
) -> Subject:
    """Tissue maps from files, a folder or a BIDS dataset.

    ``person`` names one of a dataset (else the first), ``units`` the unit of a map by kind, such as ``{"t1": "ms"}``. What must
    be known of how the maps were put together is in ``notices`` of the result.
    """
    if not paths:
        raise InputError("name a file, a folder or a dataset to load.")
    where = tuple(str(Path(path).absolute()) for path in paths)
    return open_scene(State(Source(paths=where, person=person, units=tuple((units or {}).items()))), progress)[1].subject


def reference(field: float = 3.0) -> Subject:
    """The built-in brain: an average anatomy with literature values at 1.5, 3 or 7 T."""
    return open_scene(State(Source(field=field)))[1].subject


def signal(subject: Subject, protocol: str, *, magnitude: bool = True, **values: float) -> Floats:
    """The image of a whole subject, float32 of ``subject.maps.grid.shape``, in units of PD of water = 1; 0 outside the head.

    ``protocol`` is a sequence (``"flair"``) or a preset by its title or a part of it (``"hcp t1w"``); ``values`` override
    its parameters: ``te=0.091``. Axes run to the right, to the front and upwards; ``subject.maps.grid.affine`` has the
    millimetres. ``magnitude=False`` keeps the sign of the magnetisation.
    """
    state = _state(subject, protocol, values)
    refuse_impossible(state.protocol)
    return signal_volume(subject, state.protocol, magnitude=magnitude)


def save(
    subject: Subject,
    protocol: str,
    target: AnyPath,
    *,
    magnitude: bool = True,
    dicom: bool = False,
    file_format: str = "",
    view: str = "signal",
    plane: str = "all",
    dpi: int = SCREEN,
    sweep: tuple[str, float, float] | None = None,
    frames: int = 60,
    **values: float,
) -> Path:
    """Write the image of ``signal`` as whatever the target's ending says, and return what was written.

    A volume with its sidecar as .nii or .nii.gz, or into a folder, which becomes a BIDS derivative (``dicom``: a DICOM series); a
    picture as .png or .svg, of one ``plane`` or "all", also of a map as ``view``; with a ``sweep`` (name, first, last value) a
    movie as .gif or .png. ``file_format`` names the format where the ending does not. Pictures and movies need the packages of
    ``mriexplorer[window]``, volumes do not.
    """
    shown = _state(subject, protocol, values).with_contrast(magnitude=magnitude, view=_one_of(View, view, "view"))
    movie = None if sweep is None else Movie(Sweep(*sweep, frames))
    planes = _one_of(Planes, plane, "plane")
    what = Export(Path(target), "dicom" if dicom else file_format, planes=planes, dots=dpi, movie=movie)
    return export(Scene(subject), shown.with_display(crosshair=False), what)


def _state(subject: Subject, protocol: str, values: Mapping[str, float]) -> State:
    """The state of a protocol, which a scanner could perhaps not run, in the subject's family of equations. Raises InputError."""
    try:
        state = State().with_sequence(protocol) if protocol in SEQUENCES else _presets.with_preset(State(), protocol)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}. Or one of the sequences {', '.join(SEQUENCES)}.") from None
    sequence = state.sequence
    unknown = sorted(set(values) - sequence.names)
    if unknown:
        raise InputError(f"{sequence.label} has no {', '.join(unknown)}; it has {', '.join(state.protocol.values)}.")
    for parameter in sequence.parameters:
        value = values.get(parameter.name, parameter.default)
        if parameter.unit == "s" and value > 1.001 * parameter.high:
            within = f"{parameter.low:g} to {parameter.high:g}"
            raise InputError(f"{parameter.label} is {value:g} s; here times are in seconds, and {parameter.label} is {within}.")
    wanted = sequence if sequence.model == subject.maps.model else SEQUENCES[sequence.twin]
    return state.with_sequence(wanted.name, {**state.protocol.values, **values})


def _one_of(choices: type[Choice], text: str, what: str) -> Choice:
    """The member of an enumeration by its text. Raises InputError."""
    if text not in tuple(choices):
        raise InputError(f"{text!r} is no {what}; there is {', '.join(choices)}.")
    return choices(text)
