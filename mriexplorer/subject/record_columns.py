"""The record table: every clinical column of a person, declared once.

Whoever reads tables, writes datasets, lists people, models records or offers conditions takes names, units, levels and limits
from here. A new column is a new row; for the joint model to learn it, also ``modelled=True`` and a training.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf, isfinite
from typing import Any, Literal

MISSING = frozenset({"", "n/a", "na", "nan", "none", "null", "."})  # cells that say nothing, in lower case
ACRONYMS = {"ses": "SES", "apoe": "APOE", "iq": "IQ"}  # words in names of columns that have no row below

RecordValue = float | str


@dataclass(frozen=True)
class RecordUnit:
    """A unit as people see it (``cm³``), as BIDS writes it (``cm^3``), and as names of columns end with it (``cm3``)."""

    name: str
    bids: str = ""
    ending: str = ""


@dataclass(frozen=True)
class OtherUnit:
    """A unit that a column is sometimes written in; ``factor`` brings it to the column's own.

    A bare number between the two of ``meant`` can only be in this one; None where a bare number never is.
    """

    unit: RecordUnit
    factor: Fraction
    meant: tuple[float, float] | None = None

    def converted(self, number: float) -> float:
        """The number in the column's own unit."""
        return number * self.factor.numerator / self.factor.denominator


@dataclass(frozen=True)
class RecordLevel:
    """One value of a column of words: what participants.json says that it means, and its other spellings, in lower case.

    Of levels that are not ``synthetic``, real people are read, but none is made.
    """

    value: str
    meaning: str = ""
    spellings: tuple[str, ...] = ()
    synthetic: bool = True

    def is_spelled(self, text: str) -> bool:
        """Whether a cell says this level."""
        return text.lower() in (self.value.lower(), *self.spellings)


@dataclass(frozen=True, kw_only=True)
class RecordColumn:
    """What a column is, before anything was measured or fitted.

    ``name`` is the key in records, stores and models, ``label`` what people read, ``description`` what participants.json says.
    ``step``: numbers are multiples of it; 0 for words. ``limits``: what a person can have; beyond is a mistake.
    ``levels`` of words; where they are ``closed``, any other word is a mistake. ``discrete``: it comes in few values.
    ``aliases``: names in the wild (``plain_name``); a column without is not looked for in tables of real people.
    ``exceeds``: a study whose values never do has levels of its own under the name, and is not believed.
    ``written`` into the datasets that are made here. ``modelled`` by the joint model; ``hidden``: though it is no attribute.
    ``derived`` from others, never drawn. ``condition``: what the command line asks for. ``listed`` among other columns.
    """

    name: str
    label: str
    description: str = ""
    unit: RecordUnit = RecordUnit("")
    other_units: tuple[OtherUnit, ...] = ()
    narrow_unit: str = ""
    step: float = 0
    limits: tuple[float, float] = (-inf, inf)
    levels: tuple[RecordLevel, ...] = ()
    closed: bool = False
    discrete: bool = False
    aliases: tuple[str, ...] = ()
    exceeds: float | None = None
    written: bool = True
    modelled: bool = False
    hidden: bool = False
    derived: bool = False
    condition: str = ""
    listed: Literal["", "first", "last"] = ""

    @property
    def short(self) -> str:
        """The name without its unit, as files and flags have it: ``height_cm`` -> ``height``."""
        return self.name.removesuffix(f"_{self.unit.ending}") if self.unit.ending else self.name

    @property
    def words(self) -> tuple[str, ...]:
        """The levels that synthetic people have."""
        return tuple(level.value for level in self.levels if level.synthetic)

    @property
    def unit_in_brief(self) -> str:
        """The unit where there is little room."""
        return self.narrow_unit or self.unit.name

    def read(self, cell: str) -> RecordValue | None:
        """What a cell says, in the column's unit; None for what is impossible."""
        if not self.step:
            return self._word(cell)
        number = number_in(cell)
        if number is None:
            return None
        for other in self.other_units:
            if other.meant and other.meant[0] < number < other.meant[1]:
                number = other.converted(number)
                break
        return number if self.limits[0] <= number <= self.limits[1] else None

    def _word(self, cell: str) -> str | None:
        if not self.closed:
            return cell
        return next((level.value for level in self.levels if level.is_spelled(cell)), None)

    def for_bids(self) -> dict[str, Any]:
        """The column's entry in participants.json."""
        meanings = {level.value: level.meaning for level in self.levels if level.synthetic and level.meaning}
        return {
            "Description": self.description,
            **({"Levels": meanings} if meanings else {}),
            **({"Units": self.unit.bids} if self.unit.bids else {}),
        }


# -- the table -------------------------------------------------------------------------------------------------

