"""What sets workflows off: schedules, and pushes by people and bots, each of which may start several."""

from dataclasses import dataclass, fields, replace

import numpy as np

from backend.demo.columns import Bools, Bytes, Ints, taken
from backend.demo.dice import choices
from backend.demo.months import Span
from backend.demo.repositories import (
    ACTORS,
    BOTS,
    DEFAULT_BRANCHES,
    PEOPLE,
    busyness,
    default_branches,
    quiet_since,
    team_member,
)
from backend.demo.stories import DAY_S
from backend.demo.workflows import CI, CODEQL, DEPLOY, KINDS, RELEASE, Workflows

EVENTS = ("push", "pull_request", "schedule", "workflow_dispatch")
PUSH, PULL_REQUEST, SCHEDULE, DISPATCH = range(len(EVENTS))

_FEATURES = tuple(
    f"{kind}/{verb}-{noun}"
    for kind in ("feature", "fix", "chore")
    for verb in ("add", "speed-up", "rework", "simplify", "harden", "retry")
    for noun in (
        "login",
        "cart",
        "search",
        "export",
        "cache",
        "upload",
        "audit",
        "retries",
        "metrics",
        "settings",
    )
)
_UPDATES = tuple(
    f"dependabot/{ecosystem}/demo-{name}-{major}.{minor}.0"
    for ecosystem, name in (
        ("npm_and_yarn", "router"),
        ("pip", "http-client"),
        ("go_modules", "codec"),
        ("maven", "orm"),
    )
    for major in (2, 3)
    for minor in (0, 1, 4)
)
BRANCHES = (*DEFAULT_BRANCHES, *_FEATURES, *_UPDATES)

DEPENDABOT, ACTIONS = len(PEOPLE), len(PEOPLE) + 1
IS_BOT = np.arange(len(ACTORS)) >= len(ACTORS) - len(BOTS)

_ON_DEFAULT, _BY_DEPENDABOT, _IN_REVIEW = 0.35, 0.12, 0.8
_BY_HAND = 0.12
_JITTER_S = 900
BRANCH_DAYS, TOPICS = 3, 4
"""So many topics, each a branch and the number of its pull request, are worked on in a repository for so many days."""

_STARTS_CODEQL, _STARTS_RELEASE, _STARTS_DEPLOY = 0.6, 0.07, 0.5


@dataclass(frozen=True)
class Triggers:
    """What starts runs, one per position of each array, in no order.

    workflow: position in the plan.  created: seconds since the epoch.  event, branch, actor: indices into
    EVENTS, BRANCHES, ACTORS.  on_default: whether the branch is the default one.  pull_request: its number,
    0 without one.  sha: 20 bytes each.
    """

    workflow: Ints
    created: Ints
    event: Ints
    branch: Ints
    on_default: Bools
    actor: Ints
    pull_request: Ints
    sha: Bytes

    def __len__(self) -> int:
        return len(self.workflow)

    def __add__(self, other: "Triggers") -> "Triggers":
        return Triggers(
            *(np.concatenate([getattr(self, field.name), getattr(other, field.name)]) for field in fields(self))
        )


