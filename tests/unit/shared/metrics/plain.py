"""The arithmetic of the definitions in plain Python, to compare metrics with."""

from collections.abc import Iterable
from math import floor
from typing import Any


def quantile(values: Iterable[float], share: float) -> float | None:
    """Linear interpolation between the closest ranks."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with numbers to the millisecond, for comparison."""
    return [{k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()} for row in rows]


def survival_median(cases: Iterable[tuple[float, float, bool]]) -> float | None:
    """The median of the Kaplan-Meier estimate, over cases of (age entered, age left, whether it was over then)."""
    known, left = list(cases), 1.0
    for age in sorted({end for _, end, over in known if over}):
        at_risk = sum(start <= age <= end for start, end, _ in known)
        left *= 1 - sum(over and end == age for _, end, over in known) / at_risk
        if left <= 0.5 + 1e-9:
            return age
    return None
