"""The workflows of the sample: what each is like, and what the stories change about it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from backend.demo.columns import Bools, Floats, Ints, demo_table, times, words
from backend.demo.months import HOUR_S, Span
from backend.demo.repositories import FIRST_ID, repository_names, whose
from backend.demo.size import DemoSize
from backend.demo.stories import (
    DAY_S,
    DISABLED_S,
    FAILING,
    FAILING_S,
    FLAKY,
    FLAKY_SHARE,
    INACTIVE,
    NEVER_RUN,
    OUTAGE_S,
    RECOVERED,
    STALE,
    STALE_S,
    STORIES,
    Story,
)
from shared.datasets import WORKFLOWS


class Kind(NamedTuple):
    """What a workflow of that name is like.

    share: of the repositories that have it.  median_s: a usual duration.  spread: of durations, as the sigma
    of their logarithm.  failures: share of runs that fail, before what branch and event make of it.
    """

    name: str
    path: str
    share: float
    median_s: float
    spread: float
    failures: float


KINDS = (
    Kind("CI", ".github/workflows/ci.yml", 1.0, 420, 0.35, 0.13),
    Kind("CodeQL", ".github/workflows/codeql.yml", 0.85, 900, 0.25, 0.02),
    Kind("Release", ".github/workflows/release.yml", 0.5, 600, 0.30, 0.08),
    Kind("Deploy", ".github/workflows/deploy.yml", 0.6, 300, 0.30, 0.09),
    Kind("Nightly", ".github/workflows/nightly.yml", 0.5, 2_400, 0.25, 0.12),
)
CI, CODEQL, RELEASE, DEPLOY, NIGHTLY = range(len(KINDS))
NAMES = tuple(kind.name for kind in KINDS)

STATES = ("active", "disabled_inactivity")

NEVER = int(np.iinfo(np.int64).max)

_SCHEDULED_SHARE = 0.3
"""Of all runs about so many are scheduled at most: the fewer runs, the fewer workflows have a schedule."""


@dataclass(frozen=True)
class Workflows:
    """The workflows, one per position of each array, those of a repository together.

    every: days between scheduled runs, 0 without a schedule.  at: their seconds after midnight UTC.
    open_since, open_until: runs begin only in this time.  broken_since, broken_until: every run of the
    default branch in this time fails.  flaky: share of runs that fail and then succeed on the same commit.
    pace: factor of durations.  index: repository x kind -> position, -1 where the repository has none such.
    """

    repo: Ints
    kind: Ints
    state: Ints
    every: Ints
    at: Ints
    open_since: Ints
    open_until: Ints
    broken_since: Ints
    broken_until: Ints
    flaky: Floats
    pace: Floats
    index: Ints

    def __len__(self) -> int:
        return len(self.repo)

    @property
    def ids(self) -> Ints:
        """The workflow_id of each."""
        return FIRST_ID + self.repo * 10 + self.kind


def plan_workflows(size: DemoSize, span: Span) -> Workflows:
    """The workflows of the sample with the stories told."""
    rng = np.random.default_rng([size.seed, 2])
    present = _present(rng, size)
    repo, kind = (axis.astype(np.int64) for axis in np.nonzero(present))
    index = np.full(present.shape, -1, dtype=np.int64)
    index[repo, kind] = count = np.arange(len(repo))
    pace = rng.lognormal(0, 0.4, size.repos)
    plan = Workflows(
        repo=repo,
        kind=kind,
        state=np.zeros_like(repo),
        every=_cadence(size, kind),
        at=HOUR_S + (count * 977) % (4 * HOUR_S),
        open_since=np.full_like(repo, span.since),
        open_until=np.full_like(repo, span.until),
        broken_since=np.full_like(repo, NEVER),
        broken_until=np.full_like(repo, NEVER),
        flaky=np.zeros(len(repo)),
        pace=pace[repo],
        index=index,
    )
    _tell(plan, size, span)
    return plan


def workflows(size: DemoSize, span: Span, plan: Workflows) -> pa.Table:
    """Rows of the dataset `workflows`."""
    created = span.since - (1 + plan.ids % 29) * DAY_S
    changed = np.where(plan.state == STATES.index("disabled_inactivity"), plan.open_until, created)
    columns = {
        **whose(plan.repo, size.repos),
        "workflow_id": pa.array(plan.ids),
        "name": words(NAMES, plan.kind),
        "path": words([kind.path for kind in KINDS], plan.kind),
        "state": words(STATES, plan.state),
        "created_at": times(created),
        "updated_at": times(changed),
    }
    return demo_table(WORKFLOWS, span.until, columns)


def _present(rng: np.random.Generator, size: DemoSize) -> Bools:
    """Repository x kind: whether it has such a workflow. Each has CI, and what its story is about."""
    present = rng.random((size.repos, len(KINDS))) < [kind.share for kind in KINDS]
    nightly = max(len(STORIES), int(size.runs * _SCHEDULED_SHARE / size.days))
    present[nightly:, NIGHTLY] = False
    for story, repo in _told(size):
        if story.workflow:
            present[repo, NAMES.index(story.workflow)] = True
    return present


def _cadence(size: DemoSize, kind: Ints) -> Ints:
    """Nightly runs every day, CodeQL every week where there are runs enough for it."""
    weekly = 7 if np.sum(kind == CODEQL) * size.days / 7 < size.runs * _SCHEDULED_SHARE / 2 else 0
    return np.choose(kind, [0, weekly, 0, 0, 1])


def _told(size: DemoSize) -> list[tuple[Story, int]]:
    """The stories for which there are repositories enough, each with its repository's position."""
    names = repository_names(min(size.repos, len(STORIES)))
    return [(story, names.index(story.repo)) for story in STORIES if story.repo in names]


def _tell(plan: Workflows, size: DemoSize, span: Span) -> None:
    """Lets the stories happen; each changes what the plan says of one workflow."""
    changes = _changes(span.until)
    for story, repo in _told(size):
        for column, value in changes.get(story, {}).items():
            getattr(plan, column)[plan.index[repo, NAMES.index(story.workflow or "")]] = value
        if story == INACTIVE:
            _disable_schedules(plan, repo, span.until - DISABLED_S)


def _changes(now: int) -> dict[Story, dict[str, float]]:
    """What each story about one workflow changes: column of the plan -> value."""
    return {
        RECOVERED: {"broken_since": now - OUTAGE_S[0], "broken_until": now - OUTAGE_S[1]},
        FAILING: {"broken_since": now - FAILING_S},
        STALE: {"open_until": now - STALE_S},
        FLAKY: {"flaky": FLAKY_SHARE},
        NEVER_RUN: {"open_since": NEVER},
    }


def _disable_schedules(plan: Workflows, repo: int, at: int) -> None:
    scheduled = (plan.repo == repo) & (plan.every > 0)
    plan.open_until[scheduled] = at
    plan.state[scheduled] = STATES.index("disabled_inactivity")
