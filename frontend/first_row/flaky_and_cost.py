"""The first row of the Flaky and cost page."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from frontend import data
from frontend.costs import ALIKE, summed
from frontend.figures import Figure, count_figure, metric_text
from frontend.first_row.period import first, or_unknown, points, previously
from frontend.flaking import by_week, summary, within
from frontend.periods import cost_part, two_periods
from frontend.words import count, money, percent
from shared.scope import Scope


def flaky_and_cost(scope: Scope) -> list[Figure]:
    """Cost and minutes from jobs, cost estimated, flakes, and what they wasted."""
    cost, before = data.metric("run_cost", scope).iloc[0], first(previously("run_cost", scope))
    figures = [*_costs(scope, cost, before), *_flakes(scope)]
    return [or_unknown(figure, "workflow_runs") if not cost.n_with_jobs else figure for figure in figures]


def _costs(scope: Scope, now: pd.Series, before: pd.Series | None) -> list[Figure]:
    compare = _spending(scope, now, before)
    unknown = "no jobs collected" if not now.n_with_jobs else "no price in the policy"
    bare, jobs = count(now.n - now.n_with_jobs, "attempt"), f"of {count(now.jobs, 'job')}"
    no_guess = "no attempt without jobs" if now.n == now.n_with_jobs else "no price for * in the policy"
    return [
        compare.figure("Cost", "cost", _price, jobs, unknown),
        compare.figure("Estimated cost", "estimated_cost", _price, f"of {bare} without jobs", no_guess),
        compare.figure("Minutes", "minutes", count, jobs, unknown),
    ]


def cost_of_runs(scope: Scope) -> Figure:
    """What the runs of the range cost as far as their jobs are known, from the parts that a page shows anyway."""
    parts, earlier = data.metric("run_cost", scope, "repo"), previously("run_cost", scope, "repo")
    now = summed(parts)
    compare = _spending(scope, now, None if earlier is None else summed(earlier))
    bare = "no jobs collected" if pd.isna(now.estimated_cost) else f"no jobs; estimated {_price(now.estimated_cost)}"
    known = f"of {count(now.jobs, 'job')}" if now.n_with_jobs == now.n else f"{percent(now.jobs_share)} of runs known"
    figure = compare.figure(
        "Cost of runs", "cost", _price, known, "no price in the policy" if now.n_with_jobs else bare
    )
    return or_unknown(figure, "workflow_runs")


def _spending(scope: Scope, now: pd.Series, before: pd.Series | None) -> "_Comparison":
    over_time = data.metric("run_cost", scope, cost_part(scope))
    alike = before is not None and before.n > 0 and abs(now.jobs_share - before.jobs_share) <= ALIKE
    return _Comparison(now, before if alike else None, over_time, metric_text("run_cost"))


def _flakes(scope: Scope) -> list[Figure]:
    text, runs = metric_text("flaky_workflows"), data.metric("success_rate", scope).runs.iloc[0]
    ledger, previous = data.metric("flakes", two_periods(scope)), scope.previous()
    now = summary(ledger, scope.since, scope.until)
    before = None if previous is None else summary(ledger, previous.since, previous.until)
    over_time = by_week(within(ledger, scope.since, scope.until))
    flaked = count_figure("Flakes", now.flakes, None if before is None else before.flakes, better="lower", text=text)
    rate = f"{percent(now.flakes / runs)} of {count(runs, 'run')}" if runs else "no runs"
    alike = before is not None and abs(_guessed(now) - _guessed(before)) <= ALIKE
    compare = _Comparison(now, before if alike else None, over_time, text)
    source = "" if pd.isna(now.estimated_minutes) else f"{count(now.estimated_minutes)} of them from durations"
    none = "nothing flaked" if not now.flakes else "no duration known"
    return [
        replace(flaked, note=rate, sparkline=points(over_time, "flakes")),
        compare.figure("Minutes wasted", "wasted_minutes", count, source, none),
        compare.figure(
            "Cost wasted", "wasted_cost", _price, "of failed attempts", none if not now.flakes else "no price known"
        ),
    ]


@dataclass(frozen=True)
class _Comparison:
    """A row of figures now and, where the two may be compared, in the previous period; less is better."""

    now: pd.Series
    before: pd.Series | None
    over_time: pd.DataFrame
    text: str

    def figure(self, title: str, key: str, words: Callable[[float], str], note: str, unknown: str) -> Figure:
        """The figure in a column, in words. unknown: why it is, where it is."""
        value = self.now[key]
        if pd.isna(value):
            return Figure(title, None, "lower", self.text, note=unknown)
        figure = Figure(title, words(value), "lower", self.text, note=note, sparkline=points(self.over_time, key))
        if self.before is None or pd.isna(self.before[key]):
            return figure
        difference = float(value - self.before[key])
        shown = words(abs(difference))
        sign = "-" if difference < 0 else "+"
        return replace(figure, change=f"{sign}{shown}" if any(digit in shown for digit in "123456789") else 0)


def _price(amount: float) -> str:
    return money(amount, data.policy().cost.currency)


def _guessed(flaky: pd.Series) -> float:
    """The share of the minutes wasted that is of durations, since no jobs are known; 0 of none."""
    return float(flaky.estimated_minutes / flaky.wasted_minutes) if flaky.wasted_minutes > 0 else 0.0
