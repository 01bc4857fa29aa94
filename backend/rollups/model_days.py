"""Model days: brings `model_usage_daily` up to date, month by month, where the requests of a month have changed."""

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis.expr.types as ir

from backend.rollups.made import Made, Part, made_of
from backend.rollups.worlds import Recipe, keyed, worlds_of
from shared.datasets import MODEL_USAGE_DAILY, REQUESTS
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.metrics.buckets import bucket_start
from shared.metrics.usage.requests import FIRST_ERROR, requests_of
from shared.policy import Policy
from shared.scope import Scope

EDITION = 1
"""Another one makes all months anew; to be raised with every change of what the rows mean."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def model_days(lake: Lake, now: datetime, *, policy: Policy) -> Changes:
    """Makes the months anew whose requests, or the prices of whose models, have changed. Raises StoreError."""
    snapshot, made = lake.snapshot(), Made(lake, MODEL_USAGE_DAILY.name)
    requests, days = snapshot.months(REQUESTS), snapshot.months(MODEL_USAGE_DAILY)
    recipe = Recipe(MODEL_USAGE_DAILY, lambda tables: daily(tables, policy))
    changes, others = Changes(), (EDITION, str(MODEL_USAGE_DAILY.schema), policy.usage.model_dump_json())
    for month in sorted(requests.keys() | days.keys()):
        part = Part(month, made_of([requests[month]] if month in requests else [], *others))
        if made.is_current(part, days[month].etag if month in days else None, now):
            continue
        done, etag = lake.replace(MODEL_USAGE_DAILY, month, recipe.query(worlds_of(lake, snapshot, [REQUESTS], month)))
        made.keep(part, etag)
        changes += done
    made.forget(made.parts - requests.keys())
    return changes


def daily(tables: Mapping[str, ir.Table], policy: Policy) -> ir.Table:
    """The rows of `model_usage_daily` but for their source. `collected_at` is when the last of a row's was read."""
    rows = requests_of(tables, Scope(until=_EVER), policy)
    rows = keyed(rows.mutate(day=bucket_start(rows["at"], "day")), "model")
    return rows.group_by(*MODEL_USAGE_DAILY.key).aggregate(
        requests=rows.count(),
        successes=rows.count(where=rows.status < FIRST_ERROR),
        failures=rows.count(where=rows.status >= FIRST_ERROR),
        prompt_tokens=rows.prompt_tokens.sum(),
        completion_tokens=rows.completion_tokens.sum(),
        total_tokens=rows.tokens.sum(),
        # Rounded, so that the order in which they are added up makes no difference.
        cost_usd=rows.cost.sum().round(9),
        cost_count=rows.cost.count(),
        latency_count=rows.latency_ms.count(),
        latency_sum_ms=rows.latency_ms.sum().round(6),
        latency_mean_ms=rows.latency_ms.mean().round(6),
        latency_min_ms=rows.latency_ms.min(),
        latency_max_ms=rows.latency_ms.max(),
        collected_at=rows.collected_at.max(),
    )