def schedule_slots(plan: Workflows, month: Span) -> tuple[Ints, Ints]:
    """The scheduled runs of a month, oldest first: workflow and the time of the schedule."""
    scheduled = np.nonzero(plan.every > 0)[0]
    days = np.arange(month.since // DAY_S, month.until // DAY_S + 1, dtype=np.int64)
    due = (days[:, None] + scheduled) % plan.every[scheduled] == 0
    at = days[:, None] * DAY_S + plan.at[scheduled]
    since = np.maximum(plan.open_since[scheduled], month.since)
    until = np.minimum(plan.open_until[scheduled], month.until) - _JITTER_S
    day, which = np.nonzero(due & (at >= since) & (at < until))
    return scheduled[which], at[day, which]


def scheduled(rng: np.random.Generator, plan: Workflows, month: Span, count: int) -> Triggers:
    """The newest `count` scheduled runs of a month, some minutes late as schedules are."""
    workflow, at = (column[len(column) - count :] for column in schedule_slots(plan, month))
    repo = plan.repo[workflow]
    return Triggers(
        workflow=workflow,
        created=at + rng.integers(0, _JITTER_S, count),
        event=np.full(count, SCHEDULE),
        branch=default_branches(len(plan.index))[repo],
        on_default=np.ones(count, dtype=bool),
        actor=(repo * 7) % len(PEOPLE),
        pull_request=np.zeros(count, dtype=np.int64),
        sha=_shas(rng, count),
    )


def pushed(rng: np.random.Generator, plan: Workflows, span: Span, month: Span, count: int) -> Triggers:
    """`count` runs that pushes start in a month; the runs of a push share its commit, branch and actor."""
    pushes = _pushes(rng, plan, span, month, count)
    push, kind = (axis[:count] for axis in np.nonzero(_starts(rng, plan, pushes)))
    runs = taken(pushes, push)
    by_hand = (kind >= RELEASE) & (rng.random(len(push)) < _BY_HAND)
    by_actions = (kind == RELEASE) & ~by_hand
    return replace(
        runs,
        workflow=plan.index[plan.repo[runs.workflow], kind],
        event=np.where(by_hand, DISPATCH, runs.event),
        actor=np.where(by_actions, ACTIONS, runs.actor),
    )


def feature_branch(topic: Ints, repo: Ints) -> Ints:
    """The branch, as an index into BRANCHES, on which people work on a topic."""
    return len(DEFAULT_BRANCHES) + (topic * 7 + repo * 13) % len(_FEATURES)


def update_branch(topic: Ints, repo: Ints) -> Ints:
    """The branch, as an index into BRANCHES, on which Dependabot works on a topic."""
    return len(DEFAULT_BRANCHES) + len(_FEATURES) + (topic + repo) % len(_UPDATES)


def _pushes(rng: np.random.Generator, plan: Workflows, span: Span, month: Span, count: int) -> Triggers:
    """Pushes, each as the run of CI that it starts."""
    repos = len(plan.index)
    created = month.moments(rng, count)
    repo = _pushed_to(rng, repos, span, created)
    dice = rng.random(count)
    on_default = dice < _ON_DEFAULT
    by_dependabot = ~on_default & (dice < _ON_DEFAULT + _BY_DEPENDABOT)
    in_review = ~on_default & (by_dependabot | (rng.random(count) < _IN_REVIEW))
    topic = (created - span.since) // (BRANCH_DAYS * DAY_S) * TOPICS + rng.integers(0, TOPICS, count) + 1
    feature, update = feature_branch(topic, repo), update_branch(topic, repo)
    return Triggers(
        workflow=plan.index[repo, CI],
        created=created,
        event=np.where(in_review, PULL_REQUEST, PUSH),
        branch=np.select([on_default, by_dependabot], [default_branches(repos)[repo], update], feature),
        on_default=on_default,
        actor=np.where(by_dependabot, DEPENDABOT, team_member(rng, repo)),
        pull_request=np.where(in_review, topic, 0),
        sha=_shas(rng, count),
    )


def _pushed_to(rng: np.random.Generator, repos: int, span: Span, created: Ints) -> Ints:
    """A repository for each push, the busy ones more often; nobody pushes to a quiet one."""
    repo = choices(rng, busyness(repos), len(created))
    return np.where(created < quiet_since(repos, span)[repo], repo, 0)


def _starts(rng: np.random.Generator, plan: Workflows, pushes: Triggers) -> Bools:
    """Push x kind: whether the push starts that workflow. It always starts CI, so there are runs enough."""
    dice = rng.random((len(pushes), len(KINDS)))
    on_default, in_review = pushes.on_default, pushes.event == PULL_REQUEST
    starts = np.zeros(dice.shape, dtype=bool)
    starts[:, CI] = True
    starts[:, CODEQL] = on_default | (in_review & (dice[:, CODEQL] < _STARTS_CODEQL))
    starts[:, RELEASE] = on_default & (dice[:, RELEASE] < _STARTS_RELEASE)
    starts[:, DEPLOY] = on_default & (dice[:, DEPLOY] < _STARTS_DEPLOY)
    workflow, created = plan.index[plan.repo[pushes.workflow]], pushes.created[:, None]
    is_open = (created >= plan.open_since[workflow]) & (created < plan.open_until[workflow])
    return starts & (workflow >= 0) & is_open


def _shas(rng: np.random.Generator, count: int) -> Bytes:
    return rng.integers(0, 256, (count, 20), dtype=np.uint8)
