"""The first row of the Deployments page."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.figures import FEW, Figure, count_figure, duration_figure, metric_text
from frontend.first_row.period import first, points, previously
from frontend.periods import trend_part
from frontend.words import count, per_time, percent, readable
from shared.scope import Scope


def delivery(scope: Scope) -> list[Figure]:
    """The four figures of DORA with their levels, the deployments there were, and those not restored yet."""
    now, before = data.metric("delivery", scope).iloc[0], first(previously("delivery", scope))
    over_time, text = data.metric("delivery", scope, trend_part(scope)), metric_text("delivery")
    unrestored = count_figure(
        "Not restored yet", now.unrestored, None if before is None else before.unrestored, better="lower", text=text
    )
    figures = (
        (_frequency(now, before, text), "successes"),
        (_lasting("Lead time", "lead_time", "changes", now, before, text, "change"), "lead_time_median_s"),
        (_failures(now, before, text), "change_failure_rate"),
        (_lasting("Time to restore", "restore", "restored", now, before, text, "restoration"), "restore_median_s"),
        (replace(unrestored, note="failed deployments"), ""),
    )
    return [replace(figure, sparkline=points(over_time, key) if key else ()) for figure, key in figures]


def _frequency(now: pd.Series, before: pd.Series | None, text: str) -> Figure:
    title = "Frequency"
    if pd.isna(now.deployments_per_day):
        return Figure(title, None, "higher", text, note="no deployment in the range")
    note = _note(now.frequency_level, now.successes, "success", "successes")
    figure = Figure(title, per_time(now.deployments_per_day), "higher", text, note=note)
    if before is None or pd.isna(before.deployments_per_day):
        return figure
    more = int(now.successes - before.successes)
    return replace(figure, change=f"{more:+,} deployments" if more else 0)


def _failures(now: pd.Series, before: pd.Series | None, text: str) -> Figure:
    title, rate = "Change failure rate", now.change_failure_rate
    if pd.isna(rate):
        return Figure(title, None, "lower", text, note="no deployment in the range")
    note = _note(now.change_failure_level, now.deployments, "deployment")
    figure = Figure(title, percent(rate), "lower", text, note=note)
    if now.deployments < FEW or before is None or before.deployments < FEW:
        return figure
    points_more = 100 * float(rate - before.change_failure_rate)
    return replace(figure, change=f"{points_more:+.1f} points" if abs(points_more) >= 0.05 else 0)


def _lasting(title: str, name: str, n: str, now: pd.Series, before: pd.Series | None, text: str, noun: str) -> Figure:
    counted, earlier = (None if row is None else row.rename({n: "n"}) for row in (now, before))
    assert counted is not None  # noqa: S101 - now is a row
    figure = duration_figure(title, f"{name}_median_s", counted, earlier, text=text, noun=noun)
    return figure if figure.value is None else replace(figure, note=_note(now[f"{name}_level"], now[n], noun))


def _note(level: str, n: float, noun: str, plural: str | None = None) -> str:
    of = f"n = {n:,.0f}, too few" if n < FEW else f"of {count(n, noun, plural)}"
    return f"{readable(level)}, {of}"
