"""What is collected beside the usual."""

from typing import Annotated

from pydantic import Field

from shared.policy.section import Patterns, Section


class CollectPolicy(Section):
    """`[collect]`."""

    jobs: Patterns = ()
    """Repositories whose workflow jobs are collected, at the price of a request for each run."""
    jobs_days: Annotated[int, Field(ge=1, le=400)] = 30
    """How many days back jobs are read for runs that have none yet."""
    copilot: Patterns = ()
    """Repositories whose GitHub Copilot agent tasks are collected."""
