"""Sets for training, validation and test: by person, fixed by a seed, and never with a leak between them.

Who hangs together goes together: sessions of one person, relatives where a table has a family, and simulated people of one
source anatomy. A group's place depends on its anatomy (else its first name) and the seed alone, so people who join later move
nobody else, and two datasets of the same anatomies are split alike.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mriexplorer.errors import InputError

SETS = ("train", "validation", "test")
_SHARES = (0.8, 0.1, 0.1)


@dataclass(frozen=True)
class SplitMember:
    """A session to be put into a set: its person, and the anatomy and family where they are known (else empty)."""

    name: str
    person: str
    anatomy: str = ""
    family: str = ""


@dataclass(frozen=True)
class Split:
    """Which set each session is in, by its name."""

    seed: int
    sets: Mapping[str, str]


def split(members: Iterable[SplitMember], seed: int, shares: tuple[float, float, float] = _SHARES) -> Split:
    """Put whole groups into sets by the shares, at least one group each.

    Raises InputError where there are fewer than three groups.
    """
    members = list(members)
    groups = _groups(members)
    if len(groups) < len(SETS):
        what = "person" if len({m.person for m in members}) < len(SETS) else "source anatomy, family or person"
        raise InputError(
            f"the sessions ({len(members)}) cannot be split: only {len(groups)} {what} can be told apart, not three."
        )
    anatomies = {member.name: member.anatomy for member in members}

    def place(group: tuple[str, ...]) -> float:
        return _place(min(anatomies[name] or name for name in group), seed)

    ordered = sorted(groups, key=place)
    bounds = np.cumsum(shares)[:-1]
    chosen = [SETS[int(np.searchsorted(bounds, place(group), side="right"))] for group in ordered]
    for name, at in (("test", -1), ("validation", -2), ("train", 0)):  # few groups may leave a set empty
        if name not in chosen:
            chosen[at] = name
    sets = {member: name for group, name in zip(ordered, chosen, strict=True) for member in group}
    return checked(Split(seed, sets), members)


def checked(proposed: Split, members: Iterable[SplitMember]) -> Split:
    """The split itself. Raises InputError where one person, family or anatomy is in two sets, or a session in none."""
    where: dict[tuple[str, str], tuple[str, str]] = {}
    for member in members:
        if member.name not in proposed.sets:
            raise InputError(f"the split leaves out {member.name}.")
        mine = proposed.sets[member.name]
        if mine not in SETS:
            raise InputError(f"the split puts {member.name} into {mine!r}; sets are {', '.join(SETS)}.")
        for key in _ties(member):
            other, there = where.setdefault(key, (member.name, mine))
            if there != mine:
                kind, value = key
                raise InputError(f"the split leaks: {other} ({there}) and {member.name} ({mine}) are of one {kind}, {value}.")
    return proposed


def _ties(member: SplitMember) -> list[tuple[str, str]]:
    kinds = (("person", member.person), ("anatomy", member.anatomy), ("family", member.family))
    return [(kind, value) for kind, value in kinds if value]


def _groups(members: list[SplitMember]) -> list[tuple[str, ...]]:
    """Sessions that hang together by any ties, each group sorted: the connected parts of a graph of sessions and ties."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [(place, tie) for place, member in enumerate(members) for tie in _ties(member)]
    number = {tie: len(members) + n for n, tie in enumerate(dict.fromkeys(tie for _place, tie in pairs))}
    rows, columns = [place for place, _tie in pairs], [number[tie] for _place, tie in pairs]
    size = len(members) + len(number)
    _count, part = connected_components(coo_array((np.ones(len(pairs)), (rows, columns)), (size, size)), directed=False)
    groups: dict[int, list[str]] = {}
    for member, which in zip(members, part, strict=False):
        groups.setdefault(int(which), []).append(member.name)
    return sorted(tuple(sorted(group)) for group in groups.values())


def _place(name: str, seed: int) -> float:
    """A group's place between 0 and 1, by its name and the seed alone."""
    return int(hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()[:13], 16) / 16**13
