"""Workflow jobs of the sample: only those of the newest runs, as real jobs are collected on a budget too."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from backend.demo.columns import (
    Bools,
    Column,
    Ints,
    demo_table,
    numbers,
    position_in_group,
    taken,
    times,
    words,
)
from backend.demo.months import Span
from backend.demo.outcomes import (
    ACTION_REQUIRED,
    CANCELLED,
    CONCLUSIONS,
    SKIPPED,
    STARTUP_FAILURE,
    SUCCESS,
    Attempts,
)
from backend.demo.repositories import FIRST_ID, whose
from backend.demo.runs import COMPLETED, IDS_PER_MONTH, QUEUED, STATUSES, Runs
from backend.demo.size import DemoSize
from backend.demo.workflows import NAMES, Workflows
from shared.datasets import WORKFLOW_JOBS
from shared.datasets.dataset import STRINGS

JOBS_OF_RUNS = 10_000
"""So many of the newest attempts have jobs: with the default size those of about 90 days."""

_FIRST_JOB_ID = FIRST_ID + 3_000_000_000_000


class Runner(NamedTuple):
    """Where a job runs."""

    labels: list[str]
    os: str
    group: str


_LINUX = Runner(["ubuntu-latest"], "Linux", "GitHub Actions")
_WINDOWS = Runner(["windows-latest"], "Windows", "GitHub Actions")
_MAC = Runner(["macos-latest"], "macOS", "GitHub Actions")
_OWN = Runner(["self-hosted", "linux", "x64"], "Linux", "demo-runners")

_JOBS: dict[str, tuple[tuple[str, Runner], ...]] = {
    "CI": (("lint", _LINUX), ("test (windows)", _WINDOWS), ("test (macos)", _MAC), ("test (linux)", _LINUX)),
    "CodeQL": (("analyze (actions)", _LINUX), ("analyze", _LINUX)),
    "Release": (("build", _LINUX), ("publish", _LINUX)),
    "Deploy": (("build", _LINUX), ("deploy", _OWN)),
    "Nightly": (("integration", _OWN), ("end-to-end", _LINUX)),
}
"""The jobs of a workflow; the last one takes the whole run and decides how it ends."""

_ALL = [job for name in NAMES for job in _JOBS[name]]
_HOSTED = np.array([runner is not _OWN for _, runner in _ALL])
_PER_KIND = np.array([len(_JOBS[name]) for name in NAMES])
_STARTS = np.cumsum(_PER_KIND) - _PER_KIND


def newest(runs: Runs, count: int) -> Runs:
    """The last `count` attempts of a month's runs."""
    kept = np.arange(max(0, len(runs) - count), len(runs))
    return Runs(taken(runs.triggers, kept), taken(runs.attempts, kept), runs.run_id[kept], runs.number[kept], runs.now)


def jobs_table(size: DemoSize, plan: Workflows, month: Span, runs: Runs) -> pa.Table:
    """Rows of the dataset `workflow_jobs` for runs of one month; runs that never started have none."""
    rng = np.random.default_rng([size.seed, 4, month.month])
    started = ~np.isin(runs.attempts.conclusion, [STARTUP_FAILURE, ACTION_REQUIRED])
    jobs = np.where(started, _PER_KIND[plan.kind[runs.triggers.workflow]], 0)
    of = np.repeat(np.arange(len(runs)), jobs)
    slot = position_in_group(jobs)
    decides = slot == np.repeat(jobs - 1, jobs)
    triggers, attempt = taken(runs.triggers, of), taken(runs.attempts, of)
    repo, kind = plan.repo[triggers.workflow], plan.kind[triggers.workflow]
    template = _STARTS[kind] + slot
    columns = {
        "job_id": pa.array(_FIRST_JOB_ID + month.month * IDS_PER_MONTH + np.arange(len(of))),
        "run_id": pa.array(runs.run_id[of]),
        "run_attempt": pa.array(attempt.attempt),
        **whose(repo, size.repos),
        "workflow_name": words(NAMES, kind),
        "name": words([name for name, _ in _ALL], template),
        **_runners(template),
        **_progress(rng, attempt, template, decides, runs.now),
    }
    return demo_table(WORKFLOW_JOBS, runs.now, columns)


def _runners(template: Ints) -> dict[str, Column]:
    return {
        "labels": words([runner.labels for _, runner in _ALL], template, STRINGS),
        "runner_group": words([runner.group for _, runner in _ALL], template),
        "runner_os": words([runner.os for _, runner in _ALL], template),
    }


def _progress(
    rng: np.random.Generator, attempt: Attempts, template: Ints, decides: Bools, now: int
) -> dict[str, Column]:
    """Status, conclusion and times; what lies after now has not happened yet."""
    worked = attempt.duration - attempt.queued
    worked = np.where(decides, worked, np.maximum(1, worked * rng.uniform(0.2, 0.9, len(worked)))).astype(np.int64)
    begins = attempt.started + attempt.queued
    ends = begins + worked
    status = np.select([begins > now, ends > now], [QUEUED, STATUSES.index("in_progress")], COMPLETED)
    begun, done = status != QUEUED, status == COMPLETED
    shared_fate = decides | np.isin(attempt.conclusion, [CANCELLED, SKIPPED])
    conclusion = np.where(shared_fate, attempt.conclusion, SUCCESS)
    # As GitHub bills nothing for one's own runners, their jobs say nothing of it; one that is skipped takes none.
    told = _HOSTED[template] | (conclusion == SKIPPED)
    return {
        "status": words(STATUSES, status),
        "conclusion": words((*CONCLUSIONS, None), np.where(done, conclusion, len(CONCLUSIONS))),
        "created_at": times(attempt.started),
        "started_at": times(begins, begun),
        "completed_at": times(ends, done),
        "queued_s": numbers(attempt.queued, begun),
        "duration_s": numbers(worked, done),
        "billable_minutes": numbers(np.where(conclusion == SKIPPED, 0, -(-worked // 60)), done & told),
    }
