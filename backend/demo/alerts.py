"""Security alerts of the sample: three kinds, found at random, put right the sooner the worse they are.

Their history begins some months before that of the runs, since GitHub lists an alert however old it is: so
the first month shown has a backlog already.
"""

import numpy as np
import pyarrow as pa

from backend.demo.advisories import RULES, Rule
from backend.demo.columns import (
    Column,
    Floats,
    Ints,
    demo_table,
    hexes,
    numbers,
    rank_in_group,
    times,
    words,
)
from backend.demo.dice import choices
from backend.demo.months import Span
from backend.demo.repositories import DEFAULT_BRANCHES, PEOPLE, busyness, default_branches, is_about, whose
from backend.demo.size import DemoSize
from backend.demo.stories import DAY_S, DISABLED, FORBIDDEN, IMPROVING, PILING_UP
from shared.datasets import ALERTS
from shared.datasets.alerts import KINDS, SEVERITIES, STATES
from shared.datasets.dataset import STRINGS

CODE_SCANNING, DEPENDABOT, SECRET_SCANNING = range(len(KINDS))
OPEN, FIXED, DISMISSED, AUTO_DISMISSED = range(len(STATES))

REASONS = ("fixed", "revoked", "false_positive", "wont_fix", "used_in_tests", "auto", None)
_FIXED, _REVOKED, _FALSE_POSITIVE, _AUTO, _NONE = 0, 1, 2, 5, 6

_LEAD_DAYS = 120
_KIND_SHARES = np.array([0.55, 0.37, 0.08])

_MEDIAN_S = np.array([20, 50, 90, 150, 30]) * 3_600.0
"""A usual time to remediate by severity, worst first."""
_SPREAD = 1.2
_SHORTEST_S = 600

_FATES = np.cumsum([0.05, 0.10, 0.05])
"""Of all alerts: never closed, dismissed, dismissed by a rule (Dependabot only); the rest is fixed."""
_NEVER_WHERE_PILING_UP = 0.45
_FIXED_LATER, _REOPENED = 0.15, 0.03
_SLOWER_WHERE_PILING_UP, _SKEW_WHERE_PILING_UP = 10.0, 0.5
_IMPROVES_FROM_TO = (8.0, 0.2)
_MORE_IN_STORIES = 3.0


