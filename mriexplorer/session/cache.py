"""What the cache holds, and emptying it.

All of it can be made again: the built-in brain, converted series, encoded maps, pictures.
"""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mriexplorer.places import cache_folder


def cache_size() -> int:
    """Bytes of everything in the cache."""
    return sum(_size(path) for path in cache_folder().rglob("*"))


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size if path.is_file() else 0
    except OSError:  # gone in between
        return 0


def empty_cache(kept: Sequence[str] = ()) -> int:
    """Remove everything but the paths ``kept`` (what is open) and what cannot be removed. Returns the bytes that are left."""
    _empty(cache_folder(), [Path(path) for path in kept])
    return cache_size()


def _empty(folder: Path, kept: Sequence[Path]) -> None:
    for path in folder.iterdir():
        if path in kept:
            continue
        if path.is_dir() and any(path in one.parents for one in kept):
            _empty(path, kept)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def in_words(size: int) -> str:
    """``312 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
