"""A patient's scans to tissue maps, for scripts."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mriexplorer.api.checks import AnyPath, one_of, quiet
from mriexplorer.errors import InputError
from mriexplorer.generative.precision import PRECISIONS, Precision
from mriexplorer.places import SCANS_TO_MAPS
from mriexplorer.subject.catalog import find, load
from mriexplorer.subject.subject import Subject
from mriexplorer.workers import Progress


def encode(
    *scans: AnyPath,
    output: AnyPath | None = None,
    name: str = "patient",
    kinds: Sequence[str | None] | None = None,
    te: Sequence[float | None] | None = None,
    tr: Sequence[float | None] | None = None,
    ti: Sequence[float | None] | None = None,
    model: AnyPath = SCANS_TO_MAPS,
    device: str | None = None,
    precision: Precision = "auto",
    progress: Progress = quiet,
) -> Subject:
    """PD, T1 and T2 maps of one patient from ordinary scans, with how sure each voxel is. Imports torch; minutes on a CPU.

    ``scans`` are NIfTI files, DICOM series, or a folder of them. Kind and times are read from name, sidecar or header. ``kinds``
    (``T1w``, ``T2w``, ``PDw``, ``FLAIR``, or ``no`` to leave one out) and ``te``, ``tr``, ``ti`` in seconds count before that:
    one value for each scan, None where it is to be found. The shipped ``model`` gives 160 x 224 x 160 voxels of 1 mm, in the
    millimetres of the first scan; ``companions`` of the result has the scans on that grid and the uncertainty. With ``output``
    they are written there as well, a BIDS derivative with the person ``sub-NAME``. ``device`` is cpu, cuda or mps, else the best
    there is; ``precision`` float32 or bfloat16, else what the device is quick at.

    Raises InputError for scans that cannot be used, with the reason, and for places that cannot be written.
    """
    from mriexplorer.dataset.chosen_scans import LEFT_OUT, chosen_scans
    from mriexplorer.dataset.recognition import session_of
    from mriexplorer.dataset.sessions import KINDS

    if not (name.isalnum() and name.isascii()):
        raise InputError(f"name is {name!r}; it must have letters and digits only.")
    for kind in kinds or ():
        one_of("kind", kind, (None, LEFT_OUT, *KINDS))
    one_of("precision", precision, PRECISIONS)
    found, left_out = chosen_scans([Path(scan) for scan in scans], kinds, {"te": te, "tr": tr, "ti": ti}, progress)
    session = session_of(found, f"sub-{name}")
    from mriexplorer.generative.autoencoder.patient import encode_session

    with TemporaryDirectory(prefix="mriexplorer-") if output is None else nullcontext(output) as folder:
        person, notices = encode_session(session, Path(folder), str(model), device, precision, progress)
        subject = load(find([person]), progress=progress)
    if output is None:
        subject = _without_files(subject, [scan.path.name for scan in session.scans])
    return replace(subject, notices=(*left_out, *notices, *subject.notices))


def _without_files(subject: Subject, scans: Sequence[str]) -> Subject:
    """The same, saying the scans that it came from instead of files that are gone."""
    sources = tuple(replace(source, path=None) for source in subject.sources)
    return replace(subject, sources=sources, description=f"Maps encoded from {', '.join(scans)}")
