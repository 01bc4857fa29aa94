"""Options: what the filters offer, from the data itself."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.metrics.remediation.digests import ALERT_KINDS
from shared.metrics.workflows.digests import RUN_BRANCHES, RUN_WORKFLOWS
from shared.scope import Scope

MOST_BRANCHES = 200

_EVER = Scope(until=datetime(9999, 12, 31, tzinfo=UTC))


@dataclass(frozen=True)
class Options:
    """What the filters offer, from the data. newest: when the last run began or the last alert changed."""

    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    newest: datetime | None = None


def options(tables: Tables) -> Options:
    """All there is; of branches those with most runs."""
    offered: dict[str, list[str]] = {field.name: [] for field in fields(Options) if field.name != "newest"}
    for row in ask(tables, "options", lambda given, _: _offered(given), _EVER).to_pylist():
        offered[row["filter"]].append(row["value"])
    newest: datetime | None = ask(tables, "newest", lambda given, _: _newest(given), _EVER)["at"][0].as_py()
    return Options(newest=newest, **{name: tuple(sorted(values)) for name, values in offered.items()})


def _offered(tables: Mapping[str, ir.Table]) -> ir.Table:
    """Every value that a filter offers: columns filter, value."""
    runs, branches = RUN_WORKFLOWS.whole(tables), RUN_BRANCHES.whole(tables)
    alerts, seen = ALERT_KINDS.whole(tables), [tables[name] for name in ("repositories", "collections")]
    everywhere = (*seen, alerts, branches)
    busiest = branches.group_by("branch").aggregate(runs=branches.runs.sum())
    busiest = busiest.filter(busiest.branch.notnull()).order_by(busiest.runs.desc(), "branch").limit(MOST_BRANCHES)
    parts = [
        *(_values("orgs", rows.org) for rows in everywhere),
        *(_values("repos", rows.repo) for rows in everywhere),
        *(_values("workflows", column) for column in (runs.workflow_name, tables["workflows"]["name"])),
        _values("branches", busiest.branch),
        _values("events", branches.event),
        _values("severities", alerts.severity),
        _values("kinds", alerts.kind),
    ]
    found = ibis.union(*parts, distinct=True)
    return found.filter(found.value.notnull(), found.value != "")


def _values(name: str, column: ir.Column) -> ir.Table:
    return column.name("value").as_table().distinct().mutate(filter=ibis.literal(name)).select("filter", "value")


def _newest(tables: Mapping[str, ir.Table]) -> ir.Table:
    alerts, runs = ALERT_KINDS.whole(tables), RUN_BRANCHES.whole(tables)
    found = ibis.union(*map(_latest, (runs.last_run_at, alerts.last_created_at, alerts.last_updated_at)))
    return found.aggregate(at=found["at"].max())


def _latest(column: ir.TimestampColumn) -> ir.Table:
    return column.max().name("at").as_table()