def alerts(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `alerts`."""
    rng = np.random.default_rng([size.seed, 5])
    history = Span(span.since - min(size.days, _LEAD_DAYS) * DAY_S, span.until)
    repo, when = _found(rng, size, history)
    kind = _kinds(rng, size, repo)
    order = np.lexsort((when, kind, repo))
    repo, kind, created = repo[order], kind[order], history.since + when[order]
    rule = _rules(rng, kind)
    state, closed = _closings(rng, size, history, repo, kind, rule, created)
    columns = {
        **_identity(rng, size, repo, kind, rule),
        **_fate(rng, span.until, kind, state, created, closed),
    }
    return demo_table(ALERTS, span.until, columns)


def _found(rng: np.random.Generator, size: DemoSize, history: Span) -> tuple[Ints, Ints]:
    """The repository of each alert and when it was found, in seconds from the beginning of the history."""
    weights = busyness(size.repos) * np.where(
        is_about(PILING_UP, size.repos) | is_about(IMPROVING, size.repos), _MORE_IN_STORIES, 1
    )
    repo = choices(rng, weights, size.alert_rows)
    skew = np.where(is_about(PILING_UP, size.repos)[repo], _SKEW_WHERE_PILING_UP, 1)
    when = rng.random(size.alert_rows) ** skew * (history.until - history.since)
    return repo, when.astype(np.int64)


def _kinds(rng: np.random.Generator, size: DemoSize, repo: Ints) -> Ints:
    """The kind of each alert; a source that cannot be read has none to show."""
    kind = choices(rng, _KIND_SHARES, len(repo))
    unread = (is_about(FORBIDDEN, size.repos)[repo] & (kind == DEPENDABOT)) | (
        is_about(DISABLED, size.repos)[repo] & (kind == SECRET_SCANNING)
    )
    return np.where(unread, CODE_SCANNING, kind)


def _rules(rng: np.random.Generator, kind: Ints) -> Ints:
    """A rule of the alert's kind for each, as an index into RULES."""
    of_kind = np.array([KINDS.index(rule.kind) for rule in RULES])
    counts = np.bincount(of_kind, minlength=len(KINDS))
    first = np.cumsum(counts) - counts
    return first[kind] + (rng.random(len(kind)) * counts[kind]).astype(np.int64)


def _closings(
    rng: np.random.Generator, size: DemoSize, history: Span, repo: Ints, kind: Ints, rule: Ints, created: Ints
) -> tuple[Ints, Ints]:
    """The state of each alert now, and when it was closed (of no meaning where it is open)."""
    severity = np.array([SEVERITIES.index(item.severity) for item in RULES])[rule]
    usual = _MEDIAN_S[severity] * _slowness(size, history, repo, created)
    taken_s = usual * np.exp(_SPREAD * rng.standard_normal(len(repo)))
    closed = created + np.maximum(_SHORTEST_S, taken_s.clip(max=history.until)).astype(np.int64)
    dice = rng.random(len(repo))
    fate = np.array([OPEN, DISMISSED, AUTO_DISMISSED, FIXED])[np.searchsorted(_FATES, dice, side="right")]
    fate[(fate == AUTO_DISMISSED) & (kind != DEPENDABOT)] = FIXED
    neglected = is_about(PILING_UP, size.repos)[repo] & (rng.random(len(repo)) < _NEVER_WHERE_PILING_UP)
    return np.where(neglected | (closed > history.until), OPEN, fate), closed


def _slowness(size: DemoSize, history: Span, repo: Ints, created: Ints) -> Floats:
    """By what factor an alert takes longer than usual, as its repository's story has it."""
    first, last = _IMPROVES_FROM_TO
    passed = (created - history.since) / (history.until - history.since)
    better = first * (last / first) ** passed
    stories = [is_about(PILING_UP, size.repos)[repo], is_about(IMPROVING, size.repos)[repo]]
    return np.select(stories, [np.full(len(repo), _SLOWER_WHERE_PILING_UP), better], 1.0)


def _identity(rng: np.random.Generator, size: DemoSize, repo: Ints, kind: Ints, rule: Ints) -> dict[str, Column]:
    """What an alert is and where; its number counts up with its kind in its repository."""
    count = len(repo)
    in_code = kind != DEPENDABOT
    return {
        **whose(repo, size.repos),
        "kind": words(KINDS, kind),
        "number": pa.array(rank_in_group(repo * len(KINDS) + kind) + 1),
        **_said_by(rule),
        "start_line": numbers(rng.integers(1, 900, count), in_code),
        "branch": words((*DEFAULT_BRANCHES, None), np.where(in_code, default_branches(size.repos)[repo], -1) % 3),
        "fingerprint": hexes(rng.integers(0, 256, (count, 10), dtype=np.uint8)),
    }


def _said_by(rule: Ints) -> dict[str, Column]:
    """The columns that the rule alone decides."""
    kinds = {"security_severity": pa.float64(), "cwes": STRINGS}
    return {
        column: words([getattr(item, column) for item in RULES], rule, kinds.get(column))
        for column in Rule._fields
        if column != "kind"
    }


def _fate(
    rng: np.random.Generator, now: int, kind: Ints, state: Ints, created: Ints, closed: Ints
) -> dict[str, Column]:
    """State, times and reason. Some dismissed alerts were fixed later; they stay dismissed, as at GitHub."""
    count = len(state)
    is_closed, fixed, dismissed = state != OPEN, state == FIXED, state == DISMISSED
    later = closed + rng.integers(DAY_S, 60 * DAY_S, count)
    fixed_later = dismissed & (rng.random(count) < _FIXED_LATER) & (later <= now)
    fixed_at = np.where(fixed_later, later, closed)
    updated = np.select([fixed_later, is_closed], [later, closed], created)
    return {
        "state": words(STATES, state),
        "created_at": times(created),
        "updated_at": times(updated),
        "fixed_at": times(fixed_at, fixed | fixed_later),
        "dismissed_at": times(closed, dismissed | (state == AUTO_DISMISSED)),
        "closed_at": times(closed, is_closed),
        "close_reason": words(REASONS, _reasons(rng, kind, state)),
        "dismissed_by": words((*PEOPLE, None), np.where(dismissed, rng.integers(0, len(PEOPLE), count), len(PEOPLE))),
        "reopened_count": pa.array((rng.random(count) < _REOPENED).astype(np.int64)),
    }


def _reasons(rng: np.random.Generator, kind: Ints, state: Ints) -> Ints:
    by_hand = _FALSE_POSITIVE + rng.integers(0, 3, len(state))
    fixed = np.where(kind == SECRET_SCANNING, _REVOKED, _FIXED)
    return np.select([state == FIXED, state == DISMISSED, state == AUTO_DISMISSED], [fixed, by_hand, _AUTO], _NONE)
