"""Pull requests of the sample: those that its runs name, each merged, closed or still open."""

import numpy as np
import pyarrow as pa

from backend.demo.columns import Column, Ints, demo_table, times, words
from backend.demo.months import HOUR_S, Span
from backend.demo.repositories import ACTORS, DEFAULT_BRANCHES, default_branches, quiet_since, team_member, whose
from backend.demo.size import DemoSize
from backend.demo.stories import DAY_S
from backend.demo.triggers import BRANCH_DAYS, BRANCHES, DEPENDABOT, IS_BOT, TOPICS, feature_branch, update_branch
from shared.datasets import PULL_REQUESTS

MOST_ROWS = 200_000
"""Pull requests of all repositories together; where there would be more, the newest of each remain."""

_BY_DEPENDABOT, _MERGED, _CLOSED = 0.15, 0.86, 0.08
_OPEN_MEDIAN_S, _OPEN_SPREAD = 20 * HOUR_S, 1.1
_STATES = ("open", "merged", "closed")
_OPEN, _IS_MERGED, _IS_CLOSED = range(len(_STATES))


def pull_requests(size: DemoSize, span: Span) -> pa.Table:
    """Rows of the dataset `pull_requests`."""
    rng = np.random.default_rng([size.seed, 7])
    repo, number = _numbered(size, span)
    created = span.since + (number - 1) // TOPICS * BRANCH_DAYS * DAY_S + rng.integers(0, DAY_S, len(number))
    kept = created < np.minimum(span.until, quiet_since(size.repos, span)[repo])
    repo, number, created = repo[kept], number[kept], created[kept]
    by_dependabot = rng.random(len(number)) < _BY_DEPENDABOT
    author = np.where(by_dependabot, DEPENDABOT, team_member(rng, repo))
    branch = np.where(by_dependabot, update_branch(number, repo), feature_branch(number, repo))
    columns = {
        **whose(repo, size.repos),
        "number": pa.array(number),
        "title": words([_title(name) for name in BRANCHES], branch),
        "author": words(ACTORS, author),
        "author_is_bot": pa.array(IS_BOT[author]),
        "head_branch": words(BRANCHES, branch),
        "base_branch": words(DEFAULT_BRANCHES, default_branches(size.repos)[repo]),
        **_ends(rng, created, span.until),
    }
    return demo_table(PULL_REQUESTS, span.until, columns)


def _numbered(size: DemoSize, span: Span) -> tuple[Ints, Ints]:
    """Repository and number of each pull request."""
    last = -(-(span.until - span.since) // (BRANCH_DAYS * DAY_S)) * TOPICS
    first = max(1, last + 1 - max(1, MOST_ROWS // size.repos))
    repo, number = np.indices((size.repos, last + 1 - first)).reshape(2, -1)
    return repo, number + first


def _ends(rng: np.random.Generator, created: Ints, now: int) -> dict[str, Column]:
    """State and times; what would end after now is open."""
    lasted = _OPEN_MEDIAN_S * np.exp(_OPEN_SPREAD * rng.standard_normal(len(created)))
    ended = created + lasted.clip(600, 60 * DAY_S).astype(np.int64)
    dice = rng.random(len(created))
    state = np.select([ended > now, dice < _MERGED, dice < _MERGED + _CLOSED], [_OPEN, _IS_MERGED, _IS_CLOSED], _OPEN)
    return {
        "state": words(_STATES, state),
        "created_at": times(created),
        "updated_at": times(np.where(state == _OPEN, created, ended)),
        "merged_at": times(ended, state == _IS_MERGED),
        "closed_at": times(ended, state != _OPEN),
    }


def _title(branch: str) -> str:
    """A branch's name as people write titles: "feature/add-login" is "Add login"."""
    return branch.rsplit("/", 1)[-1].replace("-", " ").capitalize()
