"""Overviews: brings the metrics of that name up to date as tables, if alerts or what happened to them have changed."""

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from backend.rollups.made import Made, Part, made_of
from backend.rollups.worlds import Recipe, keyed, worlds_of
from shared.datasets import ALERT_EVENTS, ALERTS, Dataset
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.policy import Policy
from shared.scope import Known, Scope

EDITION = 1
"""Another one makes the tables anew; to be raised with every change of what the rows mean."""

_MADE_OF = (ALERTS, ALERT_EVENTS)
_DECIMALS = 6


def overview(lake: Lake, now: datetime, *, dataset: Dataset, policy: Policy) -> Changes:
    """Keeps the metric of the dataset's name over all time, if any alert has changed or a month has begun.

    Raises StoreError.
    """
    snapshot, made = lake.snapshot(), Made(lake, dataset.name)
    part = Part("", made_of(snapshot.of(_MADE_OF), EDITION, str(dataset.schema), policy.model_dump_json()))
    kept = snapshot.months(dataset).get("")
    if made.is_current(part, kept.etag if kept else None, now):
        return Changes()
    worlds = worlds_of(lake, snapshot, _MADE_OF)
    settled = all(tables.settled(now) for tables in worlds)

    def formula(tables: Mapping[str, ir.Table]) -> ir.Table:
        figures = metric(dataset.name).compute(tables, Scope(until=now, known=Known(settled=settled)), None, policy)
        # Sums of fractions differ in their last digits from run to run, which must not look like a change.
        rounded = {name: figures[name].round(_DECIMALS) for name in figures.columns if name.endswith("_s")}
        return keyed(figures.mutate(**rounded, collected_at=ibis.literal(now)), "org")

    changes, etag = lake.replace(dataset, None, Recipe(dataset, formula).query(worlds))
    # Alerts with times to come do not count yet, and do so without being changed.
    made.keep(part, etag, _next_month(now) if settled else now)
    return changes


def _next_month(now: datetime) -> datetime:
    now = now.astimezone(UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
