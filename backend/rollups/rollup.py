"""Every roll-up by the name of its dataset. Adding one is one file and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from backend.rollups.health import health_history
from backend.rollups.model_days import model_days
from backend.rollups.overviews import overview
from backend.rollups.workflow_days import workflow_days
from shared.datasets import (
    HEALTH_HISTORY,
    MODEL_USAGE_DAILY,
    ORGANISATION_OVERVIEW,
    REPOSITORY_OVERVIEW,
    WORKFLOW_DAILY,
)
from shared.errors import FettleError
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.policy import Policy

Rollup = Callable[[Lake, datetime], Changes]
"""Brings a roll-up up to date as of a time; running it again changes nothing."""


@dataclass(frozen=True)
class RolledUp:
    """What became of the roll-ups, by name: what changed in those that are up to date, and why others are not."""

    changes: Mapping[str, Changes]
    problems: Mapping[str, str]

    @property
    def exit_code(self) -> int:
        """0: all are up to date.  2: some are.  1: none is."""
        if not self.problems:
            return 0
        return 2 if self.changes else 1


def rollups(policy: Policy) -> Mapping[str, Rollup]:
    """The roll-ups in the order in which they are made."""
    return {
        REPOSITORY_OVERVIEW.name: partial(overview, dataset=REPOSITORY_OVERVIEW, policy=policy),
        ORGANISATION_OVERVIEW.name: partial(overview, dataset=ORGANISATION_OVERVIEW, policy=policy),
        WORKFLOW_DAILY.name: workflow_days,
        MODEL_USAGE_DAILY.name: partial(model_days, policy=policy),
        HEALTH_HISTORY.name: partial(health_history, policy=policy),
    }


def roll_up(lake: Lake, policy: Policy) -> RolledUp:
    """Brings every roll-up up to date as of the lake's clock; one that fails keeps no other from it.

    What was written by then stays, and the next call goes on.
    """
    now = lake.clock()
    changes, problems = dict[str, Changes](), dict[str, str]()
    for name, rollup in rollups(policy).items():
        try:
            changes[name] = rollup(lake, now)
        except Exception as error:  # noqa: BLE001 - the engine's errors are of many kinds, and none may cost the rest
            what = str(error) if isinstance(error, FettleError) else f"{type(error).__name__}: {error}".splitlines()[0]
            problems[name] = f"{name} is not up to date: {what} `python -m backend rollup` tries again."
    return RolledUp(changes, problems)
