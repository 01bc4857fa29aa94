"""Limiting: the rows that somebody sees who may see some repositories alone."""

import hashlib
from functools import lru_cache

from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression

from shared.datasets import DATASETS
from shared.datasets.dataset import Reach
from shared.lake.digests import making_of
from shared.metrics.digest import Digest

_REPO_OF_SUBJECT = r"^(?:repo:([^/]+/[^/]+)$|(?:alert|finding):([^/]+/[^/]+)/)"
"""The repository that a subject is of: of its score, of an alert or of a finding. A customer's has none."""


def within_reach(reach: Reach, repos: frozenset[str]) -> Expression:
    """The condition that a row is of one of these repositories; names are constants, never part of SQL."""
    if not repos or reach == "nobody":
        return ConstantExpression(False)
    names = [ConstantExpression(name) for name in sorted(repos)]
    if reach == "repo":
        return ColumnExpression("repo").isin(*names)
    groups = [_group(number) for number in (1, 2)]
    return FunctionExpression("concat", *groups).isin(*names)


def _group(number: int) -> Expression:
    pattern = ConstantExpression(_REPO_OF_SUBJECT)
    return FunctionExpression("regexp_extract", ColumnExpression("subject"), pattern, ConstantExpression(number))


@lru_cache(maxsize=1_024)
def reach_version(repos: frozenset[str]) -> str:
    """What tells one set of repositories from another, in short."""
    return hashlib.sha256(repr(sorted(repos)).encode()).hexdigest()[:20]


def tells_repo(digest: Digest) -> bool:
    """Whether each row of a digest is of one repository and names it, or of a dataset that nobody limited sees."""
    reach = DATASETS[digest.of].reach
    return reach == "nobody" or (reach == "repo" and "repo" in making_of(digest).schema.names)
