"""Periods: the scopes that a page's figures take besides the chosen one."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from shared.metrics.buckets import every_for
from shared.metrics.sla.forecast import HISTORY_WEEKS
from shared.scope import Scope

_YEAR = timedelta(days=365)


def two_periods(scope: Scope) -> Scope:
    """The scope from the beginning of the previous period, so that its episodes serve for both."""
    previous = scope.previous()
    return scope if previous is None else replace(scope, since=previous.since)


def last_year(scope: Scope) -> Scope:
    """The scope over the twelve months up to its end."""
    return replace(scope, since=scope.until - _YEAR)


def forecast_history(scope: Scope) -> Scope:
    """The scope over the weeks that a forecast looks back on."""
    return replace(scope, since=scope.until - timedelta(weeks=HISTORY_WEEKS))


def trend_part(scope: Scope) -> Literal["week", "month"]:
    """By what rarer things are shown over time: months where the range is long, else weeks."""
    return "month" if every_for(scope) == "month" else "week"


def cost_part(scope: Scope) -> Literal["day", "week", "month"]:
    """By what costs are shown over time: days up to 92, weeks up to a year, months beyond."""
    every = every_for(scope)
    return "day" if every == "hour" else every


def duration_part(scope: Scope) -> Literal["day", "month"]:
    """By what run durations are shown over time: months where the range is long, else days."""
    return "month" if every_for(scope) == "month" else "day"
