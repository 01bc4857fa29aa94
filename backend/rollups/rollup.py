"""Every roll-up by the name of its dataset. Adding one is one file and one line here."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from backend.rollups.health import health_history
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from shared.policy import Policy

Rollup = Callable[[Lake, datetime], Changes]
"""Brings a roll-up up to date as of a time; running it again changes nothing."""


def rollups(policy: Policy) -> Mapping[str, Rollup]:
    """The roll-ups in the order in which they are made."""
    return {"health_history": partial(health_history, policy=policy)}


def roll_up(lake: Lake, policy: Policy) -> dict[str, Changes]:
    """Brings every roll-up up to date as of the lake's clock. Raises StoreError; what was written by then stays."""
    now = lake.clock()
    return {name: rollup(lake, now) for name, rollup in rollups(policy).items()}
