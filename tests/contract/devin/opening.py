"""Devin's API on loopback, as the settings open it with a key of either version."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from backend.collect.agents.devin import Devin, open_devin
from shared.settings import Settings
from tests.contract.collecting import NOW, Hours
from tests.standins.devin import ORG, V1_KEY, V3_KEY, DevinStandin

KEYS = (V1_KEY, V3_KEY)
both = pytest.mark.parametrize("key", KEYS, ids=["v1", "v3"])


def opened(standin: DevinStandin, key: str, hours: Hours | None = None, **changes: Any) -> Devin:
    """Devin as the settings open it; `changes` are settings in place of the usual ones."""
    settings = Settings(
        **{
            "DEVIN_API_KEY": SecretStr(key),
            "DEVIN_API_URL": standin.url,
            "DEVIN_ORG_ID": ORG,
            **changes,
        }
    )
    found = open_devin(settings, clock=(hours or Hours()).time)
    assert found is not None
    return found


def fill(standin: DevinStandin, number: int) -> list[str]:
    """So many sessions, an hour apart, the newest last."""
    begin = NOW - timedelta(days=30)
    return [standin.state.new_session(at=begin + timedelta(hours=hour)).id for hour in range(number)]
