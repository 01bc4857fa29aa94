"""Workflows: when they are stale or inactive, what their minutes cost, and which of them deploy."""

from collections.abc import Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field, field_validator

from shared.policy.duration import Duration
from shared.policy.section import Section


class WorkflowPolicy(Section):
    """`[workflows]`."""

    inactive_after: Duration = timedelta(days=60)
    """Without a run for so long, a workflow is inactive."""
    stale_after: Duration = timedelta(days=7)
    """Without a run for so long, a workflow may be stale."""
    stale_intervals: Annotated[float, Field(ge=1, le=100)] = 3.0
    """Without a run for so many of its own median intervals, a workflow is overdue."""


class CostPolicy(Section):
    """`[cost]`."""

    currency: Annotated[str, Field(min_length=1, max_length=8)] = "USD"
    """What the prices are in; shown as it is."""
    per_minute: Mapping[str, Annotated[float, Field(ge=0, le=1000)]] = {
        "self-hosted": 0.0,
        "*windows*": 0.010,
        "*macos*": 0.062,
        "*": 0.006,
    }
    """Label of a runner -> price of a billable minute. `*` stands for any characters; the first that fits counts.

    The defaults are GitHub's prices of 2026 for its smallest hosted runners; its larger ones cost more.
    """
    included_minutes: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    """Minutes a month that cost nothing, by contract; told beside the cost, not taken off any part of it."""


class DeliveryPolicy(Section):
    """`[delivery]`."""

    deployments: tuple[str, ...] = ()
    """Workflows that deploy, as `owner/name:workflow name or file`; `*` stands for any characters."""
    branch: str | None = None
    """The branch whose runs deploy; the default branch if none is named."""
    failure_window: Duration = timedelta(hours=24)
    """A deployment that succeeded counts as failed too if the next one of its workflow fails within so long."""

    @field_validator("deployments")
    @classmethod
    def _named_in_full(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            repo, _, workflow = pattern.partition(":")
            if (repo.count("/") != 1 and repo != "*") or not workflow:
                raise ValueError(f'{pattern!r} does not name a workflow; write "owner/name:workflow"')
        return patterns

    def deploys(self, repo: str, *names: str) -> bool:
        """Whether a workflow of a repository, under any of its names, is one of the deployments."""
        for pattern in self.deployments:
            where, _, what = pattern.lower().partition(":")
            if fnmatchcase(repo.lower(), where) and any(fnmatchcase(name.lower(), what) for name in names):
                return True
        return False
