"""The record table: one row is all that a clinical column needs."""

import json
from argparse import ArgumentParser
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import T1, values, write

from mriexplorer.cli.people import add_people_verbs
from mriexplorer.dataset.synthetic import SyntheticDataset
from mriexplorer.dataset.tables import read_table
from mriexplorer.session.attribute_range import attribute_ranges
from mriexplorer.simulation.record import SimulatedRecord
from mriexplorer.subject import record_columns
from mriexplorer.subject.catalog import find
from mriexplorer.subject.record_columns import OtherUnit, RecordColumn, RecordUnit, as_written, read_record, renamed
from mriexplorer.view.people_table import people_table

GRIP = RecordColumn(
    name="grip_kg",
    label="Grip strength",
    description="Strength of the grip of the right hand",
    unit=RecordUnit("kg", "kg", "kg"),
    other_units=(OtherUnit(RecordUnit("N", "N", "n"), Fraction(100, 981), (150, 2000)),),
    step=0.5,
    limits=(0, 100),
    aliases=("grip", "gripkg", "gripstrength"),
    condition="kg of the right hand",
    modelled=True,
    listed="first",
)


@pytest.fixture
def with_grip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is made up."""
    monkeypatch.setattr(record_columns, "TABLE", (*record_columns.TABLE, GRIP))


@pytest.mark.usefixtures("with_grip")
def test_one_row_is_enough_to_write_read_list_and_offer_a_column(tmp_path: Path) -> None:
    dataset = SyntheticDataset(tmp_path / "made", "simulated people", "sub-x", "plan.json", "")
    dataset.begin({})

    def fill(anat: Path) -> None:
        row = {"participant_id": "sub-x0001", **as_written({"age": 61.0, "grip_kg": 41.5, "study": "IXI"})}
        (anat / "sub-x0001_dseg.json").write_text(json.dumps({"Person": row}))
        write(anat / "sub-x0001_T1map.nii.gz", values(T1))

    dataset.write_person("sub-x0001", fill)
    dataset.finish()
    assert (tmp_path / "made/participants.tsv").read_text() == "participant_id\tage\tgrip\nsub-x0001\t61\t41.5\n"
    about = json.loads((tmp_path / "made/participants.json").read_text())["grip"]
    assert about == {"Description": "Strength of the grip of the right hand", "Units": "kg"}
    assert read_table(tmp_path / "made/participants.tsv")[0].record == {"age": 61.0, "grip_kg": 41.5}
    shown = people_table(find([tmp_path / "made"]))
    assert shown.headings() == ("Age", "Grip strength")
    parser = ArgumentParser()
    add_people_verbs(parser.add_subparsers())
    given = parser.parse_args(["sample", "-n", "1", "-o", str(tmp_path / "new"), "--grip", "40"])
    assert given.grip_kg == "40"


@pytest.mark.usefixtures("with_grip")
def test_a_model_that_was_trained_before_a_column_was_added_still_opens() -> None:
    assert "grip_kg" in [column.name for column in record_columns.modelled()]
    known = [one.name for one in record_columns.modelled() if one is not GRIP and not one.hidden]
    assert [one.name for one in attribute_ranges()] == known


@pytest.mark.usefixtures("with_grip")
@pytest.mark.parametrize(("cell", "value"), [("40", 40.0), ("981", 100.0), ("120", None), ("strong", None), ("n/a", None)])
def test_cells_are_read_in_the_columns_unit(cell: str, value: float | None) -> None:
    assert read_record({"Grip strength": cell}).get("grip_kg") == value


def test_volumes_of_ventricles_are_not_taken_for_shares_of_the_brain(tmp_path: Path) -> None:
    table = tmp_path / "participants.tsv"
    table.write_text("participant_id\tage\tventricles\tgm\tIQ\nsub-1\t61\t23.5\t640\t110\n")
    record = read_table(table)[0].record
    assert record == {"age": 61.0, "ventricles_cm3": 23.5, "gm": 640.0, "IQ": 110.0}
    assert renamed({"age": 61.0, "ventricles": 23.5, "gm": 640.0, "IQ": 110.0}) == record
    assert as_written({"ventricles": 2.0, "ventricles_cm3": 23.5, "study": "IXI", "bmi": None}) == {"ventricles": 23.5}


def test_cells_that_say_nothing_are_the_same_for_every_reader(tmp_path: Path) -> None:
    write(tmp_path / "sub-1_T1map.nii.gz", values(T1))
    (tmp_path / "participants.tsv").write_text("participant_id\tage\tsex\theight\nsub-1\t.\tNULL\tn/a\n")
    catalog = find([tmp_path])
    assert catalog.participants is not None
    assert catalog.participants.attributes("sub-1") == ()
    assert people_table(catalog).columns == ()
    assert read_table(tmp_path / "participants.tsv")[0].record == {}


def test_names_aliases_and_headings_are_told_apart() -> None:
    names = [column.name for column in record_columns.TABLE]
    aliases = [alias for column in record_columns.TABLE for alias in column.aliases]
    written = [column.short for column in record_columns.TABLE if column.written]
    for several in (names, aliases, written, [column.short for column in record_columns.conditions()]):
        assert len(set(several)) == len(several)
    assert all(record_columns.plain_name(alias) == alias for alias in aliases)


def test_simulated_records_have_columns_of_the_table() -> None:
    names = {column.name for column in record_columns.TABLE}
    assert {field.name for field in fields(SimulatedRecord)} - names <= {"grey"}