YEARS = RecordUnit("years", "years", "years")
CENTIMETRES, METRES = RecordUnit("cm", "cm", "cm"), RecordUnit("m", "m", "m")
KILOGRAMS = RecordUnit("kg", "kg", "kg")
PER_SQUARE = RecordUnit("kg/m²", "kg/m^2")
CUBIC_CENTIMETRES, CUBIC_MILLIMETRES = RecordUnit("cm³", "cm^3", "cm3"), RecordUnit("mm³", "mm^3", "mm3")
MILLILITRES = RecordUnit("ml", "mL", "ml")
_IN_METRES = OtherUnit(METRES, Fraction(100), (-inf, 3))
_IN_CUBIC_MILLIMETRES = OtherUnit(CUBIC_MILLIMETRES, Fraction(1, 1000), (100_000, inf))
_IN_MILLILITRES = OtherUnit(MILLILITRES, Fraction(1))
_SEXES = (
    RecordLevel("F", "female", ("female", "woman", "2")),
    RecordLevel("M", "male", ("male", "man", "1")),
    RecordLevel("O", "other", ("other",), synthetic=False),
)
_ETHNICITIES = tuple(map(RecordLevel, ("White", "Other", "Asian", "Black")))


def _measured(name: str, label: str, what: str) -> RecordColumn:
    """A volume that is measured in the maps of synthetic people."""
    return RecordColumn(name=name, label=label, description=f"{what}, measured in the maps", unit=CUBIC_CENTIMETRES, step=0.1)


TABLE: tuple[RecordColumn, ...] = (
    RecordColumn(
        name="study", label="Study", discrete=True, aliases=("study",), written=False, modelled=True, hidden=True,
        condition="as a study that was learnt from has them",
    ),
    RecordColumn(
        name="age", label="Age", description="Age", unit=YEARS, step=0.1, limits=(0, 120), modelled=True, listed="first",
        aliases=("age", "ageatvisit", "ageatscan", "ageyears"), condition="years",
    ),
    RecordColumn(
        name="sex", label="Sex", description="Sex", levels=_SEXES, closed=True, discrete=True, modelled=True, listed="first",
        aliases=("sex", "gender", "m/f", "mf"), condition="F or M",
    ),
    RecordColumn(
        name="height_cm", label="Height", description="Body height", unit=CENTIMETRES, step=0.1, limits=(50, 250), modelled=True,
        other_units=(_IN_METRES,), aliases=("heightcm", "height", "bodyheight"), condition="cm",
    ),
    RecordColumn(
        name="weight_kg", label="Weight", description="Body weight", unit=KILOGRAMS, step=0.1, limits=(10, 300), modelled=True,
        aliases=("weightkg", "weight", "bodyweight"), condition="kg",
    ),
    RecordColumn(
        name="bmi", label="BMI", description="Body mass index, computed from height and weight", unit=PER_SQUARE, step=0.1,
        limits=(5, 100), derived=True, condition="kg/m²",
    ),
    RecordColumn(
        name="ethnicity", label="Ethnicity", levels=_ETHNICITIES, discrete=True, modelled=True,
        description="Ethnicity, folded to four groups as self-reported in the studies that were fitted",
        aliases=("ethnicity", "race", "ethnicgroup"), condition="White, Asian, Black or Other",
    ),
    RecordColumn(
        name="education_years", label="Education", description="Years of education", unit=YEARS, step=1, limits=(0, 40),
        discrete=True, exceeds=6, modelled=True, condition="years",
        aliases=("educationyears", "education", "educ", "yearsofeducation"),
    ),
    RecordColumn(
        name="mmse", label="MMSE", description="Mini-Mental State Examination, 0 to 30", unit=RecordUnit("points"),
        narrow_unit="of 30", step=1, limits=(0, 30), discrete=True, modelled=True, listed="first", aliases=("mmse",),
        condition="0 to 30",
    ),
    RecordColumn(
        name="cdr", label="CDR", description="Clinical Dementia Rating, 0, 0.5, 1, 2", step=0.5, limits=(0, 3), discrete=True,
        modelled=True, listed="first", aliases=("cdr", "cdrtot", "cdrglobal"), condition="0, 0.5, 1 or 2",
    ),
    RecordColumn(
        name="etiv_cm3", label="eTIV", unit=CUBIC_CENTIMETRES, step=1, limits=(500, 2500), modelled=True,
        description="Volume inside the skull (estimated total intracranial volume), measured in the maps",
        other_units=(_IN_CUBIC_MILLIMETRES, _IN_MILLILITRES), aliases=("etivcm3", "etiv", "eticv", "icv"),
        condition="volume inside the skull, cm³",
    ),
    RecordColumn(
        name="nwbv", label="nWBV", step=0.001, limits=(0.3, 1.0), modelled=True, aliases=("nwbv",),
        description="White and grey matter as a share of the volume inside the skull, measured in the maps",
        condition="brain as a share of it",
    ),
    RecordColumn(  # what a picture of the brain shows; the volume in the maps has a row of its own
        name="ventricles", label="Ventricles", unit=RecordUnit("% of brain"), narrow_unit="%", step=0.01, limits=(0.05, 30),
        written=False, modelled=True, condition="% of the brain",
    ),
    _measured("gm", "Grey matter", "Grey matter"),
    _measured("wm", "White matter", "White matter with brainstem and lesions"),
    _measured("csf", "CSF", "Cerebrospinal fluid outside the ventricles"),
    _measured("ventricles_cm3", "Ventricles", "Ventricles"),
    _measured("lesions", "Lesions", "White matter hyperintensities"),
    RecordColumn(name="family", label="Family", aliases=("family", "familyid", "twinpair", "motherid"), written=False),
    RecordColumn(
        name="anatomy", label="Anatomy", aliases=("anatomy",), listed="last",
        description="Label map that the person's anatomy was made from; people of one anatomy must not be split",
    ),
    RecordColumn(
        name="mirrored", label="Mirrored", description="Whether left and right of that anatomy were exchanged", listed="last",
    ),
)  # fmt: skip


