"""Dashboard: the answer of `/dashboard/`, whose keys and units are a contract with those who read it.

Ranges and grain: 24h by hour; 7d, 1m (30 days) and 3m (90 days) by day; custom by hour up to two days, else by day.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from shared.countries import country_name
from shared.datasets import FEEDBACK, REQUESTS, THREATS, USAGE_SESSIONS
from shared.datasets.feedback import RATINGS
from shared.errors import FettleError
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics.buckets import Every
from shared.metrics.usage.feedback import feedback_ratings
from shared.metrics.usage.requests import FIRST_ERROR
from shared.metrics.usage.sessions import usage_sessions
from shared.metrics.usage.summary import request_summary
from shared.metrics.usage.threats import threat_summary
from shared.metrics.usage.trend import request_trend
from shared.policy import Policy
from shared.scope import Scope

RANGES = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "1m": timedelta(days=30), "3m": timedelta(days=90)}
CUSTOM = "custom"
HOURLY_UP_TO = timedelta(days=2)

TOP, TOP_THREATS = 10, 5
"""How many statuses, models and countries are told, and how many types of threats."""

Answer = dict[str, Any]


def dashboard(
    lake: Lake,
    range_: str,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    policy: Policy | None = None,
) -> Answer:
    """The answer for a range (a key of RANGES, or custom with start and end) up to now.

    Parts of the range without a request are left out of `requests`, `costs` (of those with a known cost) and `latency`.
    What is not known is 0 here, as the contract has it. Raises FettleError for a range that is none, StoreError.
    """
    now, decided = lake.clock(), policy or Policy()
    scope = _scope(range_, start, end, now)
    rows = _asking(lake.tables("auto", only=[REQUESTS, USAGE_SESSIONS, FEEDBACK, THREATS]), scope)
    requests = partial(rows, request_summary, policy=decided)
    trend = [one for one in rows(request_trend, policy=decided, every=_every(scope)) if one["n"]]
    (summary,), (sessions,), (ratings,) = requests(), rows(usage_sessions), rows(feedback_ratings)
    return {
        "range": range_,
        "generatedAt": now.isoformat(),
        "requests": [_at(one, success=one["successes"], error=one["errors"]) for one in trend],
        "errorsBreakdown": _errors(requests("status")),
        "topModels": [{"name": one["model"], "requests": one["n"]} for one in _top(requests("model"), "model")],
        "costs": [_at(one, cost=one["cost_usd"]) for one in trend if one["n_priced"]],
        "topCountries": _countries(requests("country")),
        "latency": [_at(one, latency=round(one["mean_latency_ms"] / 1000, 3)) for one in trend if one["n_latency"]],
        "summary": _summary(summary),
        "users": _users(summary, sessions),
        "feedback": _feedback(ratings),
        "threats": _threats(rows(threat_summary)[0], rows(threat_summary, "type")),
    }


def _asking(tables: Tables, scope: Scope) -> Callable[..., list[Answer]]:
    """What gives a formula's rows for these tables and this scope, by a column and with the formula's options."""

    def rows(formula: Callable[..., ir.Table], by: str | None = None, **options: Any) -> list[Answer]:  # noqa: ANN401
        own = ("dashboard", formula.__name__, by, *((name, str(value)) for name, value in options.items()))
        given = (by,) if by else ()
        found: pa.Table = ask(tables, own, lambda known, asked: formula(known, asked, *given, **options), scope)
        listed: list[Answer] = found.to_pylist()
        return listed

    return rows


def _every(scope: Scope) -> Every:
    return "hour" if scope.since and scope.until - scope.since <= HOURLY_UP_TO else "day"


def _errors(parts: list[Answer]) -> list[Answer]:
    return [{"label": str(one["status"]), "value": one["n"]} for one in _top(parts, "status", FIRST_ERROR)]


def _countries(parts: list[Answer]) -> list[Answer]:
    return [{"name": country_name(one["country"]), "requests": one["n"]} for one in _top(parts, "country")]


def _users(summary: Answer, sessions: Answer) -> Answer:
    return {
        "activeUsers": summary["users"],
        "totalSessions": sessions["n"],
        "avgSessionCost": sessions["mean_cost_usd"] or 0.0,
        "avgSessionRequests": round(sessions["mean_requests"] or 0.0, 2),
    }


def _feedback(ratings: Answer) -> Answer:
    return {
        "totalFeedback": ratings["n"],
        "avgRating": round(ratings["mean_rating"] or 0.0, 2),
        "ratingDistribution": {str(rating): ratings[f"rating_{rating}"] for rating in reversed(RATINGS)},
    }


def _scope(range_: str, start: datetime | None, end: datetime | None, now: datetime) -> Scope:
    if range_ in RANGES:
        return Scope(until=now, since=now - RANGES[range_])
    if range_ != CUSTOM:
        raise FettleError(f"range is {range_!r}; use one of {', '.join((*RANGES, CUSTOM))}.")
    if start is None or end is None:
        raise FettleError("range is 'custom' without start and end; give both in ISO 8601.")
    if start >= end:
        raise FettleError(f"start {start.isoformat()} is not before end {end.isoformat()}; give an earlier start.")
    return Scope(until=end, since=start)


def _at(one: Mapping[str, Any], **values: object) -> Answer:
    return {"timestamp": one["period_start"].isoformat(), **values}


def _top(parts: list[dict[str, Any]], name: str, least: object = None) -> list[dict[str, Any]]:
    """The largest parts with a name; of numbers those from the least on."""
    known = [one for one in parts if one[name] not in (None, "") and (least is None or one[name] >= least)]
    return known[:TOP]


def _summary(one: Mapping[str, Any]) -> Answer:
    return {
        "totalRequests": one["n"],
        "successfulRequests": one["successes"],
        "avgLatencyMs": round(one["mean_latency_ms"] or 0.0, 2),
        "totalCost": one["cost_usd"] or 0.0,
        "totalTokens": one["tokens"] or 0,
        "avgTokensPerRequest": round(one["tokens_per_request"] or 0.0, 2),
        "avgCostPerRequest": round(one["cost_per_request_usd"] or 0.0, 6),
    }


def _threats(one: Mapping[str, Any], types: list[dict[str, Any]]) -> Answer:
    return {
        "totalThreats": one["n"],
        "unresolvedThreats": one["unresolved"],
        "criticalThreats": one["critical"],
        "highThreats": one["high"],
        "topThreatTypes": [{"type": part["type"], "count": part["n"]} for part in types[:TOP_THREATS]],
    }
