"""The completeness ledger of the sample: a collection a day for a month, as if all had been collected."""

import numpy as np
import pyarrow as pa

from backend.demo.columns import Bools, Column, Ints, demo_table, numbers, times, words
from backend.demo.months import Span
from backend.demo.repositories import is_about, whose
from backend.demo.size import DemoSize
from backend.demo.stories import DAY_S, DISABLED, FORBIDDEN, Story
from shared.datasets import COLLECTIONS
from shared.datasets.alerts import KINDS
from shared.datasets.collections import OUTCOMES

JOBS = "workflow_jobs"
SOURCES = ("repositories", "workflows", "workflow_runs", JOBS, "pull_requests", *KINDS)
"""What is collected of a repository; each kind of alert is a source by itself, allowed or refused."""

_OK, _UNCHANGED, _DISABLED, _FORBIDDEN, _PARTIAL = (
    OUTCOMES.index(name) for name in ("ok", "unchanged", "disabled", "forbidden", "partial")
)
_REASONS = {
    _DISABLED: "Secret scanning is disabled on this repository.",
    _FORBIDDEN: "Resource not accessible by integration: grant the permission 'Dependabot alerts: read'.",
    _PARTIAL: "The job budget of this collection was used up; the newest runs have their jobs.",
}

_MOST_COLLECTIONS, _MOST_ROWS = 30, 50_000
_TAKES_S, _AGO_S = 240, 600
_ROWS_PER_DAY = np.array([0, 0, 5, 12, 2, 1, 1, 0.2])
_UNCHANGED_SHARE, _JOBS_CUT_SHORT = 0.35, 0.02


def collections(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `collections`; the last collection ended some minutes ago."""
    rng = np.random.default_rng([size.seed, 6])
    per_collection = size.repos * len(SOURCES)
    many = max(1, min(_MOST_COLLECTIONS, size.days, _MOST_ROWS // per_collection))
    back, repo, source = (axis.reshape(-1).astype(np.int64) for axis in np.indices((many, size.repos, len(SOURCES))))
    started = span.until - _AGO_S - back * DAY_S
    taken_s = rng.integers(1, _TAKES_S, len(back))
    outcome = _outcomes(rng, size, repo, source)
    ids = [f"demo-{np.datetime64(span.until - _AGO_S - day * DAY_S, 's')}Z" for day in range(many)]
    columns = {
        "collection_id": words(ids, back),
        "dataset": words(SOURCES, source),
        **whose(repo, size.repos),
        "started_at": times(started),
        "finished_at": times(started + taken_s),
        "outcome": words(OUTCOMES, outcome),
        "reason": words([_REASONS.get(code) for code in range(len(OUTCOMES))], outcome),
        **_effort(rng, source, outcome),
        **_covered(span, source, started, outcome),
    }
    return demo_table(COLLECTIONS, span.until, columns)


def _outcomes(rng: np.random.Generator, size: DemoSize, repo: Ints, source: Ints) -> Ints:
    outcome = np.where(rng.random(len(repo)) < _UNCHANGED_SHARE, _UNCHANGED, _OK)
    outcome[(source == SOURCES.index(JOBS)) & (rng.random(len(repo)) < _JOBS_CUT_SHORT)] = _PARTIAL
    outcome[_of(FORBIDDEN, "dependabot", size, repo, source)] = _FORBIDDEN
    outcome[_of(DISABLED, "secret_scanning", size, repo, source)] = _DISABLED
    return outcome


def _of(story: Story, name: str, size: DemoSize, repo: Ints, source: Ints) -> Bools:
    found: Bools = is_about(story, size.repos)[repo] & (source == SOURCES.index(name))
    return found


def _effort(rng: np.random.Generator, source: Ints, outcome: Ints) -> dict[str, Column]:
    """What a source gave and cost; null rows where it could not be read."""
    count = len(outcome)
    read = (outcome == _OK) | (outcome == _PARTIAL)
    readable = read | (outcome == _UNCHANGED)
    return {
        "rows": numbers(np.where(read, 1 + rng.poisson(_ROWS_PER_DAY[source]), 0), readable),
        "requests": pa.array(np.where(read, 1 + rng.poisson(1, count), 1)),
        "conditional_hits": pa.array((outcome == _UNCHANGED).astype(np.int64)),
        "rate_limit_remaining": pa.array(5_000 - np.arange(count) % 3_000),
    }


def _covered(span: Span, source: Ints, started: Ints, outcome: Ints) -> dict[str, Column]:
    """From when to when a source is complete. Jobs are a sample, so since when they are is not known."""
    readable = (outcome != _FORBIDDEN) & (outcome != _DISABLED)
    return {
        "covered_since": times(np.full(len(started), span.since), readable & (source != SOURCES.index(JOBS))),
        "covered_until": times(started, readable),
    }
