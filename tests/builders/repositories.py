"""Rows of repositories, and of what was collected of them."""

from datetime import timedelta
from typing import Any

from tests.builders.rows import NOW, Row, row_of


def repository(**values: Any) -> Row:
    """A row of repositories: acme/api, public, default branch main, pushed to an hour before NOW."""
    repo = values.get("repo", "acme/api")
    return row_of(
        values,
        name=repo.split("/")[1],
        repo_id=1,
        default_branch="main",
        visibility="public",
        archived=False,
        fork=False,
        language="Python",
        topics=[],
        owner_team=None,
        importance=50,
        created_at=NOW - timedelta(days=400),
        pushed_at=NOW - timedelta(hours=1),
        html_url=f"https://github.com/{repo}",
    )


def collection(**values: Any) -> Row:
    """A row of collections: workflow runs of acme/api, collected well an hour before NOW for 90 days."""
    started_at = values.get("started_at", NOW - timedelta(hours=1))
    return row_of(
        values,
        collection_id=f"{started_at:%Y%m%dT%H%M%S}",
        dataset="workflow_runs",
        started_at=started_at,
        finished_at=started_at + timedelta(minutes=1),
        outcome="ok",
        reason=None,
        rows=10,
        requests=3,
        conditional_hits=0,
        rate_limit_remaining=4990,
        covered_since=started_at - timedelta(days=90),
        covered_until=started_at,
    )