# -- looking things up -----------------------------------------------------------------------------------------


def record_column(name: str) -> RecordColumn:
    """A column by its name. KeyError for one that is not there."""
    for one in TABLE:
        if one.name == name:
            return one
    raise KeyError(name)


def modelled() -> tuple[RecordColumn, ...]:
    """The columns that the joint model may have."""
    return tuple(one for one in TABLE if one.modelled)


def conditions() -> tuple[RecordColumn, ...]:
    """The columns that can be given when a person is sampled; those that are no attribute last."""
    given = (one for one in TABLE if one.modelled or one.derived)
    return tuple(sorted(given, key=lambda one: one.hidden))


def listed(where: Literal["first", "last"]) -> tuple[str, ...]:
    """The names of columns that stand first, or last, where people are listed."""
    return tuple(one.short for one in TABLE if one.listed == where)


def plain_name(name: str) -> str:
    """The heading of a table in lower case, without blanks, underscores and hyphens, as aliases are."""
    return re.sub(r"[ _-]", "", name.lower())


def read_record(row: Mapping[str, str], *, ignored: Iterable[str] = ()) -> dict[str, RecordValue]:
    """What a row of a table tells, by the names of the record table; what is missing or impossible is left out.

    Headings without a meaning here keep their names, numbers as numbers; those ``ignored`` (plain) are no part of a record.
    """
    plain = {plain_name(heading): cell.strip() for heading, cell in row.items()}
    record: dict[str, RecordValue] = {}
    for one in TABLE:
        cell = next((plain[alias] for alias in one.aliases if plain.get(alias, "").lower() not in MISSING), None)
        if cell is not None and (value := one.read(cell)) is not None:
            record[one.name] = value
    understood = {alias for one in TABLE for alias in one.aliases} | set(ignored)
    own = {one.short: one.name for one in TABLE if one.written}
    for heading, cell in row.items():
        if plain_name(heading) not in understood and cell.strip().lower() not in MISSING:
            record[own.get(heading, heading)] = number if (number := number_in(cell)) is not None else cell.strip()
    return record


def renamed(record: Mapping[str, RecordValue]) -> dict[str, RecordValue]:
    """A record that was kept, under the names of today: what is written here under a short name has its own."""
    own = {one.short: one.name for one in TABLE if one.written}
    return {own.get(name, name): value for name, value in record.items()}


def as_written(record: Mapping[str, RecordValue | None]) -> dict[str, RecordValue]:
    """The part of a record that datasets made here have, by the headings of their table; what is not known is left out."""
    headings = {one.name: one.short for one in TABLE if one.written}
    return {headings[name]: value for name, value in record.items() if name in headings and value is not None}


def headings() -> dict[str, dict[str, Any]]:
    """The headings of the datasets that are made here, in order, with what participants.json says of each."""
    first = {"participant_id": {"Description": "Number of the synthetic person"}}
    return first | {one.short: one.for_bids() for one in TABLE if one.written}


def number_in(cell: str) -> float | None:
    """The finite number that a cell holds."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if isfinite(number) else None


# -- words in headings and cells -------------------------------------------------------------------------------


@lru_cache(maxsize=1000)
def label_of(heading: str) -> str:
    """A heading as people write it, without its unit: ``mmse`` -> ``MMSE``, ``body_height_cm`` -> ``Body height``."""
    labels = ACRONYMS | {one.short: one.label for one in TABLE if one.label != one.short.capitalize()}
    plain = heading.removesuffix(f"_{_ending(heading)}").replace("_", " ")
    return " ".join(labels.get(word.lower(), word) for word in (plain[:1].upper() + plain[1:]).split())


def unit_of(heading: str) -> str:
    """The unit that a heading ends with: ``height_cm`` -> ``cm``; empty where it ends with none."""
    return next((unit.name for unit in _units() if unit.ending == _ending(heading)), "")


def _units() -> list[RecordUnit]:
    """Every unit of the table that a heading can end with."""
    return [unit for one in TABLE for unit in (one.unit, *(other.unit for other in one.other_units)) if unit.ending]


def _ending(heading: str) -> str:
    last = heading.rsplit("_", 1)[-1].lower() if "_" in heading else ""
    return last if last in {unit.ending for unit in _units()} else ""


def level_words() -> dict[str, str]:
    """Words that mean a level, and the level, all in lower case: ``female`` -> ``f``."""
    levels = [level for one in TABLE for level in one.levels]
    return {word: level.value.lower() for level in levels for word in level.spellings if word.isalpha()}
