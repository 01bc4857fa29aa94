"""Health history: keeps each day's scores, and works out the days that were missed from the times of what happened."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from backend.rollups.made import Made, Part, made_of
from backend.rollups.worlds import source_of
from shared.datasets import COLLECTIONS, DATASETS, HEALTH_HISTORY, TS
from shared.datasets.health_history import CUSTOMER, REPOSITORY
from shared.lake.merge import Changes
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.snapshot import Snapshot
from shared.lake.spark import SparkTables
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.metrics.customers.health import customer_scores
from shared.metrics.health.repository import repository_scores
from shared.policy import Policy
from shared.scope import Scope

DAILY, WEEKLY = timedelta(days=8), timedelta(days=90)
"""How far back a missing day is worked out: every day, and every Monday."""

REFRESH = timedelta(hours=1)
"""How old today's scores become where no row has changed since: they move with the time too."""

MOST_NAMED = 100
"""Newcomers of whom alone a question is asked; of more it is asked of everyone, and theirs is taken."""

_DAY = timedelta(days=1)
_DECIMALS = 6
_KEPT = tuple(name for name, _ in HEALTH_HISTORY.columns if name not in ("day", "complete"))


@dataclass(frozen=True)
class Model:
    """What is scored.

    subjects: what theirs begin with.  metric: whose inputs count.  filter: of Scope, by name.
    lists: the dataset that lists all there are; None where what is seen is there as well.
    """

    subjects: str
    metric: str
    filter: str
    scores: Callable[..., ir.Table]
    lists: str | None = None


MODELS = (
    Model(REPOSITORY, "repository_health", "repos", repository_scores),
    Model(CUSTOMER, "customer_health", "customers", customer_scores, lists="customers"),
)


def health_history(lake: Lake, now: datetime, policy: Policy) -> Changes:
    """Keeps the scores of the repositories and customers that are shown, real ones or the sample's.

    That is today's, and those of missing days. A day is missing if it is over and no score of its end is kept; one who
    has no history at all is missing on every day. Running it again changes nothing. Raises StoreError.
    """
    snapshot, made, today = lake.snapshot(), Made(lake, HEALTH_HISTORY.name), _midnight(now)
    part = Part("", _made_of(snapshot, policy))
    if made.is_current(part, _edition(snapshot), now):
        return Changes()
    tables = lake.tables("auto", snapshot)
    present = [model for model in MODELS if model.lists is None or tables.count_of(model.lists)]
    rows = [part for model in present for part in _missing(model, tables, now, today, policy)]
    changes = lake.upsert(HEALTH_HISTORY, _stamped(pa.concat_tables(rows), now, source_of(tables.rows)))
    made.keep(part, _edition(lake.snapshot()), min(now + REFRESH, today + _DAY))
    return changes


def _missing(model: Model, tables: Tables, now: datetime, today: datetime, policy: Policy) -> Iterator[pa.Table]:
    """The rows that the history is to have and has not: today's, and those of days that are over."""
    current = _scores(model, tables, Scope(until=now), today, policy)
    yield current
    if current.num_rows:
        finished, known = _kept(model, tables)
        newcomers = tuple(str(subject) for subject in current["subject"].to_pylist() if subject not in known)
        yield from _past(model, tables, _days(today), finished, newcomers, policy)


def _past(
    model: Model,
    tables: Tables,
    days: Collection[datetime],
    finished: Collection[datetime],
    newcomers: tuple[str, ...],
    policy: Policy,
) -> Iterator[pa.Table]:
    """The scores of days that are over, of those who lack them.

    days: newest first. Before a day on which nobody was there nobody is looked for.
    """
    for day in days:
        missing = day not in finished
        if not missing and not newcomers:
            continue
        named = () if missing or len(newcomers) > MOST_NAMED else newcomers
        names = tuple(subject.removeprefix(model.subjects) for subject in named)
        found = _scores(model, tables, Scope(until=day + _DAY, **{model.filter: names}), day, policy)  # type: ignore[arg-type]
        if not missing:
            found = found.filter(pc.is_in(found["subject"], pa.array(newcomers, pa.string())))
        yield found
        if found.num_rows:
            continue
        if missing:
            return
        newcomers = ()


def _scores(model: Model, tables: Tables, scope: Scope, day: datetime, policy: Policy) -> pa.Table:
    """Scores at the end of a scope as rows of HEALTH_HISTORY, without provenance."""

    def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        scores = model.scores(given, asked, asked.until, policy=policy)
        # Sums of fractions differ in their last digits from run to run, which must not look like a change.
        lost = {name: _lost(scores, name) for name in _KEPT if name.startswith("lost_")}
        return scores.mutate(**lost, subject=model.subjects + scores.subject).select(*_KEPT)

    if isinstance(tables, SparkTables):
        found = tables.ask(build, scope)
    else:
        found = ask(tables, (HEALTH_HISTORY.name, model.subjects, policy.model_dump_json()), build, scope)
    found = found.append_column("complete", pa.repeat(scope.until >= day + _DAY, len(found)))
    return found.append_column("day", pa.repeat(pa.scalar(day, TS), len(found)))


def _lost(scores: ir.Table, name: str) -> ir.Value:
    """The points lost for a signal; null where the model has no such signal."""
    return scores[name].round(_DECIMALS) if name in scores.columns else ibis.null("float64")


def _kept(model: Model, tables: Tables) -> tuple[set[datetime], set[str]]:
    """The days whose scores are those of their end, and the subjects that have a history."""
    history = tables["health_history"]
    history = history.filter(history.subject.startswith(model.subjects))
    finished = tables.arrow(history.filter(history.complete).select("day").distinct())["day"].to_pylist()
    subjects = tables.arrow(history.select("subject").distinct())["subject"].to_pylist()
    return {day for day in finished if day}, {str(subject) for subject in subjects}


def _made_of(snapshot: Snapshot, policy: Policy) -> str:
    """What the scores are made of, but for the ledger: each collection changes it, so that it counts every hour."""
    read = {name for model in MODELS for name in metric(model.metric).inputs}
    inputs = [DATASETS[name] for name in sorted(read) if name != COLLECTIONS.name]
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
