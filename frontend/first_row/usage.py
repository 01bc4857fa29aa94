"""The first rows of the pages API and models, and Threats and feedback."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.figures import FEW, Better, Figure, count_figure, metric_text, rate_figure
from frontend.first_row.period import first, points, previously
from frontend.words import count
from shared.scope import Scope

_TIMES_FROM = 10
"""From so many times as much on, a change is told in times rather than in per cent."""


def usage(scope: Scope, trend: pd.DataFrame) -> list[Figure]:
    """Requests, success rate, latency, cost, tokens and users against the period before."""
    now, before = data.metric("request_summary", scope).iloc[0], first(previously("request_summary", scope))
    sessions = data.metric("usage_sessions", scope).iloc[0]
    text = metric_text("request_summary")
    requests = count_figure("Requests", now.n, None if before is None else before.n, better="neither", text=text)
    verdicts = {"errors": "failures"}
    earlier = None if before is None else before.rename(verdicts)
    rate = rate_figure("Success rate", now.rename(verdicts), earlier, text=text, noun="request")
    latency = amount("Median latency", "p50_latency_ms", now, before, "n_latency", "lower", text)
    cost = amount("Cost", "cost_usd", now, before, "n_priced", "lower", text)
    tokens = amount("Tokens", "tokens", now, before, "n_tokens", "neither", text)
    users = count_figure(
        "Active users", now.users, None if before is None else before.users, better="higher", text=text
    )
    return [
        replace(requests, sparkline=points(trend, "n"), note=f"{count(now.errors)} failed"),
        replace(rate, sparkline=points(trend, "success_rate")),
        replace(latency, sparkline=points(trend, "p50_latency_ms")),
        replace(cost, sparkline=points(trend, "cost_usd")),
        replace(tokens, sparkline=points(trend, "tokens")),
        replace(users, sparkline=points(trend, "users"), note=f"{count(sessions.n, 'session')}"),
    ]


def threats_and_feedback(scope: Scope) -> list[Figure]:
    """Threats by how bad they are, and what users think, against the period before."""
    now, before = data.metric("threat_summary", scope).iloc[0], first(previously("threat_summary", scope))
    ratings, rated = data.metric("feedback_ratings", scope).iloc[0], first(previously("feedback_ratings", scope))
    text = metric_text("threat_summary")
    found = [
        count_figure(title, now[name], None if before is None else before[name], better="lower", text=text)
        for name, title in (
            *(("unresolved", "Unresolved threats"), ("n", "Threats seen")),
            *(("critical", "Critical"), ("high", "High")),
        )
    ]
    found[0] = replace(found[0], note=f"of {count(now.n, 'threat')}")
    mean = Figure("Mean rating", None, "higher", metric_text("feedback_ratings"), note="no rating in the range")
    if ratings.n:
        mean = replace(mean, value=f"{ratings.mean_rating:.2f} of 5", note=f"of {count(ratings.n, 'rating')}")
        if rated is not None and min(rated.n, ratings.n) >= FEW:
            change = float(ratings.mean_rating - rated.mean_rating)
            mean = replace(mean, change=f"{change:+.2f}" if abs(change) >= 0.005 else 0)
    return [*found, mean]


def amount(
    title: str, name: str, now: "pd.Series", before: "pd.Series | None", known: str, better: Better, text: str
) -> Figure:
    """An amount that may be unknown, and its change, unless too few requests tell one of both.

    known: the column of how many requests tell it.
    """
    value = now[name]
    if pd.isna(value):
        return Figure(title, None, better, text, note="no request tells it")
    figure = Figure(title, _said(name, float(value)), better, text, note=f"of {count(now[known], 'request')}")
    if before is None or pd.isna(before[name]) or not before[name] or min(now[known], before[known]) < FEW:
        return figure
    times = float(value) / float(before[name])
    if times >= _TIMES_FROM:
        return replace(figure, change=f"{times:,.0f} times as much")
    change = 100 * (times - 1)
    return replace(figure, change=f"{change:+,.0f} %" if round(change) else 0)


def _said(name: str, value: float) -> str:
    if name == "cost_usd":
        return f"${value:,.2f}"
    if name == "p50_latency_ms":
        return f"{value / 1_000:,.2f} s" if value >= 1_000 else f"{value:,.0f} ms"
    return f"{value / 1e6:,.1f} M" if value >= 1e6 else f"{value:,.0f}"
