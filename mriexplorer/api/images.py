"""One person and the images of them, for scripts."""

from collections.abc import Mapping
from pathlib import Path

from mriexplorer.api.checks import AnyPath, quiet
from mriexplorer.errors import InputError
from mriexplorer.physics import SEQUENCES, Sequence, problems
from mriexplorer.session.opening import open_scene
from mriexplorer.subject.derivative import signal_volume, write_signal
from mriexplorer.subject.subject import Subject
from mriexplorer.subject.tissue_maps import Floats
from mriexplorer.view import presets as _presets
from mriexplorer.view.state import State
from mriexplorer.workers import Progress

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
    return open_scene(State(paths=where, person=person, units=tuple((units or {}).items())), progress)[1].subject


def reference(field: float = 3.0) -> Subject:
    """The built-in brain: an average anatomy with literature values at 1.5, 3 or 7 T."""
    return open_scene(State(field=field))[1].subject


def signal(subject: Subject, protocol: str, *, magnitude: bool = True, **values: float) -> Floats:
    """The image of a whole subject, float32 of ``subject.maps.grid.shape``, in units of PD of water = 1; 0 outside the head.

    ``protocol`` is a sequence (``"flair"``) or a preset by its title or a part of it (``"hcp t1w"``); ``values`` override
    its parameters: ``te=0.091``. Axes run to the right, to the front and upwards; ``subject.maps.grid.affine`` has the
    millimetres. ``magnitude=False`` keeps the sign of the magnetisation.
    """
    row, complete, _named = _protocol(subject, protocol, values)
    return signal_volume(subject, row, complete, magnitude=magnitude)


def save(
    subject: Subject,
    protocol: str,
    target: AnyPath,
    *,
    magnitude: bool = True,
    dicom: bool = False,
    **values: float,
) -> Path:
    """Write the image of ``signal`` with its sidecar: a .nii or .nii.gz file, or into a folder that becomes a BIDS derivative.

    ``dicom`` writes a DICOM series into the folder instead. Returns what was written.
    """
    row, complete, named = _protocol(subject, protocol, values)
    if not dicom:
        return write_signal(subject, row, complete, Path(target), magnitude=magnitude, protocol=named)
    from mriexplorer.render.scene import Scene
    from mriexplorer.subject.dicom_export import Image, write_dicom

    state = State(magnitude=magnitude).with_sequence(row.name, complete)
    window = Scene(subject).automatic(state)
    return write_dicom(Image(subject, row, complete, window, magnitude, named), Path(target))


def _protocol(subject: Subject, protocol: str, values: Mapping[str, float]) -> tuple[Sequence, dict[str, float], str]:
    """Row, complete values, and the preset's name and note. Raises InputError for what a scanner could not run."""
    try:
        state = State().with_sequence(protocol) if protocol in SEQUENCES else _presets.initial_state(State(), protocol)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}. Or one of the sequences {', '.join(SEQUENCES)}.") from None
    unknown = sorted(set(values) - set(state.protocol))
    if unknown:
        raise InputError(f"{state.row.label} has no {', '.join(unknown)}; it has {', '.join(state.protocol)}.")
    for parameter in state.row.parameters:
        value = values.get(parameter.name, parameter.default)
        if parameter.unit == "s" and value > 1.001 * parameter.high:
            within = f"{parameter.low:g} to {parameter.high:g}"
            raise InputError(f"{parameter.label} is {value:g} s; here times are in seconds, and {parameter.label} is {within}.")
    row = state.row if state.row.model == subject.maps.model else SEQUENCES[state.row.twin]
    state = state.with_sequence(row.name, {**state.protocol, **values})
    found = problems(row, state.protocol)
    if found:
        raise InputError(f"{row.label} cannot be run so: {'; '.join(problem.sentence for problem in found)}.")
    return row, state.protocol, _presets.protocol_name(state)
