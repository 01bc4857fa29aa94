"""Loading, clearing and regenerating the sample data in a lake."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import pyarrow as pa

from backend.demo.alerts import alerts
from backend.demo.customers import activity_events, customers
from backend.demo.jobs import JOBS_OF_RUNS, jobs_table, newest
from backend.demo.ledger import collections
from backend.demo.months import Span, span_of
from backend.demo.pull_requests import pull_requests
from backend.demo.repositories import repositories
from backend.demo.runs import runs_by_month, runs_table
from backend.demo.size import DemoSize
from backend.demo.workflows import plan_workflows, workflows
from shared.datasets import (
    ACTIVITY_EVENTS,
    ALERTS,
    COLLECTIONS,
    CUSTOMERS,
    DATASETS,
    DEMO_SOURCE,
    PULL_REQUESTS,
    REPOSITORIES,
    WORKFLOW_JOBS,
    WORKFLOW_RUNS,
    WORKFLOWS,
    Dataset,
)
from shared.lake.documents import Document
from shared.lake.tables import Lake

DOCUMENT = "demo"
"""The state document that says which sample is in the lake: its size and the minute it ends at."""

Progress = Callable[[int, int], None]
"""Called with the steps done and the steps in all."""


@dataclass(frozen=True)
class DemoLoaded:
    """What the lake holds of the sample. rows: by dataset."""

    rows: Mapping[str, int]


def load_demo(lake: Lake, size: DemoSize, progress: Progress | None = None) -> DemoLoaded:
    """Puts the sample into the lake, apart from real rows, which stay as they are.

    The same size at the same minute changes nothing. Another one replaces the sample that is there. What was
    killed half-way is completed by the same call. Raises StoreError.
    """
    as_of = _minute(lake.clock())
    wanted: Document = {**asdict(size), "as_of": as_of.isoformat()}
    if lake.document(DOCUMENT) not in ({}, wanted):
        clear_demo(lake)
    # First of all, so that a load that was killed is known to be there and is cleared before another sample.
    lake.update_document(DOCUMENT, lambda _: wanted)
    rows: Counter[str] = Counter()
    steps = len(_span(size, as_of).months()) + _OTHER_STEPS
    for done, (dataset, table) in enumerate(demo_tables(size, as_of), start=1):
        lake.upsert(dataset, table)
        rows[dataset.name] += table.num_rows
        if progress:
            progress(done, steps)
    return DemoLoaded(dict(rows))


def clear_demo(lake: Lake) -> dict[str, int]:
    """Removes every row of the sample and nothing else; returns how many by dataset. Raises StoreError."""
    removed = {dataset.name: lake.remove(dataset, DEMO_SOURCE) for dataset in DATASETS.values()}
    lake.delete_document(DOCUMENT)
    return removed


def regenerate_demo(lake: Lake, size: DemoSize, progress: Progress | None = None) -> DemoLoaded:
    """Clears the sample and loads it anew, up to now. Raises StoreError."""
    clear_demo(lake)
    return load_demo(lake, size, progress)


def demo_tables(size: DemoSize, as_of: datetime) -> Iterator[tuple[Dataset, pa.Table]]:
    """The tables of the sample in the order of loading, each made when asked for; runs by month."""
    span = _span(size, as_of)
    plan = plan_workflows(size, span)
    yield REPOSITORIES, repositories(size, span)
    yield WORKFLOWS, workflows(size, span, plan)
    before = size.runs
    jobs = [WORKFLOW_JOBS.empty()]
    for month, runs in runs_by_month(size, span, plan):
        yield WORKFLOW_RUNS, runs_table(size, plan, runs)
        before -= len(runs)
        if before < JOBS_OF_RUNS:
            jobs.append(jobs_table(size, plan, month, newest(runs, JOBS_OF_RUNS - before)))
    yield WORKFLOW_JOBS, pa.concat_tables(jobs)
    yield ALERTS, alerts(size, span)
    yield PULL_REQUESTS, pull_requests(size, span)
    yield CUSTOMERS, customers(size, span)
    yield ACTIVITY_EVENTS, activity_events(size, span)
    yield COLLECTIONS, collections(size, span)


_OTHER_STEPS = 8  # the datasets besides runs, which take one step each


def _span(size: DemoSize, as_of: datetime) -> Span:
    return span_of(size.days, int(as_of.timestamp()))


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
