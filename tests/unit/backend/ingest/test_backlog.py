"""The backlog: when fold rests, for how long, and that a burst goes first but does not keep it from folding."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.ingest import folding
from backend.ingest.backlog import LONGEST_BURST_S, PUSHED_WITHIN_S, Backlog, backlog
from backend.ingest.folding import EVERY_S, LONGEST_REST_S, rests_s
from shared.lake.inbox import INBOX
from shared.lake.local import LocalStore
from shared.lake.opening import open_inbox
from shared.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def push(store: LocalStore, *ages_s: float) -> None:
    now = datetime.now(UTC)
    for age_s in ages_s:
        at = now - timedelta(seconds=age_s)
        store.write(f"{INBOX}webhooks/{at:%Y%m%dT%H%M%S.%f}-{age_s}.ndjson", b"{}\n")


def test_it_says_how_long_the_first_and_the_last_wait(store: LocalStore) -> None:
    push(store, 50, 40, 7)
    found = backlog(store.list(INBOX))
    assert 50 <= found.oldest_s < 55
    assert 7 <= found.newest_s < 12
    assert not found.is_burst


def test_what_waits_under_other_names_is_of_no_burst(store: LocalStore) -> None:
    assert backlog(store.list(INBOX)) == Backlog(math.inf, math.inf)
    store.write(f"{INBOX}threats/by-hand.ndjson", b"{}\n")
    store.write(f"{INBOX}threats/20261399T999999.000000-by-hand.ndjson", b"{}\n")
    assert backlog(store.list(INBOX)) == Backlog(math.inf, math.inf)


def test_it_reads_the_names_that_the_inbox_gives(tmp_path: Path) -> None:
    settings = Settings.model_validate({"FETTLE_STORE": f"file://{tmp_path}/store", "FETTLE_CACHE": tmp_path / "cache"})
    inbox = open_inbox(settings)
    inbox.append("threats", [{"threat_id": "t"}])
    found = backlog(LocalStore(tmp_path / "store").list(INBOX))
    inbox.close()
    assert found.oldest_s == found.newest_s
    assert 0 <= found.oldest_s < LONGEST_BURST_S


@pytest.mark.parametrize(
    ("oldest_s", "newest_s", "burst"),
    [
        (10.0, 0.5, True),
        (10.0, PUSHED_WITHIN_S, False),  # it is over
        (LONGEST_BURST_S, 0.5, False),  # it goes on, and others wait for what it began with
        (math.inf, math.inf, False),
        (0.1, -0.2, True),  # another machine's clock
    ],
)
def test_a_burst_goes_on_but_not_for_long(oldest_s: float, newest_s: float, burst: bool) -> None:
    assert Backlog(oldest_s, newest_s).is_burst is burst


@pytest.mark.parametrize(
    ("took_s", "cpu_s", "more", "usual_s", "in_burst_s"),
    [
        (1.0, 0.95, True, 0.0, 0.0),  # the processor was its own, and there is more to do
        (1.0, 1.7, True, 0.0, 0.0),
        (1.0, 0.95, False, EVERY_S, EVERY_S),
        (3.0, 1.5, True, 3.0, 12.0),  # somebody else wanted it
        (0.1, 0.05, False, EVERY_S, EVERY_S),
        (40.0, 3.0, True, LONGEST_REST_S, LONGEST_REST_S),
    ],
)
def test_it_rests_where_others_want_the_processor(
    took_s: float, cpu_s: float, more: bool, usual_s: float, in_burst_s: float
) -> None:
    assert rests_s(took_s, cpu_s, more=more) == pytest.approx((usual_s, in_burst_s))


def test_it_rests_on_while_a_burst_goes_on(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [1_000.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds
        if len(slept) == over_after:
            for blob in store.list(INBOX):
                store.delete(blob.name)

    monkeypatch.setattr("backend.ingest.folding.time.sleep", sleep)
    monkeypatch.setattr("backend.ingest.folding.time.monotonic", lambda: now[0])
    push(store, -1_000)
    over_after = 99
    folding._rest(store, 3.0, 12.0)
    assert slept == [3.0, *[EVERY_S] * 5]  # until it has rested for 12 s
    slept.clear()
    over_after = 2
    folding._rest(store, 3.0, 12.0)
    assert slept == [3.0, EVERY_S]
