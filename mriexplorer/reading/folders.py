"""The images in a folder and below it."""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from mriexplorer.reading.registry import is_image, parts_of


def images_below(
    folder: Path, deepest: int, skipped: Collection[str], unread: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """Images by name, at most ``deepest`` folders down, hidden ones and those ``skipped`` left out.

    Linked folders are followed, but not round in circles. Of an image of several files the first stands for all. ``unread``
    hears of folders that may not be looked into.
    """
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True, onerror=unread):
        depth = len(Path(place).relative_to(folder).parts)
        real = os.path.realpath(place)
        kept = sorted(f for f in folders if depth < deepest and f not in skipped and not f.startswith("."))
        folders[:] = [] if real in seen else kept
        if real not in seen:
            images = (Path(place) / f for f in sorted(files) if is_image(Path(f)) and not f.startswith("."))
            yield from (image for image in images if parts_of(image)[0] == image)
        seen.add(real)
