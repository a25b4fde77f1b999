"""Cards of shipped models quote nothing that is not in their evaluation.json, and their reports are small."""

import re

import pytest

from mriexplorer.evaluation.report_page import write_card_table
from mriexplorer.evaluation.result import REPORT_FILE, RESULT_FILE, read_result
from mriexplorer.files import read_json
from mriexplorer.places import models

JUDGED = sorted(
    path.parent for path in models().glob(f"*/{RESULT_FILE}") if "recipe" in read_json(path)
)  # others were judged by version 0.1


@pytest.mark.parametrize("folder", JUDGED, ids=lambda folder: folder.name)
def test_a_card_quotes_what_was_measured(folder):
    result = read_result(folder / RESULT_FILE)
    card = (folder / "README.md").read_text(encoding="utf-8")
    groups = "|".join(map(re.escape, result.groups()))
    quoted = [tuple(match) for match in re.findall(rf"^\| ({groups}): (.+?) \|", card, re.MULTILINE)]
    assert quoted, "a card without figures"
    assert write_card_table(result, quoted).splitlines()[2:] == [line for line in card.splitlines() if _quotes(line, quoted)]


def _quotes(line, quoted):
    return any(line.startswith(f"| {group}: {name} |") for group, name in quoted)


@pytest.mark.parametrize("folder", JUDGED, ids=lambda folder: folder.name)
def test_a_report_lies_beside_and_is_small(folder):
    assert (folder / REPORT_FILE).stat().st_size <= 3_000_000
    assert (folder / RESULT_FILE).stat().st_size <= 1_000_000
