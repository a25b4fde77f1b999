"""The model behind a synthetic person or encoded maps: does who it made look like real people, and how good is it altogether.

::

    ┌ Sampled by people-1mm                  [Open report] ┐
    │ brain fraction, ventricles, WM, GM on real curves    │
    │ T1 and T2 of WM, GM and CSF against the literature   │
    │ the record: what is rare or implausible              │
    │ the nearest trained brain                            │
    └ the model's figures, the worst of each group ────────┘
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mriexplorer.figures import theme
from mriexplorer.figures.theme import GRID
from mriexplorer.measure.norms import SEXES, norms
from mriexplorer.measure.plausibility import RecordCheck, checks
from mriexplorer.measure.volumetry_sheet import marks, record_of
from mriexplorer.physics import FIELDS, TISSUES, TimeUnit, number_in, time_in
from mriexplorer.render.scene import Scene
from mriexplorer.session.model_report import ModelFigure, ModelReport, made_by_model, model_report, nearest_said
from mriexplorer.session.session import Session
from mriexplorer.session.volumetry import VolumetryResult
from mriexplorer.subject.record_columns import RecordValue
from mriexplorer.ui.side_panels.facts_table import Fact, FactsTable
from mriexplorer.ui.side_panels.norm_plots import NormPlots
from mriexplorer.ui.side_panels.tabbed_panel import TabbedPanel
from mriexplorer.ui.widgets.panel import Sentence
from mriexplorer.view.display import Layout
from mriexplorer.view.state import State

_WIDE = 760  # pixels, from which there are two columns
_OFF = 0.2  # of a value of the literature without a range, beyond which a median is far from it
_CURVES = "Shares of the closed brain by age, on real people's centiles (5 to 95)"
_NOBODY = (
    "No model made what is open. Sample a person (File > Sample a person), or open scans, which are encoded into maps; this "
    "panel then shows how like real people the result is."
)


def make(session: Session, _enlarge: Callable[[Layout], None]) -> "ModelPanel":
    """The panel, which asks the session for volumes."""
    return ModelPanel(session)


class ModelPanel(TabbedPanel):
    """Shows what is known of the open person and of the model that made them; volumes come when they are measured."""

    depends = frozenset({"source", "appearance.times"})

    def __init__(self, session: Session) -> None:
        super().__init__()
        theme.on_panel(self)
        self._commands = session.volumetry
        self._scene: Scene | None = None
        self._times: TimeUnit = "ms"
        self._report: ModelReport | None = None
        self.who, self.marks, self.hint = Sentence(name="title"), Sentence(name="notice"), Sentence()
        self.report_button = QPushButton("Open report")
        self.report_button.clicked.connect(self._open)
        self.plots = NormPlots(session.state.appearance.theme)
        self.volumes, self.record, self.nearest, self.figures_said = (Sentence() for _ in range(4))
        self.relaxation = FactsTable("T1 and T2 against the literature", ("", "T1", "Literature", "T2", "Literature"))
        self.figures = FactsTable("Figures of the model", ("Worst of each group", "Found", "Real people"), (
            "Of each group of figures the one that is furthest from real people", "The figure for what the model makes",
            "The same figure for real people against other real people",
        ))  # fmt: skip
        self._lay_out()
        self._commands.listen(self._refresh)
        self.dress(session.state.appearance.theme)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.who, 1)
        head.addWidget(self.report_button, 0, Qt.AlignmentFlag.AlignTop)
        left, right = _section(_CURVES, self.plots, self.volumes), QVBoxLayout()
        for title, parts in (
            ("T1 and T2 of the maps", (self.relaxation,)),
            ("Record", (self.record,)),
            ("Nearest trained brain", (self.nearest,)),
            ("Figures of the model", (self.figures, self.figures_said)),
        ):
            right.addLayout(_section(title, *parts))
        right.addStretch()
        left.addStretch()
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(2 * GRID)
        self._columns.addLayout(left, 1)
        self._columns.addLayout(right, 1)
        self._body = QWidget()
        self._body.setLayout(self._columns)
        self._columns.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        column.setSpacing(GRID // 2)
        column.addLayout(head)
        for widget in (self.marks, self.hint, self._body):
            column.addWidget(widget)
        column.addStretch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns where there is room."""
        wide = self.width() >= _WIDE
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        super().resizeEvent(event)

    def dress(self, name: str) -> None:
        """Take the colours of a theme."""
        for part in (self.plots, self.relaxation, self.figures):
            part.dress(name)

    # -- drawing -----------------------------------------------------------------------------------------------

    def show_state(self, scene: Scene, state: State) -> None:
        """Draw what is known; what must be measured fills in later."""
        self._scene, self._times = scene, state.appearance.times
        made_by = made_by_model(scene.subject, state.source)
        self._report = model_report(made_by) if made_by else None
        self._body.setVisible(self._report is not None)
        self.report_button.setVisible(self._report is not None)
        self.hint.setVisible(self._report is None)
        self.hint.setText(_NOBODY)
        self.marks.setText(marks(scene.subject))
        self.who.setText(_who(scene, state, made_by))
        if self._report is not None:
            self._commands.wanted(scene)
            self._show_model(self._report)
            self._show_record(record_of(scene.subject))
            self._show_measured()

    def _refresh(self) -> None:
        if self.isVisible() and self._report is not None:
            self._show_measured()

    def _show_model(self, report: ModelReport) -> None:
        self.report_button.setEnabled(report.page is not None)
        self.report_button.setToolTip(report.no_page or f"Open {report.page} in a browser")
        self.figures.setVisible(report.worst != ())
        self.figures.show_rows([_figure(one) for one in report.worst])
        self.figures_said.setText(" ".join(part for part in (report.no_result or report.summary, report.no_page) if part))

    def _show_record(self, record: Mapping[str, RecordValue]) -> None:
        found = checks(record)
        self.record.setText("\n".join(map(_check, found)) if found else "The record tells too little to be checked.")

    def _show_measured(self) -> None:
        scene = self._scene
        if scene is None:
            return
        known = self._commands.known(scene)
        record = record_of(scene.subject)
        age, sex = record.get("age"), record.get("sex")
        number = None if age is None or isinstance(age, str) else float(age)
        self.plots.show_person(norms(), number, None if sex is None else str(sex), known.sheet)
        self.volumes.setText(_volumes_said(known))
        if self._report is not None:
            self.nearest.setText(" ".join((nearest_said(self._report, known.volumes), self._report.memory)).strip())
        self._show_relaxation(scene, known)

    def _show_relaxation(self, scene: Scene, known: VolumetryResult) -> None:
        field = min(FIELDS, key=lambda one: abs(one - (scene.subject.field or 3.0)))
        found = known.volumes.relaxation if known.volumes else {}
        rows = []
        for tissue in ("wm", "gm", "csf"):
            row = TISSUES[tissue]
            cells = [Fact(row.label)]
            for place, kind in enumerate(("t1", "t2")):
                value = getattr(found[tissue], kind) if tissue in found else None
                span = row.spread[place] if row.spread and field == 3.0 else None
                cells += _times(value, getattr(row.at[field], kind), span, self._times)
            rows.append(cells)
        self.relaxation.show_rows(rows)

    def _open(self) -> None:
        if self._report is not None and self._report.page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report.page)))


