"""Which map a file holds and whose it is, by its name: BIDS, and as names occur in the wild."""

import re
from pathlib import Path

from mriexplorer.reading.registry import stem
from mriexplorer.subject.units import Quantity

_QUANTITY = re.compile(
    r"(?:^|[^a-z0-9])(?P<q>q)?"
    r"(?P<name>[tr]2[ _-]?star|[tr]2s|[tr]2\*|t1|r1|t2|r2|pd|m0|s0|rho|proton[ _-]?density)"
    r"(?P<map>[ _-]?(?:map(?:ping)?|values?))?(?=$|[^a-z0-9*])"
)
_KINDS = {"t2s": "t2star", "t2*": "t2star", "r2s": "r2star", "r2*": "r2star", "m0": "pd", "s0": "pd", "rho": "pd"}
_WEIGHTED = re.compile(
    r"(?:^|[^a-z0-9])(t1w|t2w|pdw|t2starw|flair|bold|dwi|weighted|mprage|mp2rage|tse|fse|space|stir|swi|inv[12]|uni(?:t1)?)(?=$|[^a-z0-9])"
)
_LABELS = re.compile(
    r"(?:^|[^a-z0-9])(?:\w*mask|labels?|dseg|probseg|seg|t[12][ _-]?rho(?:map)?"
    r"|std|sd|stdev|err|error|residuals?|rsquared?|confidence)(?=$|[^a-z0-9])"
)
_PERSON = re.compile(r"(?:^|_)[a-z]+-[^\W_]+(?=_|$)")
_ENTITY = re.compile(r"(?:^|_)(sub|ses|acq|run|desc|space)-([^\W_]+)")


def quantity(path: Path) -> tuple[Quantity, bool] | None:
    """What the name says the file holds, and whether it says so plainly (``T1map``, ``qT1``; a bare ``T1`` is a guess).

    None for weighted scans, masks, and names that say nothing. Of several hits the plainest, then the last counts.
    """
    name = _PERSON.sub("", stem(path).lower())
    hits = list(_QUANTITY.finditer(name))
    plain = any(hit["q"] or hit["map"] for hit in hits)
    if not hits or _LABELS.search(name) or (_WEIGHTED.search(name) and not plain):
        return None
    hit = max(hits, key=lambda found: (bool(found["q"] or found["map"]), found.start()))
    word = re.sub(r"[ _-]", "", hit["name"])
    word = "pd" if word == "protondensity" else _KINDS.get(word, word)
    return Quantity("pd" if word == "pd" else "t" + word[1:], word.startswith("r")), bool(hit["q"] or hit["map"])


def is_label(path: Path) -> bool:
    """Whether the name is that of a mask, a segmentation or a map of errors."""
    return _LABELS.search(_PERSON.sub("", stem(path).lower())) is not None


def is_weighted(path: Path) -> bool:
    """Whether the name is that of an ordinary scan: T1w, T2w, PDw, FLAIR."""
    return _WEIGHTED.search(stem(path).lower()) is not None


def entities(path: Path) -> dict[str, str]:
    """BIDS entities (``sub``, ``ses``, ``acq``, ``run``, ``desc``, ``space``) of the name; sub and ses also of its folders."""
    folders = {kind: value for part in path.parts[:-1] for kind, value in _ENTITY.findall(part) if kind in ("sub", "ses")}
    return folders | dict(_ENTITY.findall(stem(path)))


def without_quantity(path: Path) -> str:
    """The name with quantity and entities taken out: what maps of one person share beyond their entities."""
    plain = _QUANTITY.sub("_", _PERSON.sub("_", stem(path).lower()))
    return re.sub(r"[ _.-]+", "_", plain).strip("_")


def natural(name: str) -> list[tuple[int, int | str]]:
    """The order in which people count: sub-2 before sub-10."""
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"([0-9]+)", name) if part]
