"""JSON beside images: a file's sidecar, with what it inherits from the folders above it (the BIDS inheritance principle)."""

from pathlib import Path
from typing import Any

from mriexplorer.files import read_json
from mriexplorer.reading.registry import stem

_FOLDERS = 5  # from anat/ up past session and person to the dataset


def read_sidecar(image: Path) -> dict[str, Any]:
    """What is known of an image: every JSON whose name parts it shares, outer folders first; empty where there is none.

    ``T1map.json`` at a dataset's root speaks for all ``sub-*_T1map.nii.gz`` below it. Raises InputError where one is broken.
    """
    parts = stem(image).split("_")
    content: dict[str, Any] = {}
    for folder in reversed(_up_to_dataset(image.parent)):
        names = {"_".join(kept) + ".json" for kept in _subsets(parts)}
        for path in sorted((folder / name for name in names), key=lambda p: len(p.name)):
            if path.is_file():
                content |= read_json(path)
    return content


def _up_to_dataset(folder: Path) -> list[Path]:
    """The folder and those above it, up to the dataset's root; the folder alone where there is no dataset."""
    above = [folder, *folder.parents][:_FOLDERS]
    root = next((place for place, f in enumerate(above) if (f / "dataset_description.json").is_file()), 0)
    return above[: root + 1]


def _subsets(parts: list[str]) -> list[list[str]]:
    """The name's parts with any of the entities before the last left out, in order."""
    *entities, suffix = parts[-6:]
    kept = [[]] if len(parts) <= 6 else [parts[:-6]]
    for entity in entities:
        kept += [[*some, entity] for some in kept]
    return [[*some, suffix] for some in kept]
