"""A patient's session from scans to files of maps: what window, command line and scripts ask for."""

from pathlib import Path

from mriexplorer.dataset.sessions import ImagingSession
from mriexplorer.generative.autoencoder.checkpoint import load_model
from mriexplorer.generative.autoencoder.encode import encode
from mriexplorer.generative.autoencoder.encoded_files import free_place, write_encoded
from mriexplorer.generative.devices import chosen
from mriexplorer.generative.model_folder import find_model
from mriexplorer.generative.precision import Precision
from mriexplorer.workers import Progress


def encode_session(
    session: ImagingSession, folder: Path, model: str, device: str | None, precision: Precision, progress: Progress
) -> tuple[Path, tuple[str, ...]]:
    """Encode a session into ``folder``, a BIDS derivative; returns the folder of the person, and what must be said.

    ``model`` is the name of a shipped model, or a folder; ``device`` cpu, cuda or mps, else the best there is. ``progress`` may
    raise to stop. What cannot be written is said before the work. Raises InputError.
    """
    free_place(folder, session)
    loaded = load_model(find_model(model))
    encoded = encode(session, loaded, chosen(device), progress, precision)
    return write_encoded(encoded, session, loaded, folder), encoded.notices
