"""Comparison: what changed on a date, in words, from the metric before_after."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pandas as pd

from frontend.figures import FEW
from frontend.words import UNKNOWN, duration, percent
from shared.metrics.workflows.before_after import CHANCE_Z

Series: TypeAlias = "pd.Series[Any]"

COLUMNS = ("figure", "before", "after", "change", "reading")

_TOO_FEW = "too few to tell"


def changes(sides: pd.DataFrame) -> pd.DataFrame:
    """One row per figure with both sides, the change and how to read it. sides: before_after; a side may be missing."""
    found = sides.set_index("side").reindex(["before", "after"])
    before, after = found.iloc[0], found.iloc[1]
    verdicts = found.successes.fillna(0) + found.failures.fillna(0)
    rate_reading = _reading(after.success_rate_z, "higher", "lower")
    lasted_reading = _reading(after.duration_z, "longer", "shorter")
    rows = [
        ("Runs per day", *_per_day(found), "", _counted(found.runs)),
        (
            "Success rate",
            *(_known(side.success_rate, percent, n) for side, n in zip((before, after), verdicts, strict=True)),
            _points(before.success_rate, after.success_rate),
            f"{rate_reading} ({_counted(verdicts)})",
        ),
        ("Duration, median", *_durations(before, after, "p50_s"), f"{lasted_reading} ({_counted(found.n)})"),
        ("Duration, p95", *_durations(before, after, "p95_s"), _counted(found.n)),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_name(states: pd.DataFrame) -> pd.DataFrame:
    """Those of workflow_state by whose name a workflow can be chosen."""
    return states[states.workflow_name.notna()]


def _reading(z: float | None, up: str, down: str) -> str:
    """What a z says; chance is what explains a difference until it is too large for it."""
    if pd.isna(z):
        return _TOO_FEW
    if abs(z) <= CHANCE_Z:
        return "no difference beyond chance"
    return f"{up if z > 0 else down} after, unlikely by chance"


def _durations(before: Series, after: Series, key: str) -> tuple[str, str, str]:
    shown = tuple(_known(side[key], duration, side.n) for side in (before, after))
    known = UNKNOWN not in shown and float(before[key]) > 0
    change = _signed(100 * (float(after[key]) / float(before[key]) - 1), 0, "%") if known else ""
    return shown[0], shown[1], change


def _known(value: float | None, words: Callable[[float], str], n: float) -> str:
    if pd.isna(value):
        return UNKNOWN
    return f"{words(value)}, too few" if n < FEW else words(value)


def _points(before: float | None, after: float | None) -> str:
    return "" if pd.isna(before) or pd.isna(after) else _signed(100 * (after - before), 1, "points")


def _signed(change: float, digits: int, unit: str) -> str:
    """A change with its sign, which one that rounds to nothing has not."""
    shown = f"{change:+.{digits}f} {unit}"
    return shown[1:] if round(change, digits) == 0 else shown


def _per_day(sides: pd.DataFrame) -> tuple[str, str]:
    """Where one side has runs, a side without is one of no runs a day; where none has any, nothing is known."""
    known = sides.runs_per_day if sides.runs_per_day.isna().all() else sides.runs_per_day.fillna(0.0)
    before, after = (UNKNOWN if pd.isna(value) else f"{value:,.1f}" for value in known)
    return before, after


def _counted(n: Series) -> str:
    before, after = (int(value) for value in n.fillna(0))
    return f"n = {before:,} and {after:,}"
