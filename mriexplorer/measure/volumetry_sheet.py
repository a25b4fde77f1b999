"""A person's volumes as a table: each with its centile among people of the same age and sex, and as CSV."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from mriexplorer.measure.brain_volumes import BrainVolumes
from mriexplorer.measure.norms import Norms, norms
from mriexplorer.render.scene import NOT_FOR_DIAGNOSIS
from mriexplorer.subject.record_columns import RecordValue, read_record
from mriexplorer.subject.subject import Subject

PARTS: Mapping[str, str] = {
    "closed": "Closed brain",
    "brain": "Brain (WM + GM)",
    "wm": "White matter",
    "gm": "Grey matter",
    "csf": "CSF, with ventricles",
    "ventricles": "Ventricles",
}
SHARE = "% of closed brain"
ABOUT: Mapping[str, str] = {
    "closed": "The brain with its sulci and ventricles closed over",
    "brain": "As a share of the closed brain: the brain fraction, like nWBV",
    "wm": "With the share of white matter of voxels at its border",
    "gm": "Cortical and deep; thin cortex counts partly as fluid, in the norm alike",
    "csf": "Fluid of sulci and ventricles within the closed brain",
    "ventricles": "Deep fluid where the warped template has ventricles",
}
_AT_3_T = "the same brain measures about 0.6 points less white and 0.8 more grey matter than at 1.5 T"  # of sampled people
_HEAD = ("name", "value", "unit", "centile", "norm", "age", "sex", "subject", "note")


@dataclass(frozen=True)
class MeasuredVolume:
    """A value of a measure in ``unit`` (cm³, or ``SHARE``), and its centile; None where there is none."""

    part: str
    unit: str
    value: float
    centile: float | None

    @property
    def label(self) -> str:
        """What people call the part."""
        return PARTS[self.part]


@dataclass(frozen=True)
class VolumetrySheet:
    """The volumes of a subject: two rows each, cm³ and share. ``field`` (T) is that of the maps.

    ``missing`` says why there are no centiles; ``marks`` what every copy must say of itself; ``notices`` what must be said of
    the measurement.
    """

    subject: str
    record: Mapping[str, RecordValue]
    age: float | None
    sex: str | None
    rows: tuple[MeasuredVolume, ...]
    norms: Norms
    field: float | None
    missing: str
    marks: str
    notices: tuple[str, ...]

    def row(self, part: str, unit: str) -> MeasuredVolume | None:
        """One row."""
        return next((row for row in self.rows if (row.part, row.unit) == (part, unit)), None)

    @property
    def person(self) -> str:
        """``woman of 63 years``, as far as is known."""
        who = {"F": "woman", "M": "man"}.get(self.sex or "", "person")
        return f"{who} of {self.age:g} years" if self.age is not None else f"{who} of unknown age"

    @property
    def norm(self) -> str:
        """Whose values the centiles are of, and what that means for maps at another field."""
        field = f" These maps are of {self.field:g} T" if self.field not in (None, self.norms.field) else ""
        bias = f": {_AT_3_T}." if field and self.field == 3.0 else "." if field else ""
        return f"Centiles by age and sex of {self.norms.sentence}, measured in the same way.{field}{bias}"


def sheet_of(subject: Subject, volumes: BrainVolumes) -> VolumetrySheet:
    """The table of a subject whose volumes were measured."""
    record, known = record_of(subject), norms()
    age, sex = _number(record.get("age")), record.get("sex")
    sex = None if sex is None else str(sex)
    rows = [_row(known, f"{part}_cm3", part, "cm³", volumes.cm3(part), age, sex) for part in PARTS]
    rows += [_row(known, part, part, SHARE, volumes.share(part), age, sex) for part in PARTS if part != "closed"]
    return VolumetrySheet(
        subject.name,
        record,
        age,
        sex,
        tuple(rows),
        known,
        subject.field,
        known.missing(age, sex),
        marks(subject),
        volumes.notices,
    )


def record_of(subject: Subject) -> dict[str, RecordValue]:
    """A subject's record by the names of the record table."""
    return read_record({one.name: one.value for one in subject.attributes})


def marks(subject: Subject) -> str:
    """``SYNTHETIC · not for diagnosis``."""
    encoded = "ENCODED MAPS" if subject.companions.uncertainty else ""
    made = "SYNTHETIC" if subject.synthetic else "LITERATURE VALUES" if subject.literature else encoded
    return " · ".join(part for part in (made, NOT_FOR_DIAGNOSIS) if part)


def centile_words(centile: float | None) -> str:
    """``63``, ``< 1``, ``> 99``, or a dash."""
    if centile is None:
        return "–"
    return "< 1" if centile < 1 else "> 99" if centile > 99 else f"{centile:.0f}"


def value_words(row: MeasuredVolume) -> str:
    """``612``, ``21.3`` (cm³), or ``41.2`` (%)."""
    value = row.value if row.unit == "cm³" else 100 * row.value
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def csv_text(sheet: VolumetrySheet, separator: str = ",") -> str:
    """The table as CSV (or TSV): a row for each measure. Empty cells are not known."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(_HEAD)
    age, sex = "" if sheet.age is None else f"{sheet.age:g}", sheet.sex or ""
    for row in sheet.rows:
        value = row.value if row.unit == "cm³" else 100 * row.value
        centile = "" if row.centile is None else f"{row.centile:.1f}"
        norm = "" if row.centile is None else sheet.norms.study
        writer.writerow([row.label, f"{value:.6g}", row.unit, centile, norm, age, sex, _plain(sheet.subject), sheet.marks])
    return text.getvalue()


def _row(known: Norms, name: str, part: str, unit: str, value: float, age: float | None, sex: str | None) -> MeasuredVolume:
    return MeasuredVolume(part, unit, value, known.centile(name, value, age, sex))


def _number(value: RecordValue | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _plain(name: str) -> str:
    """A name that no program of tables takes for a formula."""
    return f"'{name}" if name.strip()[:1] in tuple("=+-@") else name
