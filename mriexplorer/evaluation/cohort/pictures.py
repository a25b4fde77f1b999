"""Pictures of the report: people of both sides in three planes, and the synthetic person nearest to a trained one."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mriexplorer.dataset.check_picture import planes_of
from mriexplorer.evaluation.chart import Picture
from mriexplorer.subject.tissue_maps import Floats

_GAP, _HEAD, _LETTERS = 4, 24, 17  # pixels between pictures, above them, and of letters
_WHITE, _INK = 1.25, 235  # normalised intensity that is white; grey of letters


def contact_sheet(synthetic: NDArray[np.float32], real: NDArray[np.float32] | None) -> Picture:
    """Matched images (people, x, y, z) of synthetic people above those of real ones, where these may be shown."""
    rows = [("Synthetic people", synthetic), *([("Real people", real)] if real is not None else [])]
    sheet: list[tuple[str, Sequence[Floats]]] = []
    for title, side in rows:
        planes = [planes_of(image) for image in side]
        sheet += [(title if n == 0 else "", [each[n] for each in planes]) for n in range(3)]
    about = (
        "The first people of each side in three planes, as they are compared: on one grid, one softness, one noise level. "
        "The synthetic ones do not exist."
    )
    return Picture("images", "People side by side", _png(sheet), about)


def nearest_pair(images: Sequence[Floats], ratio: float) -> Picture:
    """The synthetic person and, where it may be shown, the trained one that is nearest."""
    titles = ("Synthetic, of all the likest to a copy", "Real, trained on")
    rows = [(title, planes_of(image)) for title, image in zip(titles, images, strict=False)]
    about = (
        f"Their distance is {ratio:.2f} of that from the synthetic person to the nearest kept one. The synthetic person does not "
        "exist; a copy would show the same folds."
    )
    return Picture("memory", "The nearest pair", _png(rows), about)


def _png(rows: Sequence[tuple[str, Sequence[Floats]]]) -> bytes:
    """Rows of grey pictures, each with its title above."""
    from PIL import Image, ImageDraw

    bands = [_band(planes, bool(title)) for title, planes in rows]
    width = max(band.shape[1] for band in bands)
    whole = np.concatenate([np.pad(band, ((0, _GAP), (0, width - band.shape[1]))) for band in bands])
    canvas = Image.fromarray(whole)
    pen, top = ImageDraw.Draw(canvas), 0
    for (title, _planes), band in zip(rows, bands, strict=True):
        pen.text((4, top + 2), title, fill=_INK, font_size=_LETTERS)
        top += band.shape[0] + _GAP
    target = io.BytesIO()
    canvas.save(target, "PNG", optimize=True)
    return target.getvalue()


def _band(planes: Sequence[Floats], titled: bool) -> NDArray[np.uint8]:
    tall = max(plane.shape[0] for plane in planes)
    grey = [np.clip(plane / _WHITE * 255, 0, 255).astype(np.uint8) for plane in planes]
    padded = [np.pad(plane, ((_HEAD if titled else 0, tall - plane.shape[0]), (0, _GAP))) for plane in grey]
    return np.concatenate(padded, axis=1)
