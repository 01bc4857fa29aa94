"""Reopenings: how often an alert was opened again, told by its events, in whatever order they came."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from shared.datasets import ALERT_EVENTS, ALERTS
from shared.datasets.alerts import CLOSED_STATES
from shared.lake.tables import Lake

REOPENED = ("reopened", "reopened_by_user")

ATTEMPTS = 5
"""Somebody may store a newer row of an alert between our reading and writing; it brings the stored count along."""

AlertKey = tuple[str, str, int]


def count_reopenings(lake: Lake, keys: Collection[AlertKey]) -> None:
    """Sees to it that stored alerts are known to have been reopened as often as their events say, or more often."""
    for _ in range(ATTEMPTS):
        behind = _behind(lake, set(keys))
        if not behind.num_rows:
            return
        lake.upsert(ALERTS, behind)


def reopenings(events: list[tuple[datetime, str]]) -> int:
    """How often it was opened again; told twice without an end between is once."""
    happened = sorted(events)
    steps = [action in REOPENED for _, action in happened if action in (*CLOSED_STATES, *REOPENED)]
    return sum(1 for reopened, _ in groupby(steps) if reopened)


def _behind(lake: Lake, keys: set[AlertKey]) -> pa.Table:
    """Stored alerts with a lower count than their events tell, with that count."""
    if not keys:
        return ALERTS.empty()
    tables = lake.tables("real", only=[ALERTS, ALERT_EVENTS])
    keys &= _ever_reopened(tables["alert_events"])
    if not keys:
        return ALERTS.empty()
    repos, numbers = sorted({repo for repo, _, _ in keys}), sorted({number for _, _, number in keys})
    narrow = {
        name: tables[name].filter(tables[name].repo.isin(repos), tables[name].number.isin(numbers))
        for name in ("alerts", "alert_events")
    }
    happened = narrow["alert_events"].select("repo", "kind", "number", "at", "action").to_pyarrow().to_pylist()
    events: dict[AlertKey, list[tuple[datetime, str]]] = {}
    for row in happened:
        events.setdefault((row["repo"], row["kind"], row["number"]), []).append((row["at"], row["action"]))
    stored = narrow["alerts"].to_pyarrow().select(ALERTS.schema.names).cast(ALERTS.schema)
    counts = [
        _count(row, keys, events) for row in stored.select(["repo", "kind", "number", "reopened_count"]).to_pylist()
    ]
    counted = stored.set_column(
        stored.column_names.index("reopened_count"), ALERTS.schema.field("reopened_count"), pa.array(counts, pa.int32())
    )
    behind: pa.Table = counted.filter(
        pc.less(pc.fill_null(stored["reopened_count"], 0), pc.fill_null(counted["reopened_count"], 0))
    )
    return behind


def _ever_reopened(events: ir.Table) -> set[AlertKey]:
    """Few alerts are: without asking for the others by name, which takes long for many."""
    found = events.filter(events.action.isin(REOPENED)).select("repo", "kind", "number").distinct()
    return {(row["repo"], row["kind"], row["number"]) for row in found.to_pyarrow().to_pylist()}


def _count(row: dict[str, Any], keys: set[AlertKey], events: dict[AlertKey, list[tuple[datetime, str]]]) -> int | None:
    known: int | None = row["reopened_count"]
    key = (row["repo"], row["kind"], row["number"])
    told = reopenings(events.get(key, [])) if key in keys else 0
    return max(told, known or 0) or known
