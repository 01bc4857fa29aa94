"""The process that folds takes the time that nobody else wants, and its share of it where that is none."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.ingest import folding
from backend.ingest.counts import DeliveryCounts
from backend.ingest.folding import Folding
from shared.lake.inbox import INBOX
from shared.lake.opening import open_inbox, open_lake
from shared.settings import Settings

PATIENCE_S = 60

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has such a policy")


def soon(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


def folds() -> list[int]:
    return [one.pid for one in multiprocessing.active_children() if one.name == "fold" and one.pid]


def policy(pid: int) -> int:
    return os.sched_getscheduler(pid)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.model_validate({"FETTLE_STORE": f"file://{tmp_path}/store", "FETTLE_CACHE": tmp_path / "cache"})
    inbox = open_inbox(found)
    inbox.append("threats", [{"n": 1}])
    inbox.close()
    return found


@pytest.fixture
def running(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folding]:
    monkeypatch.setattr(folding, "STARVED_S", 4.0)
    lake = open_lake(settings)
    one = Folding(settings, lake, DeliveryCounts())
    one.start()
    yield one
    one.stop()
    lake.close()


def test_a_process_that_gets_no_time_is_started_again_and_takes_its_share(running: Folding, settings: Settings) -> None:
    soon(lambda: bool(folds()))
    (first,) = folds()
    soon(lambda: policy(first) == os.SCHED_IDLE)
    os.kill(first, signal.SIGSTOP)
    soon(lambda: folds() not in ([], [first]))
    (second,) = folds()
    soon(lambda: running.tallies.rounds > 0)
    assert policy(second) == os.SCHED_OTHER
    assert os.getpriority(os.PRIO_PROCESS, second) > 0
    lake = open_lake(settings)
    soon(lambda: not list(lake.store.list(INBOX)))
    lake.close()
