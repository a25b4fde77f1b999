"""The body mass index, which is computed from height and weight, never modelled."""

from collections.abc import Mapping


def bmi(record: Mapping[str, float | str]) -> float | None:
    """Weight over height squared (kg/m²), of ``height_cm`` and ``weight_kg`` as written; None where one is not there."""
    height, weight = record.get("height_cm"), record.get("weight_kg")
    if not isinstance(height, float | int) or not isinstance(weight, float | int):
        return None
    return round(weight / (height / 100) ** 2, 2)
