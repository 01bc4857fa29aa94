"""Steps of sla.feature, on a lake and through the policy as a file has it."""

from datetime import timedelta

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from shared.datasets import DATASETS
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW, alert

scenarios("sla.feature")


@pytest.fixture
def judged() -> list[str]:
    """The statuses that came out so far."""
    return []


@given(parsers.parse("an alert of {severity} severity that was closed after {hours:d} hours"))
def closed_alert(lake: Lake, severity: str, hours: int) -> None:
    closed_at = NOW - timedelta(days=1)
    row = alert(severity=severity, created_at=closed_at - timedelta(hours=hours), closed_at=closed_at)
    lake.upsert(DATASETS["alerts"], DATASETS["alerts"].table([row]))


@when(parsers.parse('I judge it by the limits of "{preset}"'))
def judge(lake: Lake, judged: list[str], preset: str) -> None:
    judged += statuses(lake, Policy.model_validate({"sla": {"preset": preset}}))


@when(parsers.parse("I switch the level {level} off"))
def switch_off(lake: Lake, judged: list[str], level: str) -> None:
    judged += statuses(lake, Policy.model_validate({"sla": {level: False}}))


@then(parsers.parse("it is {status}"))
def has_status(judged: list[str], status: str) -> None:
    assert judged == [status]


def statuses(lake: Lake, policy: Policy) -> list[str]:
    found: list[str] = metric("sla_status").compute(lake.tables(), Scope(until=NOW), policy=policy).status.to_list()
    return found
