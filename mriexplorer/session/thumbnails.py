"""Small pictures of people, made when they come into view, the latest request first, and kept in the cache."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mriexplorer.errors import InputError
from mriexplorer.places import cache_folder
from mriexplorer.reading.registry import read_volume
from mriexplorer.subject.catalog import CatalogEntry
from mriexplorer.subject.tissue_maps import Floats

Picture = NDArray[np.uint8]
SIZE = 64  # pixels along each side
_WAITING = 40  # requests that are kept; older ones have scrolled out of view
_ORDER = ("t1", "t2", "pd", "t2star")


class Thumbnails:
    """Makes pictures in one thread. ``made(name, picture)`` is called there; None where there is no picture to be had."""

    def __init__(self, made: Callable[[str, Picture | None], None]) -> None:
        self._made = made
        self._wishes: OrderedDict[str, CatalogEntry] = OrderedDict()
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mriexplorer-thumbnail")

    def request(self, entry: CatalogEntry) -> None:
        """Ask for a person's picture; asking again makes it more urgent."""
        with self._lock:
            self._wishes[entry.name] = entry
            self._wishes.move_to_end(entry.name)
            while len(self._wishes) > _WAITING:
                self._wishes.popitem(last=False)
        self._pool.submit(self._work)

    def forget(self) -> None:
        """Nobody looks at these people any more."""
        with self._lock:
            self._wishes.clear()

    def close(self) -> None:
        """End the thread."""
        self.forget()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> None:
        with self._lock:
            if not self._wishes:
                return
            name, entry = self._wishes.popitem()
        try:
            self._made(name, thumbnail(entry))
        except (InputError, OSError, MemoryError):
            self._made(name, None)


def thumbnail(entry: CatalogEntry) -> Picture:
    """The middle axial plane of a person's first map, brain bright and fluid dark; (rows, columns), patient's left on the right.

    Raises InputError where the map cannot be read.
    """
    path = next(entry.files[kind][1] for kind in _ORDER if kind in entry.files)
    kept = _kept(path)
    if kept.is_file():
        try:
            found: Picture = np.load(kept, allow_pickle=False)
            return found
        except (OSError, ValueError):
            kept.unlink(missing_ok=True)
    made = _drawn(read_volume(path).data, long_is_bright="t1" not in entry.files)
    _keep(kept, made)
    return made


def _drawn(volume: Floats, *, long_is_bright: bool) -> Picture:
    head = np.isfinite(volume) & (volume > 0)
    if not head.any():
        return np.zeros((SIZE, SIZE), np.uint8)
    level = int(np.percentile(np.flatnonzero(head.any(axis=(0, 1))), 58))
    plane, inside = volume[:, :, level], head[:, :, level]
    if not inside.any():
        return np.zeros((SIZE, SIZE), np.uint8)
    low, high = np.percentile(plane[inside], (2, 92))
    grey = np.clip((plane - low) / max(high - low, 1e-9), 0, 1)
    shade = np.where(inside, grey if long_is_bright else 1 - 0.85 * grey, 0)
    return _squared(shade.astype(np.float32))


def _squared(plane: Floats) -> Picture:
    """Cut to the head, centred in a square, seen from below as radiologists do."""
    from scipy.ndimage import zoom

    rows, columns = (np.flatnonzero(plane.any(axis=axis)) for axis in (1, 0))
    part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(part.shape)
    square = np.zeros((side, side), np.float32)
    start = [(side - n) // 2 for n in part.shape]
    square[start[0] : start[0] + part.shape[0], start[1] : start[1] + part.shape[1]] = part
    small = zoom(square, SIZE / side, order=1, grid_mode=True, mode="nearest")
    return np.ascontiguousarray(np.clip(small[::-1, ::-1].T * 255, 0, 255).astype(np.uint8))


def _kept(path: Path) -> Path:
    about = path.stat()
    name = hashlib.sha256(f"{path}|{about.st_size}|{about.st_mtime_ns}".encode()).hexdigest()[:24]
    return cache_folder() / "thumbnails" / f"{name}.npy"


def _keep(kept: Path, picture: Picture) -> None:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, picture)
    except OSError:
        return
