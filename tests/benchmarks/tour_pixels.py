"""Tour pages as they come out the same each time, and two folders of them pixel by pixel.

    python tests/benchmarks/tour_pixels.py write before/      in the one commit (PYTHONPATH says which)
    python tests/benchmarks/tour_pixels.py write after/       in the other
    python tests/benchmarks/tour_pixels.py compare before/ after/ [--ignore LEFT,TOP,RIGHT,BOTTOM ...]

What differs from run to run is held still while pages are written: the clock that frames are timed by, and the seeds that
people are sampled from. The table says of each page how many pixels differ, by how much, and in which box; right and bottom
are outside a box. Ends with 1 where a page differs or is missing.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Difference:
    """What differs of a page: ``pixels``, the largest step of a channel (of 255), and the ``box`` of them (None: nothing)."""

    pixels: int
    step: int
    box: Box | None


def compared(before: Path, after: Path, ignored: tuple[Box, ...] = ()) -> Difference:
    """What differs between two pictures. Raises ValueError where their sizes do."""
    old, new = (np.asarray(Image.open(path).convert("RGBA")).astype(int) for path in (before, after))
    if old.shape != new.shape:
        raise ValueError(f"{before} has {old.shape[1]}x{old.shape[0]} pixels, {after} {new.shape[1]}x{new.shape[0]}")
    steps = np.abs(old - new).max(axis=2)
    for left, top, right, bottom in ignored:
        steps[top:bottom, left:right] = 0
    rows, columns = np.nonzero(steps)
    if not len(rows):
        return Difference(0, 0, None)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return Difference(len(rows), int(steps.max()), box)


def line(name: str, before: Path, after: Path, ignored: tuple[Box, ...]) -> tuple[str, bool]:
    """What is said of a page, and whether it is the same."""
    if not (before / name).is_file() or not (after / name).is_file():
        return f"{name:32s} only in {after if (after / name).is_file() else before}", False
    try:
        found = compared(before / name, after / name, ignored)
    except ValueError as error:
        return f"{name:32s} {error}", False
    if found.box is None:
        return f"{name:32s} identical", True
    return f"{name:32s} {found.pixels:7d} pixels, at most {found.step} of 255, in {','.join(map(str, found.box))}", False


def box(text: str) -> Box:
    """A box as it is typed. Raises ValueError."""
    left, top, right, bottom = map(int, text.split(","))
    return left, top, right, bottom


def write(folder: Path) -> None:
    """Write the pages of the package that is imported."""
    time.perf_counter = lambda: 0.0  # before the package takes it
    random.seed(1)
    from mriexplorer.__main__ import main as mriexplorer

    sys.argv = ["mriexplorer", "tour", "-o", str(folder)]
    raise SystemExit(mriexplorer())


def compare(before: Path, after: Path, ignored: tuple[Box, ...]) -> None:
    """Print the table."""
    names = sorted({path.name for folder in (before, after) for path in folder.glob("*.png")})
    lines = [line(name, before, after, ignored) for name in names]
    print("\n".join(text for text, _same in lines))
    print(f"{sum(same for _text, same in lines)} of {len(lines)} pages are identical")
    raise SystemExit(not lines or not all(same for _text, same in lines))


def main() -> None:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    writing, comparing = verbs.add_parser("write"), verbs.add_parser("compare")
    writing.add_argument("folder", type=Path)
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--ignore", type=box, nargs="+", default=(), metavar="LEFT,TOP,RIGHT,BOTTOM")
    options = parser.parse_args()
    if options.verb == "write":
        write(options.folder)
    compare(options.before, options.after, tuple(options.ignore))


if __name__ == "__main__":
    main()
