"""Health history: keeps each day's scores, and works out the days that were missed from the times of what happened."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

import ibis.expr.types as ir
import pyarrow as pa

from backend.rollups.made import Made, Part, made_of
from backend.rollups.worlds import source_of
from shared.datasets import COLLECTIONS, DATASETS, HEALTH_HISTORY, TS
from shared.datasets.health_history import REPOSITORY
from shared.lake.merge import Changes
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.snapshot import Snapshot
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.metrics.health.repository import repository_scores
from shared.policy import Policy
from shared.scope import Scope

DAILY, WEEKLY = timedelta(days=8), timedelta(days=90)
"""How far back a missing day is worked out: every day, and every Monday."""

REFRESH = timedelta(hours=1)
"""How old today's scores become where no row has changed since: they move with the time too."""

_DAY = timedelta(days=1)
_DECIMALS = 6
_KEPT = tuple(name for name, _ in HEALTH_HISTORY.columns if name not in ("day", "complete"))


def health_history(lake: Lake, now: datetime, policy: Policy) -> Changes:
    """Keeps the scores of the repositories that are shown, real ones or the sample's: today's, and of missing days.

    A day is missing if it is over and no score of its end is kept; a repository that has no history at all is missing
    on every day. Running it again changes nothing. Raises StoreError.
    """
    snapshot, made, today = lake.snapshot(), Made(lake, HEALTH_HISTORY.name), _midnight(now)
    part = Part("", _made_of(snapshot, policy))
    if made.is_current(part, _edition(snapshot), now):
        return Changes()
    rows = _missing(lake.tables("auto", snapshot), now, today, policy)
    changes = lake.upsert(HEALTH_HISTORY, rows)
    made.keep(part, _edition(lake.snapshot()), min(now + REFRESH, today + _DAY))
    return changes


def _missing(tables: Tables, now: datetime, today: datetime, policy: Policy) -> pa.Table:
    """The rows that the history is to have and has not: today's, and those of days that are over."""
    current = _scores(tables, Scope(until=now), today, policy)
    if not current.num_rows:
        return HEALTH_HISTORY.empty()
    finished, known = _kept(tables)
    newcomers = tuple(str(subject) for subject in current["subject"].to_pylist() if subject not in known)
    past = _past(tables, _days(today), finished, newcomers, policy)
    return _stamped(pa.concat_tables([current, *past]), now, source_of(tables.rows))


def _past(
    tables: Tables,
    days: Collection[datetime],
    finished: Collection[datetime],
    newcomers: tuple[str, ...],
    policy: Policy,
) -> Iterator[pa.Table]:
    """The scores of days that are over, of those who lack them.

    days: newest first. Before a day on which nobody was there nobody is looked for.
    """
    repos = tuple(subject.removeprefix(REPOSITORY) for subject in newcomers)
    for day in days:
        missing = day not in finished
        if not missing and not repos:
            continue
        found = _scores(tables, Scope(until=day + _DAY, repos=() if missing else repos), day, policy)
        yield found
        if found.num_rows:
            continue
        if missing:
            return
        repos = ()


def _scores(tables: Tables, scope: Scope, day: datetime, policy: Policy) -> pa.Table:
    """Scores at the end of a scope as rows of HEALTH_HISTORY, without provenance."""

    def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        scores = repository_scores(given, asked, asked.until, policy=policy)
        # Sums of fractions differ in their last digits from run to run, which must not look like a change.
        lost = {name: scores[name].round(_DECIMALS) for name in _KEPT if name.startswith("lost_")}
        return scores.mutate(**lost, subject=REPOSITORY + scores.subject).select(*_KEPT)

    found = ask(tables, (HEALTH_HISTORY.name, policy.model_dump_json()), build, scope)
    found = found.append_column("complete", pa.repeat(scope.until >= day + _DAY, len(found)))
    return found.append_column("day", pa.repeat(pa.scalar(day, TS), len(found)))


def _kept(tables: Tables) -> tuple[set[datetime], set[str]]:
    """The days whose scores are those of their end, and the subjects that have a history."""
    history = tables["health_history"]
    finished = history.filter(history.complete).select("day").distinct().to_pyarrow()["day"].to_pylist()
    return set(finished), set(history.select("subject").distinct().to_pyarrow()["subject"].to_pylist())


def _made_of(snapshot: Snapshot, policy: Policy) -> str:
    """What the scores are made of, but for the ledger: each collection changes it, so that it counts every hour."""
    inputs = [DATASETS[name] for name in metric("repository_health").inputs if name != COLLECTIONS.name]
    return made_of(snapshot.of(inputs), policy.model_dump_json())


def _edition(snapshot: Snapshot) -> str:
    return made_of(snapshot.partitions(HEALTH_HISTORY))


def _days(today: datetime) -> list[datetime]:
    """The days before today that a history is to have, newest first."""
    back = (today - number * _DAY for number in range(1, WEEKLY // _DAY + 1))
    return [day for day in back if day >= today - DAILY or day.weekday() == 0]


def _stamped(rows: pa.Table, now: datetime, source: str) -> pa.Table:
    stamped = rows.append_column("collected_at", pa.repeat(pa.scalar(now, TS), len(rows)))
    stamped = stamped.append_column("source", pa.repeat(source, len(rows)))
    return stamped.select(HEALTH_HISTORY.schema.names).cast(HEALTH_HISTORY.schema)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
