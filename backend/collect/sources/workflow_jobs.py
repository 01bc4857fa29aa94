"""Workflow jobs: those of every attempt of a run, at the price of a request for each run.

So they are read only where asked for, newest runs first, and only for runs whose jobs are not stored yet.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

import ibis
import pyarrow as pa

from backend.collect.ledger import Covered
from backend.collect.problems import NotFound
from backend.collect.visit import Repo, Visit, items
from backend.mapping.values import moment
from backend.mapping.workflow_jobs import job_row
from shared.datasets import WORKFLOW_JOBS, WORKFLOW_RUNS
from shared.lake.tables import Lake

Due = list[tuple[int, int, datetime]]
"""Runs whose jobs are to be read: id, newest attempt, time of creation; newest first."""


def due_runs(lake: Lake, repos: Iterable[Repo], since: datetime) -> dict[str, Due]:
    """For each repository the finished runs created since then of whose newest attempt no job is stored."""
    names = [repo.name for repo in repos]
    tables = lake.tables("real", only=[WORKFLOW_RUNS, WORKFLOW_JOBS])
    runs, jobs = tables["workflow_runs"], tables["workflow_jobs"]
    wanted = runs.filter(
        runs.repo.isin(names),
        runs.created_at >= ibis.literal(since),
        runs.is_latest_attempt,
        runs.status == "completed",
    )
    stored = jobs.filter(jobs.repo.isin(names), jobs.created_at >= ibis.literal(since)).select("run_id", "run_attempt")
    missing = wanted.anti_join(stored, ["run_id", "run_attempt"]).order_by(wanted.created_at.desc())
    found: dict[str, Due] = defaultdict(list)
    for row in missing.select("repo", "run_id", "run_attempt", "created_at").to_pyarrow().to_pylist():
        found[row["repo"]].append((row["run_id"], row["run_attempt"], row["created_at"]))
    return found


def ended_runs(lake: Lake, repos: Iterable[Repo], since: datetime) -> pa.Table:
    """Rows of `workflow_runs` of which all jobs are stored and ended before the run says that it did.

    GitHub gives no end of a run but the time of its last change, which may come much later.
    """
    tables = lake.tables("real", only=[WORKFLOW_RUNS, WORKFLOW_JOBS])
    runs, jobs = tables["workflow_runs"], tables["workflow_jobs"]
    runs = runs.filter(
        runs.repo.isin([repo.name for repo in repos]),
        runs.created_at >= ibis.literal(since),
        runs.status == "completed",
    )
    ended = jobs.group_by("run_id", "run_attempt").aggregate(
        ends_at=jobs.completed_at.max(), still_open=(jobs.status != "completed").fill_null(True).sum()
    )
    known = runs.join(ended, ["run_id", "run_attempt"])
    earlier = known.filter(
        known.still_open == 0, known.ends_at >= known.run_started_at, known.ends_at < known.completed_at
    )
    seconds = (earlier.ends_at.epoch_seconds() - earlier.run_started_at.epoch_seconds()).cast("float64")
    told = earlier.mutate(completed_at=earlier.ends_at, duration_s=seconds)
    rows: pa.Table = told.select(WORKFLOW_RUNS.schema.names).to_pyarrow()
    return rows.cast(WORKFLOW_RUNS.schema)


def read(visit: Visit, due: Due, since: datetime) -> Covered:
    """Reads the jobs of those runs; a run that has none, or is gone, is not asked for again."""
    empty: dict[str, Any] = {
        run: at for run, at in visit.cursor.get("empty", {}).items() if (moment(at) or visit.now) >= since
    }
    asked = [run for run in due if f"{run[0]}/{run[1]}" not in empty]
    for run_id, attempt, created_at in asked:
        if not _read_run(visit, run_id):
            empty[f"{run_id}/{attempt}"] = created_at.isoformat()
            visit.save({"empty": empty})
        visit.covered = Covered(visit.now, created_at)
    return Covered(visit.now, since, unchanged=not asked)


def _read_run(visit: Visit, run_id: int) -> int:
    """Reads the jobs of every attempt of a run and returns how many there are."""
    jobs: list[Any] = []
    try:
        for answer in visit.github.pages(f"{visit.repo.path}/actions/runs/{run_id}/jobs", {"filter": "all"}):
            jobs += items(answer, "jobs")
    except NotFound:  # GitHub has deleted the run
        return 0
    # All at once: a run of which one job is stored is not asked for again.
    visit.keep(WORKFLOW_JOBS, partial(job_row, repo=visit.repo.name, stamp=visit.stamp), jobs)
    return len(jobs)
