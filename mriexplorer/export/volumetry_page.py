"""A person's volumetry as one page for the record: HTML that needs nothing else, its curves as SVG."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from mriexplorer.measure.norm_bands import NormBands, bands
from mriexplorer.measure.norms import BANDS, SEXES
from mriexplorer.measure.volumetry_sheet import PARTS, SHARE, VolumetrySheet, centile_words, value_words
from mriexplorer.version import __version__

_DRAWN = ("brain", "wm", "gm", "ventricles")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 330, 190, 40, 10, 34, 22  # pixels
_ROOM, _DECADES = 0.08, 20  # of the values' range, left free; years between numbers
_STYLE = """
body { font: 10.5pt/1.4 system-ui, sans-serif; color: #1a1f25; max-width: 720px; margin: 24px auto; }
h1 { font-size: 15pt; margin: 0 0 2px; } .marks { color: #b3261e; font-weight: 600; } .muted { color: #5a6570; font-size: 9pt; }
table { border-collapse: collapse; width: 100%; margin: 10px 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 8px; border-bottom: 1px solid #cdd3da; }
th:first-child, td:first-child { text-align: left; }
th { color: #5a6570; font-weight: 500; } .far { color: #8a5a00; font-weight: 600; }
.curves { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; } svg { width: 100%; height: auto; }
@media print { body { margin: 0 auto; } }
"""
_TEXT = 'font-size="11" fill="#5a6570"'


def page(sheet: VolumetrySheet, made: date | None = None) -> str:
    """The page of a sheet, ``made`` today or on a day."""
    day = (made or date.today()).isoformat()
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Volumetry of {escape(sheet.subject)}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>Brain volumetry: {escape(sheet.subject)}</h1>",
        f"<div>{escape(sheet.person[:1].upper() + sheet.person[1:])} · {day} · mriexplorer {__version__}</div>",
        f'<div class="marks">{escape(sheet.marks)}</div>',
        _table(sheet),
        "".join(f"<p>{escape(sentence)}</p>" for sentence in (sheet.missing, *sheet.notices) if sentence),
        f'<div class="curves">{"".join(_curves(sheet))}</div>',
        f'<p class="muted">{escape(" ".join(_small_print(sheet)))}</p>',
        "</body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _table(sheet: VolumetrySheet) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("", "cm³", "centile", SHARE, "centile"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(_row(sheet, part) for part in PARTS)}</tbody></table>"


def _row(sheet: VolumetrySheet, part: str) -> str:
    cells = [f"<td>{escape(PARTS[part])}</td>"]
    for unit in ("cm³", SHARE):
        row = sheet.row(part, unit)
        far = row is not None and row.centile is not None and not BANDS[0] <= row.centile <= BANDS[-1]
        words = escape(centile_words(row.centile)) if row else ""
        cells += [f"<td>{value_words(row) if row else ''}</td>", f'<td class="{"far" if far else ""}">{words}</td>']
    return f"<tr>{''.join(cells)}</tr>"


def _small_print(sheet: VolumetrySheet) -> Iterator[str]:
    if not sheet.missing:
        yield sheet.norm
        yield "Bands hold the 5th to 95th and 25th to 75th centiles, the line is the median, the dot the person."
        yield "Centiles below 5 and above 95 are marked; of each value, one healthy person in ten lies there."
    yield f"{sheet.norms.credit} {sheet.norms.method}"


# -- curves ----------------------------------------------------------------------------------------------------


def _curves(sheet: VolumetrySheet) -> Iterator[str]:
    """A diagram of each share; none where age or sex are not known."""
    if sheet.missing or sheet.age is None or sheet.sex is None:
        return
    for part in _DRAWN:
        row = sheet.row(part, SHARE)
        if row is not None:
            yield _diagram(PARTS[part], bands(sheet.norms, part, sheet.sex), SEXES[sheet.sex], sheet.age, 100 * row.value)


@dataclass(frozen=True)
class _Frame:
    """Where ages and values lie on a diagram of ``_WIDTH`` by ``_HEIGHT``."""

    ages: tuple[float, float]
    values: tuple[float, float]

    def x(self, age: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (age - self.ages[0]) / (self.ages[1] - self.ages[0])

    def y(self, value: float) -> float:
        share = (value - self.values[0]) / (self.values[1] - self.values[0])
        return _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * share

    def line(self, of: NormBands, centile: float) -> list[str]:
        return [f"{self.x(age):.1f},{self.y(v):.1f}" for age, v in zip(of.ages, of.values[centile], strict=True)]


def _diagram(title: str, of: NormBands, whose: str, age: float, value: float) -> str:
    """Bands, the median, and the person as a dot."""
    low, high = min(of.span[0], value), max(of.span[1], value)
    room = _ROOM * (high - low)
    frame = _Frame((of.ages[0], of.ages[-1]), (max(low - room, 0), high + room))
    shapes = [_band(frame, of, *one) for one in ((BANDS[0], BANDS[-1], 0.12), (BANDS[1], BANDS[-2], 0.18))]
    shapes.append(f'<polyline points="{" ".join(frame.line(of, BANDS[2]))}" fill="none" stroke="#0f76ad" stroke-width="1.5"/>')
    shapes.append(f'<circle cx="{frame.x(age):.1f}" cy="{frame.y(value):.1f}" r="4.5" fill="#b3261e"/>')
    shapes += _axes(frame, f"{title}, {SHARE}", f"age (years), {whose}")
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)} by age">{"".join(shapes)}</svg>'


def _band(frame: _Frame, of: NormBands, below: float, above: float, opacity: float) -> str:
    around = " ".join(frame.line(of, below) + frame.line(of, above)[::-1])
    return f'<polygon points="{around}" fill="#0f76ad" fill-opacity="{opacity}"/>'


def _axes(frame: _Frame, title: str, below: str) -> Iterator[str]:
    """Lines, numbers and names."""
    middle, end = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    first = int(-(-frame.ages[0] // _DECADES) * _DECADES)
    for age in range(first, int(frame.ages[1]) + 1, _DECADES):
        yield f'<text x="{frame.x(age):.1f}" y="{middle + 14}" {_TEXT} text-anchor="middle">{age}</text>'
    for share in (0.1, 0.5, 0.9):
        value = frame.values[0] + share * (frame.values[1] - frame.values[0])
        yield f'<text x="{_LEFT - 5}" y="{frame.y(value) + 4:.1f}" {_TEXT} text-anchor="end">{value:.1f}</text>'
    yield f'<path d="M{_LEFT},{_TOP} V{middle} H{end}" fill="none" stroke="#cdd3da"/>'
    yield f'<text x="{_LEFT}" y="14" font-size="12" fill="#1a1f25">{escape(title)}</text>'
    yield f'<text x="{end}" y="{_HEIGHT - 4}" {_TEXT} text-anchor="end">{escape(below)}</text>'
