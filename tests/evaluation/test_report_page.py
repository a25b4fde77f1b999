"""The HTML report: everything in one file, nothing from a network, nothing from data that runs."""

import re

import pytest

from mriexplorer.errors import InputError
from mriexplorer.evaluation.chart import Chart, Illustrations, Picture, Role, Series, Table
from mriexplorer.evaluation.metric import Better, Interval, Metric
from mriexplorer.evaluation.report_page import write_markdown_summary, write_report
from mriexplorer.evaluation.report_page.words import interval, number, verdict
from mriexplorer.evaluation.result import EvaluationResult, read_result, write_result

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
SPELT = Series(EVIL, Role.REAL, (1.0,), (1.0,), names=(EVIL,), points=True)
PNG = b"\x89PNG\r\n\x1a\n"
NAN = float("nan")


def metric(name, value=0.9, group="images", ceiling=(0.5, 0.4, 0.6), **more):
    about = more.pop("about", "How well it is told apart.")
    top = None if ceiling is None else Interval(*ceiling)
    return Metric(
        group, name, Interval(value, value - 0.05, value + 0.05), 100, 70, top, Better.LOW, about=about, p=0.005, **more
    )


def result(metrics, **more):
    return EvaluationResult(
        "people", more.pop("subject", "people-1mm"), "70 real people", "2026-12-01", "1", tuple(metrics), **more
    )


DRAWN = Illustrations(
    charts=(
        Chart("images", "Spectra", "frequency", "power", (
            Series("real", Role.REAL, (0.1, 0.5), (1.0, 0.1), (0.9, 0.05), (1.1, 0.2)),
            Series("synthetic", Role.SYNTHETIC, (0.1, 0.5), (1.0, 0.2), names=("a", "b"), points=True)), "Power.", "9",
            y_log=True),
    ),
    pictures=(Picture("images", "Side by side", PNG, "The synthetic ones do not exist."),),
    tables=(Table("images", "Telling", ("feature",), (("texture",),), "Worst first."),),
)  # fmt: skip


@pytest.fixture
def page(tmp_path):
    def written(evaluation, drawn=DRAWN):
        write_report(tmp_path / "report.html", evaluation, drawn)
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return written


def test_everything_is_in_the_page_and_below_three_megabytes(page):
    text = page(
        result(
            [metric("AUC, texture"), metric("recall", ceiling=None)], warnings=("Said loudly.",), settings={"one grid": "2 mm"}
        )
    )
    for word in (
        "AUC, texture",
        "recall",
        "Said loudly.",
        "Spectra",
        "Side by side",
        "Telling",
        "one grid",
        "not for diagnosis",
        "0.900",
    ):
        assert word in text, word
    assert len(text.encode()) < 3e6


def test_figures_have_hover_and_zoom_and_nothing_is_loaded_from_elsewhere(page):
    text = page(result([metric("AUC, texture")]))
    assert '"HoverTool"' in text and '"WheelZoomTool"' in text and '"BoxZoomTool"' in text
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=[\"']?(https?:)?//", text)


def test_nothing_from_data_runs(page):
    drawn = Illustrations(
        charts=(Chart("images", EVIL, EVIL, EVIL, (SPELT,), EVIL, EVIL),),
        tables=(Table("images", EVIL, (EVIL,), ((EVIL,),), EVIL),), pictures=(Picture("images", EVIL, PNG, EVIL),),
    )  # fmt: skip
    text = page(result([metric(EVIL, about=EVIL)], subject=EVIL, warnings=(EVIL,), settings={EVIL: EVIL}), drawn)
    assert "<script>alert" not in text and "<img src=x" not in text


def test_what_was_not_measured_is_said(page):
    text = page(result([metric("AUC, texture", NAN), metric("recall")]))
    assert "not measured" in text and "nan" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL).lower()


def test_a_group_without_metrics_is_left_out(page):
    text = page(result([metric("AUC, texture")]), Illustrations())
    assert "Copies of people" not in text and "<h2>Images</h2>" in text


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("old")
    tmp_path.chmod(0o500)
    try:
        write_report(target, result([metric("AUC")]), DRAWN)
    except InputError as error:
        assert str(target) in str(error) or "permission" in str(error)
        assert target.read_text() == "old"
    finally:
        tmp_path.chmod(0o700)


def test_a_verdict_names_the_worst():
    said = verdict("images", [metric("AUC, texture", 1.0), metric("AUC, layout", 0.55), metric("recall", ceiling=None)])
    assert said.startswith("1 of 2 figures lie")
    assert "AUC, texture: 1.00 (real people 0.500 (0.400 to 0.600))" in said
    assert verdict("images", [metric("AUC", 0.52)]).startswith("None of 1")


def test_numbers_have_three_digits():
    assert [number(n) for n in (0, 0.0123, 1.234, 12.34, 123.4, 2e-5, 3e6, NAN)] == [
        "0.000", "0.012", "1.23", "12.3", "123", "2e-05", "3e+06", "not measured",
    ]  # fmt: skip
    assert interval(None) == "–" and interval(Interval(1, NAN, NAN), "mm") == "1.00 mm"


def test_markdown_has_a_table_for_each_group():
    text = write_markdown_summary(result([metric("a|b"), metric("spread", group="records")], warnings=("Loud.",)))
    assert "### Images" in text and "### Records" in text and "**Loud.**" in text and "a\\|b" in text and "outside" in text


# -- evaluation.json -------------------------------------------------------------------------------------------


def test_a_result_comes_back_as_it_was_with_what_was_not_measured(tmp_path):
    one = result([metric("AUC"), metric("recall", NAN, ceiling=None)], warnings=("w",), settings={"a": "b"})
    write_result(tmp_path / "evaluation.json", one)
    again = read_result(tmp_path / "evaluation.json")
    assert again.metric("images", "AUC") == one.metrics[0] and again.warnings == ("w",) and again.groups() == ("images",)
    assert again.metrics[1].value != again.metrics[1].value


@pytest.mark.parametrize("text", ["{}", '{"recipe": 1}', '{"recipe": 1, "kind": "people", "metrics": 3}', "no json"])
def test_a_damaged_result_is_one_sentence(tmp_path, text):
    (tmp_path / "evaluation.json").write_text(text)
    with pytest.raises(InputError, match=r"evaluation\.json"):
        read_result(tmp_path / "evaluation.json")
