"""The first row of the Flaky and cost page."""

from dataclasses import replace
from typing import Literal

import pandas as pd

from frontend import data
from frontend.figures import Figure, count_figure, metric_text
from frontend.first_row.period import first, or_unknown, points, previously
from frontend.periods import duration_part, trend_part
from frontend.words import count, money, percent
from shared.scope import Scope

_ALIKE = 0.05
"""Costs are compared where the share of attempts whose jobs are known differs by no more than so much."""


def flaky_and_cost(scope: Scope) -> list[Figure]:
    """Cost and minutes from jobs, cost estimated, flakes, and what they wasted."""
    cost, flaky = data.metric("run_cost", scope).iloc[0], data.metric("flaky_workflows", scope).iloc[0]
    before, flaky_before = first(previously("run_cost", scope)), first(previously("flaky_workflows", scope))
    figures = [*_costs(scope, cost, before), *_flakes(scope, flaky, flaky_before)]
    return [or_unknown(figure, "workflow_runs") if not cost.n_with_jobs else figure for figure in figures]


def _costs(scope: Scope, now: pd.Series, before: pd.Series | None) -> list[Figure]:
    text, over_time = metric_text("run_cost"), data.metric("run_cost", scope, duration_part(scope))
    alike = before is not None and before.n > 0 and abs(now.jobs_share - before.jobs_share) <= _ALIKE
    earlier = before if alike else None
    known = "no jobs collected" if not now.n_with_jobs else "no price in the policy"
    jobs = count(now.jobs, "job")
    minutes = _amount("Minutes", now.minutes, None if earlier is None else earlier.minutes, "", text, jobs, known)
    cost = _money("Cost", "cost", now, earlier, text, jobs, known)
    bare = count(now.n - now.n_with_jobs, "attempt")
    guess = _money(
        "Estimated cost", "estimated_cost", now, earlier, text, f"{bare} without jobs",
        "no attempt without jobs" if now.n == now.n_with_jobs else "no price for * in the policy",
    )  # fmt: skip
    return [
        replace(cost, sparkline=points(over_time, "cost")),
        replace(guess, sparkline=points(over_time, "estimated_cost")),
        replace(minutes, sparkline=points(over_time, "minutes")),
    ]


def _flakes(scope: Scope, now: pd.Series, before: pd.Series | None) -> list[Figure]:
    text, over_time = metric_text("flaky_workflows"), data.metric("flaky_workflows", scope, trend_part(scope))
    flaked = count_figure("Flakes", now.flakes, None if before is None else before.flakes, better="lower", text=text)
    rate = "no runs" if pd.isna(now.flake_rate) else f"{percent(now.flake_rate)} of {count(now.runs, 'run')}"
    source = "" if pd.isna(now.estimated_minutes) else f"{count(now.estimated_minutes)} of them from durations"
    none = "nothing flaked" if not now.flakes else "duration not known"
    wasted = None if before is None else before.wasted_minutes
    return [
        replace(flaked, note=rate, sparkline=points(over_time, "flakes")),
        replace(
            _amount("Minutes wasted", now.wasted_minutes, wasted, "", text, source, none),
            sparkline=points(over_time, "wasted_minutes"),
        ),
        replace(
            _money(
                "Cost wasted", "wasted_cost", now, before, text, "by flakes", none if not now.flakes else "no price"
            ),
            sparkline=points(over_time, "wasted_cost"),
        ),
    ]


def _money(
    title: str, key: str, now: pd.Series, before: pd.Series | None, text: str, note: str, unknown: str
) -> Figure:
    currency = data.policy().cost.currency
    return _amount(title, now[key], None if before is None else before[key], currency, text, note, unknown)


def _amount(title: str, now: float, before: float | None, currency: str, text: str, note: str, unknown: str) -> Figure:
    """An amount of money, or of minutes where there is no currency; less is better."""
    if pd.isna(now):
        return Figure(title, None, "lower", text, note=unknown)
    value = money(now, currency) if currency else count(now)
    change: str | Literal[0] = ""
    if before is not None and not pd.isna(before):
        less = now < before
        difference = abs(now - before)
        shown = money(difference, currency) if currency else count(difference)
        change = f"{'-' if less else '+'}{shown}" if any(digit in shown for digit in "123456789") else 0
    return Figure(title, value, "lower", text, note=note, change=change)
