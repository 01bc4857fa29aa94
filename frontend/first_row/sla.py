"""The first row of the SLA page, and those of its panels."""

from dataclasses import replace
from datetime import date

import pandas as pd

from frontend import data
from frontend.figures import FEW, Figure, count_figure, metric_text
from frontend.first_row.period import first, gaps, or_unknown, points, previously
from frontend.periods import last_year
from frontend.what_if import total
from frontend.words import count, percent
from shared.datasets.alerts import KINDS
from shared.metrics.sla.forecast import WEEK_S, fixes_per_week_for
from shared.scope import Scope


def sla(scope: Scope) -> list[Figure]:
    """Compliance, breached and at risk among the open, due within 7 and 14 days, and what is unknown."""
    now, parts = total(data.metric("sla_summary", scope, "severity")), previously("sla_summary", scope, "severity")
    before = None if parts is None else total(parts)
    monthly = points(data.metric("sla_summary", last_year(scope), "month"), "compliance")
    limited = now.breached_open + now.at_risk + now.on_track
    of_open = gaps(scope, KINDS) or f"of {count(limited, 'open alert')} with a limit"
    figures = [
        replace(compliance(now, before), sparkline=monthly),
        _counted("Breached, open", "breached_open", now, before, of_open),
        _counted("At risk", "at_risk", now, before, of_open),
        *_due(scope),
        _counted("Unknown", "unknown", now, before, "no severity, or no limit for it"),
    ]
    return [or_unknown(figure, "alerts") for figure in figures]


def compliance(now: pd.Series, before: pd.Series | None) -> Figure:
    """The compliance of a total; higher is better. Too few cases say so and show no change."""
    text = metric_text("sla_summary")
    if not now.judged:
        return Figure("Compliance", None, "higher", text, note="no alert with a limit was closed")
    note = f"n = {now.judged:,.0f}, too few" if now.judged < FEW else f"of {count(now.judged, 'closed alert')}"
    figure = Figure("Compliance", percent(now.compliance), "higher", text, note=note)
    if now.judged < FEW or before is None or before.judged < FEW:
        return figure
    change = 100 * (now.compliance - before.compliance)
    return replace(figure, change=f"{change:+.1f} points" if abs(change) >= 0.05 else 0)


def what_if(parts: pd.DataFrame, parts_then: pd.DataFrame) -> list[Figure]:
    """Compliance, and the open alerts by status, under another policy against the one in force.

    parts, parts_then: sla_summary by severity under the one in force and under the other.
    """
    now, then = total(parts), total(parts_then)
    return [
        compliance(then, now),
        _counted("Breached, open", "breached_open", then, now),
        _counted("At risk", "at_risk", then, now),
        replace(_counted("On track", "on_track", then, now), better="higher"),
    ]


def forecast(days: pd.DataFrame, outlook: pd.DataFrame, target: int, by: date, scope: Scope) -> list[Figure]:
    """The backlog to expect, its pace, and the fixes a week for no breach and for the target by a day."""
    last, text = days.iloc[-1], metric_text("backlog_forecast")
    weeks = (pd.Timestamp(by, tz="UTC") - pd.Timestamp(scope.until)).total_seconds() / WEEK_S
    reason = "" if pd.isna(last.unknown_because) else str(last.unknown_because)
    pace = f"{count(last.weeks, 'week')} of history"
    needed = None if reason or weeks <= 0 else fixes_per_week_for(last.open_now, last.opened_per_week, target, weeks)
    figures = [
        Figure("Open in 30 days", None if reason else f"{last.low:,.0f} to {last.high:,.0f}", "lower", text, pace),
        Figure("Opened a week", None if reason else f"{last.opened_per_week:,.1f}", "lower", text, pace),
        Figure("Closed a week", None if reason else f"{last.closed_per_week:,.1f}", "higher", text, pace),
        _fixes("Fixes a week, target", needed, text, f"{target:,} open on {by:%d %b %Y}"),
        _fixes(
            "Fixes a week, SLA",
            outlook.iloc[0].fixes_per_week,
            metric_text("sla_outlook"),
            "so that nothing more breaches",
        ),
    ]
    return [replace(figure, note=reason) if figure.value is None else figure for figure in figures]


def _counted(title: str, key: str, now: pd.Series, before: pd.Series | None, note: str = "") -> Figure:
    """A count of sla_summary, of which fewer are better."""
    earlier = None if before is None else before[key]
    return replace(count_figure(title, now[key], earlier, better="lower", text=metric_text("sla_summary")), note=note)


def _due(scope: Scope) -> list[Figure]:
    now, before = data.metric("sla_outlook", scope).iloc[0], first(previously("sla_outlook", scope))
    text, figures = metric_text("sla_outlook"), []
    for days in (7, 14):
        earlier = None if before is None else before[f"due_{days}"]
        figure = count_figure(f"Due in {days} days", now[f"due_{days}"], earlier, better="lower", text=text)
        figures.append(replace(figure, note=_expected(now[f"expected_{days}"])))
    return figures


def _expected(breaches: float) -> str:
    return "new alerts: history too short" if pd.isna(breaches) else f"{breaches:,.1f} with alerts to come"


def _fixes(title: str, needed: float | None, text: str, note: str) -> Figure:
    return Figure(title, None if needed is None or pd.isna(needed) else f"{needed:,.1f}", "lower", text, note)
