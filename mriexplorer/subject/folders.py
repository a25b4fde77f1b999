"""The images in a folder and below it."""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from mriexplorer.subject.nifti import is_image


def images_below(
    folder: Path, deepest: int, skipped: Collection[str], unread: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """Images by name, at most ``deepest`` folders down, hidden ones and those ``skipped`` left out.

    Linked folders are followed, but not round in circles. Of a .hdr and .img pair the header stands for both. ``unread`` hears of
    folders that may not be looked into.
    """
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True, onerror=unread):
        depth = len(Path(place).relative_to(folder).parts)
        real = os.path.realpath(place)
        kept = sorted(f for f in folders if depth < deepest and f not in skipped and not f.startswith("."))
        folders[:] = [] if real in seen else kept
        if real not in seen:
            heads = {Path(f).stem for f in files if f.lower().endswith(".hdr")}
            images = (Path(f) for f in sorted(files) if is_image(Path(f)) and not f.startswith("."))
            yield from (Path(place) / f for f in images if f.suffix.lower() != ".img" or f.stem not in heads)
        seen.add(real)
