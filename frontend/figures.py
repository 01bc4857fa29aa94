"""Figures: the numbers of a page's first row, each with unit, change, n, sparkline and definition."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from frontend.words import UNKNOWN, count, duration, duration_change, percent
from shared.metrics import METRICS, Metric

FEW = 5
"""Below so many cases a figure says "too few"."""

Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class Figure:
    """One number of a page's first row.

    value: with its unit; None if unknown, and then `note` says why.  change: against the previous period, signed
    with "+" or "-"; "" if there is none, 0 if nothing changed.  note: n, or why the figure is unknown.
    """

    title: str
    value: str | None
    better: Better
    help: str
    note: str = ""
    change: str | Literal[0] = ""
    sparkline: Sequence[float] = ()

    @property
    def shown(self) -> str:
        """The value, or what stands for an unknown one."""
        return UNKNOWN if self.value is None else self.value


def definition(metric: Metric, extra: str = "") -> str:
    """The text behind a number: what it means, what is left out, and what else there is to say."""
    parts = (metric.definition, f"**Left out:** {metric.exclusions}", extra)
    return "\n\n".join(part for part in parts if part)


def count_figure(title: str, now: float, before: float | None, *, better: Better, text: str) -> Figure:
    """A count and its change; before is None where there is no previous period."""
    return Figure(title, count(now), better, text, change=_count_change(now, before))


def duration_figure(
    title: str, key: str, now: pd.Series, before: pd.Series | None, *, text: str, noun: str, plural: str = ""
) -> Figure:
    """A duration: column `key` of a row with n; lower is better. Too few cases say so and show no change."""
    n, value = int(now["n"]), now[key]
    if n == 0 or pd.isna(value):
        return Figure(title, None, "lower", text, note=f"no {plural or noun + 's'} in the range")
    figure = Figure(title, duration(value), "lower", text, note=_sample(n, noun, plural))
    if n < FEW or before is None or before["n"] < FEW or pd.isna(before[key]):
        return figure
    change = duration_change(float(value - before[key]), value)
    return replace(figure, change=change if any(digit in change for digit in "123456789") else 0)


def rate_figure(title: str, now: pd.Series, before: pd.Series | None, *, text: str, noun: str = "run") -> Figure:
    """The success rate of a row with successes and failures; higher is better."""
    n, value = int(now["successes"] + now["failures"]), now["success_rate"]
    if n == 0 or pd.isna(value):
        return Figure(title, None, "higher", text, note=f"no {noun} succeeded or failed")
    figure = Figure(title, percent(value), "higher", text, note=_sample(n, noun))
    if n < FEW or before is None or before["successes"] + before["failures"] < FEW:
        return figure
    points = 100 * float(value - before["success_rate"])
    return replace(figure, change=f"{points:+.1f} points" if abs(points) >= 0.05 else 0)


def enough_to_judge(frame: pd.DataFrame) -> "pd.Series[float]":
    """The success rates of run_trend, without those of fewer than FEW verdicts where the median bucket has more."""
    verdicts, rates = frame.successes + frame.failures, frame.success_rate.astype("float64")
    return rates.where(verdicts >= FEW) if verdicts.median() >= FEW else rates


def metric_text(name: str, extra: str = "") -> str:
    """The definition of a metric of the registry."""
    return definition(METRICS[name], extra)


def _sample(n: int, noun: str, plural: str = "") -> str:
    return f"n = {n:,}, too few" if n < FEW else f"of {count(n, noun, plural or None)}"


def _count_change(now: float, before: float | None) -> str | Literal[0]:
    if before is None:
        return ""
    return f"{round(now - before):+,}" if round(now - before) else 0
