"""What passes is asked of Devin again, its limits are obeyed, and what was read before a fault is kept."""

import threading

import pytest

from backend.collect.agents.devin import Devin
from backend.collect.agents.devin_client import DevinClient
from backend.collect.limits import Time
from backend.collect.problems import Interrupted, Unavailable
from tests.contract.agents import Visitor
from tests.contract.collecting import Hours
from tests.contract.devin.opening import both, fill, opened
from tests.standins.devin import ORG, V1_KEY, V3_KEY, DevinStandin
from tests.standins.github import faults
from tests.standins.github.faults import Effect


@both
@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=lambda e: e.name)
def test_what_passes_is_asked_again(devin: DevinStandin, visitor: Visitor, key: str, effect: Effect) -> None:
    ids, hours = fill(devin, 250), Hours()
    devin.faults.add(effect, nth=2, times=3)
    visitor.read(opened(devin, key, hours))
    assert sorted(visitor.rows) == sorted(ids)
    first, second, third = hours.naps
    assert first < second < third


@both
@pytest.mark.parametrize("effect", [faults.status(502), faults.reset(), faults.truncated()], ids=lambda e: e.name)
def test_what_does_not_pass_keeps_what_was_read(
    devin: DevinStandin, visitor: Visitor, key: str, effect: Effect
) -> None:
    ids, hours = fill(devin, 250), Hours()
    fault = devin.faults.add(effect, nth=2, times=None)
    with pytest.raises(Unavailable, match=r"Devin at 127\.0\.0\.1 did not answer .* in 5 attempts .*DEVIN_API_URL"):
        visitor.read(opened(devin, key, hours))
    assert len(visitor.rows) == (100 if key == V1_KEY else 200)
    devin.faults.remove(fault)
    visitor.read(opened(devin, key, hours))
    assert sorted(visitor.rows) == sorted(ids)


def test_nobody_listening_is_told(visitor: Visitor) -> None:
    standin = DevinStandin()
    standin.close()
    with pytest.raises(Unavailable, match=r"ConnectionError.*check the network"):
        visitor.read(opened(standin, V3_KEY))


def test_a_silent_server_is_given_up(devin: DevinStandin, visitor: Visitor) -> None:
    devin.faults.add(faults.hang(), times=None)
    client = DevinClient(V3_KEY, devin.url, timeout_s=0.05, clock=Hours().time)
    with pytest.raises(Unavailable, match="ReadTimeout"):
        visitor.read(Devin(client, ORG))


@pytest.mark.parametrize(("retry_after", "waits"), [(7, [7.0]), (0, [1.0]), (None, [60.0])])
def test_limits_are_obeyed(devin: DevinStandin, visitor: Visitor, retry_after: int | None, waits: list[float]) -> None:
    ids, hours = fill(devin, 1), Hours()
    said: list[str] = []
    devin.faults.add(faults.too_many(retry_after))
    provider = opened(devin, V3_KEY, hours)
    provider.tell(said.append)
    visitor.read(provider)
    assert (list(visitor.rows), hours.naps) == (ids, waits)
    assert said == [f"Devin limits the rate of requests (429): waiting {waits[0]:.0f} s"]


@pytest.mark.parametrize(("retry_after", "asked"), [(601, 1), (5, 6), (None, 5)])
def test_a_limit_that_lasts_is_devins_problem_alone(
    devin: DevinStandin, visitor: Visitor, retry_after: int | None, asked: int
) -> None:
    devin.faults.add(faults.too_many(retry_after), times=None)
    with pytest.raises(Unavailable, match="Devin limits the rate"):
        visitor.read(opened(devin, V1_KEY))
    assert len(devin.log) == asked


def test_a_stop_ends_a_wait(devin: DevinStandin, visitor: Visitor) -> None:
    devin.faults.add(faults.too_many(500), times=None)
    client = DevinClient(V3_KEY, devin.url, clock=Time())
    provider = Devin(client, ORG)
    provider.tell(lambda _: threading.Timer(0.05, provider.stop).start())
    with pytest.raises(Interrupted):
        visitor.read(provider)
    with pytest.raises(Interrupted):
        visitor.read(provider)
    assert len(devin.log) == 1