def _section(title: str, *parts: QWidget) -> QVBoxLayout:
    label = QLabel(title)
    label.setObjectName("title")
    column = QVBoxLayout()
    column.setSpacing(GRID // 2)
    column.setContentsMargins(0, 0, 0, GRID // 2)
    for widget in (label, *parts):
        column.addWidget(widget)
    return column


def _who(scene: Scene, state: State, made_by: str) -> str:
    recipe = state.source.recipe
    if recipe is not None:
        return f"Sampled by {made_by}, seed {recipe.seed}"
    if scene.subject.companions.uncertainty:
        return f"{scene.subject.name}: maps encoded by {made_by}"
    return f"{scene.subject.name}: sampled by {made_by}" if made_by else scene.subject.name


def _volumes_said(known: VolumetryResult) -> str:
    if known.sheet is not None:
        sheet = known.sheet
        both = "" if sheet.sex in SEXES else "Medians of women (solid) and men (dashed)."
        return " ".join(part for part in (sheet.missing or sheet.norm, both, *sheet.notices) if part)
    what = known.progress or known.error or "not measured yet: the whole brain comes first."
    return f"{what[:1].upper()}{what[1:]}{' …' if known.progress else ''}"


def _check(one: RecordCheck) -> str:
    return f"{'✓' if one.plausible else '⚠'} {one.sentence}{'' if one.plausible else '; hardly any real person has this'}"


def _figure(one: ModelFigure) -> list[Fact]:
    return [Fact(one.name, one.about), Fact(one.found, one.interval, one.alarm), Fact(one.real, one.interval)]


def _times(value: float | None, literature: float, span: tuple[float, float] | None, unit: TimeUnit) -> tuple[Fact, Fact]:
    """A median beside the literature's value."""
    low, high = span or ((1 - _OFF) * literature, (1 + _OFF) * literature)
    told = f"{number_in(low, 0, unit)} to {time_in(high, 0, unit)}"
    tip = f"Sources lie from {told}" if span else f"Within 20 % of the literature: {told}"
    found = Fact("–") if value is None else Fact(number_in(value, 0, unit), tip, not low <= value <= high)
    return found, Fact(time_in(literature, 0, unit), tip)
