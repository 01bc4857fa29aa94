"""Workflow runs of the sample, made month by month so that any number of them fits into memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backend.demo.columns import (
    Bools,
    Column,
    Ints,
    demo_table,
    hexes,
    numbers,
    rank_in_group,
    taken,
    times,
    words,
)
from backend.demo.months import Span, share_out
from backend.demo.outcomes import CONCLUSIONS, Attempts, attempts
from backend.demo.repositories import ACTORS, FIRST_ID, whose
from backend.demo.size import DemoSize
from backend.demo.triggers import BRANCHES, EVENTS, IS_BOT, Triggers, pushed, schedule_slots, scheduled
from backend.demo.workflows import KINDS, NAMES, Workflows
from shared.datasets import WORKFLOW_RUNS

IDS_PER_MONTH = 100_000_000

STATUSES = ("completed", "in_progress", "queued")
COMPLETED, IN_PROGRESS, QUEUED = range(len(STATUSES))


@dataclass(frozen=True)
class Runs:
    """The runs of a month, by creation: what set them off (one per attempt), attempts, ids and numbers."""

    triggers: Triggers
    attempts: Attempts
    run_id: Ints
    number: Ints
    now: int

    def __len__(self) -> int:
        return len(self.run_id)

    @property
    def ends(self) -> Ints:
        """When each attempt ends; after now where it has not."""
        return self.attempts.started + self.attempts.duration

    @property
    def status(self) -> Ints:
        """The status of each attempt as an index into STATUSES."""
        waiting = self.attempts.started + self.attempts.queued > self.now
        return np.select([waiting, self.ends > self.now], [QUEUED, IN_PROGRESS], COMPLETED)


def runs_by_month(size: DemoSize, span: Span, plan: Workflows) -> Iterator[tuple[Span, Runs]]:
    """The runs of the sample, `size.runs` attempts in all, oldest month first; each drawn by itself."""
    months = span.months()
    slots, pushes = _shares(size, plan, months)
    number = np.zeros(len(plan), dtype=np.int64)
    for month, slot_count, push_count in zip(months, slots.tolist(), pushes.tolist(), strict=True):
        rng = np.random.default_rng([size.seed, 3, month.month])
        triggers = scheduled(rng, plan, month, slot_count) + pushed(rng, plan, span, month, push_count)
        runs = _runs(rng, plan, month, span.until, triggers, slot_count + push_count, number)
        np.maximum.at(number, runs.triggers.workflow, runs.number)
        yield month, runs


def runs_table(size: DemoSize, plan: Workflows, runs: Runs) -> pa.Table:
    """Rows of the dataset `workflow_runs`."""
    triggers, attempt, status = runs.triggers, runs.attempts, runs.status
    done, begun = status == COMPLETED, status != QUEUED
    repo, kind = plan.repo[triggers.workflow], plan.kind[triggers.workflow]
    columns = {
        "run_id": pa.array(runs.run_id),
        "run_attempt": pa.array(attempt.attempt),
        "is_latest_attempt": pa.array(attempt.latest),
        **whose(repo, size.repos),
        "workflow_id": pa.array(plan.ids[triggers.workflow]),
        "workflow_name": words(NAMES, kind),
        "workflow_path": words([kind.path for kind in KINDS], kind),
        "run_number": pa.array(runs.number),
        "event": words(EVENTS, triggers.event),
        "branch": words(BRANCHES, triggers.branch),
        "head_sha": hexes(triggers.sha),
        "actor": words(ACTORS, triggers.actor),
        "actor_is_bot": pa.array(IS_BOT[triggers.actor]),
        "pull_request": numbers(triggers.pull_request, triggers.pull_request > 0),
        "status": words(STATUSES, status),
        **_ends(runs, done, begun),
    }
    return demo_table(WORKFLOW_RUNS, runs.now, columns)


def _ends(runs: Runs, done: Bools, begun: Bools) -> dict[str, Column]:
    """The columns of times and of the conclusion, null where a run is not so far."""
    attempt = runs.attempts
    last_news = np.where(done, runs.ends, attempt.started + np.where(begun, attempt.queued, 0))
    return {
        "conclusion": words((*CONCLUSIONS, None), np.where(done, attempt.conclusion, len(CONCLUSIONS))),
        "created_at": times(runs.triggers.created),
        "run_started_at": times(attempt.started),
        "completed_at": times(runs.ends, done),
        "updated_at": times(last_news),
        "queued_s": numbers(attempt.queued, begun),
        "duration_s": numbers(attempt.duration, done),
    }


def _shares(size: DemoSize, plan: Workflows, months: list[Span]) -> tuple[Ints, Ints]:
    """How many runs of each month are scheduled and how many pushed; together as many as asked for.

    Where the schedules alone would be too many, the newest remain.
    """
    slots = np.array([len(schedule_slots(plan, month)[0]) for month in months], dtype=np.int64)
    newer = np.cumsum(slots[::-1])[::-1] - slots
    slots = np.clip(size.runs - newer, 0, slots)
    activity = np.array([month.activity for month in months])
    return slots, share_out(size.runs - int(slots.sum()), activity)


def _runs(
    rng: np.random.Generator,
    plan: Workflows,
    month: Span,
    now: int,
    triggers: Triggers,
    count: int,
    number: Ints,
) -> Runs:
    made = attempts(rng, plan, triggers, now, count)
    order = np.argsort(triggers.created[made.run], kind="stable")
    made = taken(made, order)
    per_attempt = taken(triggers, made.run)
    run = np.cumsum(made.attempt == 1) - 1
    workflow = per_attempt.workflow[made.attempt == 1]
    numbers = number[workflow] + rank_in_group(workflow) + 1
    run_id = FIRST_ID + month.month * IDS_PER_MONTH + run
    return Runs(per_attempt, made, run_id, numbers[run], now)
