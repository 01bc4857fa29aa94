"""How runs end: conclusions, re-runs, queue times and durations."""

from dataclasses import dataclass

import numpy as np

from backend.demo.columns import Bools, Floats, Ints, position_in_group
from backend.demo.months import HOUR_S
from backend.demo.stories import DAY_S
from backend.demo.triggers import SCHEDULE, Triggers
from backend.demo.workflows import KINDS, Workflows

CONCLUSIONS = (
    "success",
    "failure",
    "cancelled",
    "skipped",
    "timed_out",
    "startup_failure",
    "action_required",
)
SUCCESS, FAILURE, CANCELLED, SKIPPED, TIMED_OUT, STARTUP_FAILURE, ACTION_REQUIRED = range(len(CONCLUSIONS))

# How often the rarer conclusions come: the order of the codes from CANCELLED on, as upper edges.
_RARER = np.cumsum([0.030, 0.012, 0.004, 0.002, 0.003])

_RERUN, _SECOND_RERUN, _RERUN_SUCCEEDS = 0.30, 0.25, 0.55
_QUEUE_MEDIAN_S, _QUEUE_SPREAD = 9, 1.0
_RUSH_HOURS, _RUSH_FACTOR = (9, 17), 2.5
_LONGEST_QUEUE_S, _LONGEST_RUN_S, _LONGEST_DELAY_S = 1_800, 7_200, 5_400


@dataclass(frozen=True)
class Attempts:
    """Attempts of runs, one per position of each array, those of a run together and in order.

    run: position of its trigger.  attempt: from 1.  latest: whether it is the run's last.
    started: seconds since the epoch.  queued, duration: seconds; the duration includes the queue.
    """

    run: Ints
    attempt: Ints
    latest: Bools
    conclusion: Ints
    started: Ints
    queued: Ints
    duration: Ints


def attempts(rng: np.random.Generator, plan: Workflows, triggers: Triggers, now: int, count: int) -> Attempts:
    """The first `count` attempts of the triggers; there are at least as many as triggers."""
    first = _first_conclusions(rng, plan, triggers)
    flaky = rng.random(len(triggers)) < plan.flaky[triggers.workflow]
    first[flaky & (first <= FAILURE)] = FAILURE
    reruns, last = _reruns(rng, plan, triggers, first, flaky, now)
    run = np.repeat(np.arange(len(triggers)), reruns + 1)[:count]
    attempt = position_in_group(reruns + 1)[:count]
    latest = np.append(run[1:] != run[:-1], True)
    conclusion = np.where(attempt == 0, first[run], np.where(attempt == reruns[run], last[run], FAILURE))
    queued, duration = _lengths(rng, plan, triggers, run, conclusion)
    started = triggers.created[run] + _begins(rng, attempt, duration)
    return Attempts(run, attempt + 1, latest, conclusion, started, queued, duration)


def _first_conclusions(rng: np.random.Generator, plan: Workflows, triggers: Triggers) -> Ints:
    failures = np.array([kind.failures for kind in KINDS])[plan.kind[triggers.workflow]]
    failures *= np.where(triggers.event == SCHEDULE, 0.3, np.where(triggers.on_default, 0.5, 1.3))
    dice = rng.random(len(triggers)) - failures
    rarer = CANCELLED + np.searchsorted(_RARER, dice, side="right")
    conclusion: Ints = np.select([dice < 0, rarer < len(CONCLUSIONS)], [FAILURE, rarer], SUCCESS).astype(np.int64)
    conclusion[(triggers.event == SCHEDULE) & (conclusion != FAILURE)] = SUCCESS
    conclusion[_broken(plan, triggers)] = FAILURE
    return conclusion


def _broken(plan: Workflows, triggers: Triggers) -> Bools:
    since, until = plan.broken_since[triggers.workflow], plan.broken_until[triggers.workflow]
    return triggers.on_default & (triggers.created >= since) & (triggers.created < until)


def _reruns(
    rng: np.random.Generator, plan: Workflows, triggers: Triggers, first: Ints, flaky: Bools, now: int
) -> tuple[Ints, Ints]:
    """How often each run is run again, and how the last time ends. Only failures of people's pushes are.

    What is not a day old has no re-runs yet, since they would end after now.
    """
    dice = rng.random(len(triggers))
    reruns = (dice < _RERUN).astype(np.int64) + (dice < _RERUN * _SECOND_RERUN)
    reruns[flaky] = 1
    possible = (first == FAILURE) & (triggers.event != SCHEDULE) & (triggers.created < now - DAY_S)
    reruns[~possible | _broken(plan, triggers)] = 0
    succeeds = flaky | (rng.random(len(triggers)) < _RERUN_SUCCEEDS)
    return reruns, np.where(succeeds, SUCCESS, FAILURE)


def _lengths(
    rng: np.random.Generator, plan: Workflows, triggers: Triggers, run: Ints, conclusion: Ints
) -> tuple[Ints, Ints]:
    """Seconds in the queue, and seconds from start to end."""
    workflow = triggers.workflow[run]
    kind = plan.kind[workflow]
    median = np.array([kind.median_s for kind in KINDS])[kind] * plan.pace[workflow]
    spread = np.array([kind.spread for kind in KINDS])[kind]
    worked = median * np.exp(spread * rng.standard_normal(len(run))) * _part_done(rng, conclusion)
    hour = triggers.created[run] // HOUR_S % 24
    rush = np.where((hour >= _RUSH_HOURS[0]) & (hour < _RUSH_HOURS[1]), _RUSH_FACTOR, 1.0)
    queued = _QUEUE_MEDIAN_S * rush * np.exp(_QUEUE_SPREAD * rng.standard_normal(len(run)))
    waited: Ints = queued.clip(1, _LONGEST_QUEUE_S).astype(np.int64)
    longest = _LONGEST_RUN_S - _LONGEST_QUEUE_S
    spent: Ints = np.where(conclusion == TIMED_OUT, longest, worked.clip(1, longest)).astype(np.int64)
    return waited, waited + spent


def _part_done(rng: np.random.Generator, conclusion: Ints) -> Floats:
    """How much of a whole run was done when it ended so."""
    part = np.ones(len(conclusion))
    early = (conclusion == FAILURE) | (conclusion == CANCELLED)
    part[early] = rng.uniform(0.2, 1.0, int(early.sum()))
    part[(conclusion == SKIPPED) | (conclusion == STARTUP_FAILURE) | (conclusion == ACTION_REQUIRED)] = 0.003
    return part


def _begins(rng: np.random.Generator, attempt: Ints, duration: Ints) -> Ints:
    """Seconds from the run's creation to each attempt's start; a re-run starts some time after the last."""
    taken = duration + rng.integers(120, _LONGEST_DELAY_S, len(attempt))
    before = np.cumsum(taken) - taken
    firsts = np.nonzero(attempt == 0)[0]
    begins: Ints = before - np.repeat(before[firsts], np.diff(np.append(firsts, len(attempt))))
    return begins
