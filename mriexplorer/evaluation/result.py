"""What an evaluation found, as it stands in evaluation.json: metrics, what must be said loudly, and how it was done."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mriexplorer.errors import InputError
from mriexplorer.evaluation.metric import Metric, metric_of
from mriexplorer.files import LARGEST_TABLE, read_json, write_text

RESULT_FILE, REPORT_FILE = "evaluation.json", "report.html"  # side by side, in a report's folder and in a model's
_RECIPE = 1  # raised whenever a metric changes its meaning


@dataclass(frozen=True)
class EvaluationResult:
    """Metrics of what was judged (``subject``: people of a model or dataset, or the maps of a model) against ``reference``.

    ``kind`` is people or maps; ``made`` the day (ISO 8601); ``version`` the application's; ``settings`` say how, by what.
    """

    kind: str
    subject: str
    reference: str
    made: str
    version: str
    metrics: tuple[Metric, ...]
    warnings: tuple[str, ...] = ()
    settings: Mapping[str, str] | None = None

    def metric(self, group: str, name: str) -> Metric | None:
        """One metric, or None where it was not measured."""
        return next((m for m in self.metrics if (m.group, m.name) == (group, name)), None)

    def groups(self) -> tuple[str, ...]:
        """Groups of metrics, in order."""
        return tuple(dict.fromkeys(metric.group for metric in self.metrics))


def write_result(path: Path, result: EvaluationResult) -> None:
    """As JSON; written whole or not at all."""
    plain = {
        "recipe": _RECIPE, "kind": result.kind, "subject": result.subject, "reference": result.reference, "made": result.made,
        "version": result.version, "settings": dict(result.settings or {}), "warnings": list(result.warnings),
        "metrics": [metric.plain() for metric in result.metrics],
    }  # fmt: skip
    write_text(path, json.dumps(_finite(plain), indent=1, allow_nan=False, ensure_ascii=False) + "\n")


def read_result(path: Path) -> EvaluationResult:
    """What ``write_result`` wrote. Raises InputError where it is missing, damaged, or of another recipe."""
    plain = read_json(path, LARGEST_TABLE)
    if plain.get("recipe") != _RECIPE:
        raise InputError(f"{path} is no evaluation of this version of mriexplorer; run mriexplorer evaluate again.")
    try:
        return EvaluationResult(
            str(plain["kind"]), str(plain["subject"]), str(plain["reference"]), str(plain["made"]), str(plain["version"]),
            tuple(metric_of(_nan(one)) for one in plain["metrics"]), tuple(map(str, plain["warnings"])),
            {str(k): str(v) for k, v in plain["settings"].items()},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is damaged ({error}); run mriexplorer evaluate again.") from None


def _finite(plain: Any) -> Any:
    """JSON knows no NaN: null."""
    if isinstance(plain, float):
        return plain if plain == plain and abs(plain) != float("inf") else None
    if isinstance(plain, Mapping):
        return {key: _finite(value) for key, value in plain.items()}
    return [_finite(one) for one in plain] if isinstance(plain, list | tuple) else plain


def _nan(metric: Mapping[str, Any]) -> dict[str, Any]:
    def interval(of: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if of is None else {key: float("nan") if value is None else value for key, value in of.items()}

    return {**metric, "found": interval(metric["found"]), "ceiling": interval(metric["ceiling"])}
