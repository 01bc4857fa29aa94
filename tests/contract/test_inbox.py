"""What the inbox promises: durable before it returns, on both stores, and while the store is slow, away or hangs."""

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.lake.azure import IMPATIENT, AzureStore
from shared.lake.inbox import INBOX, Inbox
from shared.lake.local import LocalStore
from shared.lake.spool import ABANDONED_S, InboxFull, Spool
from shared.lake.store import Absent, Content, Store, StoreUnreachable
from tests.contract.conftest import named_store
from tests.standins.azurite import ACCOUNT, KEY, free_port

LIMIT = 1_000_000


@pytest.fixture(params=["local", "azure"])
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return named_store(request, tmp_path)


class Flaky(LocalStore):
    """A local store that refuses, or hangs, as long as it is told."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.away = False
        self.hanging = threading.Event()
        self.hanging.set()

    def write(self, name: str, data: Content, if_match: str | Absent | None = None) -> str:
        self.hanging.wait(30)
        if self.away:
            raise StoreUnreachable("away")
        return super().write(name, data, if_match)


@pytest.fixture
def flaky(tmp_path: Path) -> Flaky:
    return Flaky(tmp_path / "flaky")


@contextmanager
def opened(store: Store, folder: Path, limit: int = LIMIT, write_limit_s: float = 2.5) -> Iterator[Inbox]:
    inbox = Inbox(store, Spool(folder / "spool", limit), write_limit_s)
    inbox.start()
    try:
        yield inbox
    finally:
        inbox.close()


def kept(store: Store) -> list[dict[str, Any]]:
    blobs = [blob.name for blob in store.list(INBOX)]
    return [orjson.loads(line) for name in blobs for line in store.read(name)[0].splitlines()]


def numbers(store: Store) -> list[int]:
    return sorted(row["n"] for row in kept(store))


def wait_until(true: Any, within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


def test_rows_are_in_the_store_when_append_returns(store: Store, tmp_path: Path) -> None:
    with opened(store, tmp_path) as inbox:
        inbox.append("threats", [{"n": 1}, {"n": 2, "text": "line\nbreak \u2028 \U0001f600"}])
        assert kept(store) == [{"n": 1}, {"n": 2, "text": "line\nbreak \u2028 \U0001f600"}]
        inbox.append("webhooks", [{"n": 3}])
    names = [blob.name for blob in store.list(INBOX)]
    assert [name.split("/")[1] for name in names] == ["threats", "webhooks"]
    assert all(name.endswith(".ndjson") for name in names)


def test_requests_that_come_together_share_blobs(store: Store, tmp_path: Path) -> None:
    with opened(store, tmp_path) as inbox, ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda n: inbox.append("threats", [{"n": n}]), range(200)))
    assert numbers(store) == list(range(200))
    assert len(list(store.list(INBOX))) < 200


def test_tasks_of_a_loop_share_a_blob(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")

    async def push(inbox: Inbox) -> None:
        await asyncio.gather(*(inbox.submit_on_loop("threats", [{"n": n}]) for n in range(100)))

    with opened(store, tmp_path) as inbox:
        asyncio.run(push(inbox))
        assert numbers(store) == list(range(100))
    assert len(list(store.list(INBOX))) == 1


def test_what_comes_while_the_store_is_away_waits_on_the_disk_and_follows_in_order(
    flaky: Flaky, tmp_path: Path
) -> None:
    with opened(flaky, tmp_path) as inbox:
        flaky.away = True
        for n in range(5):
            inbox.append("threats", [{"n": n}])
        assert inbox.away
        assert kept(flaky) == []
        flaky.away = False
        wait_until(lambda: len(kept(flaky)) == 5)
        assert [row["n"] for row in kept(flaky)] == [0, 1, 2, 3, 4]
        wait_until(lambda: not inbox.away)
        inbox.append("threats", [{"n": 5}])
        assert numbers(flaky) == [0, 1, 2, 3, 4, 5]
    assert list((tmp_path / "spool").glob("*/*/*")) == []


def test_what_an_ended_process_left_in_the_spool_is_flushed_by_the_next(flaky: Flaky, tmp_path: Path) -> None:
    flaky.away = True
    with opened(flaky, tmp_path) as inbox:
        inbox.append("threats", [{"n": 1}])
    (tmp_path / "spool" / "inbox" / "threats" / "half.ndjson.part").write_bytes(b'{"n": 9')
    flaky.away = False
    assert kept(flaky) == []
    with opened(flaky, tmp_path):
        wait_until(lambda: numbers(flaky) == [1])


def test_what_a_killed_process_left_unfinished_is_forgotten_in_the_end(tmp_path: Path) -> None:
    old, new = (tmp_path / "spool" / "inbox" / "threats" / f"{name}.ndjson.part" for name in ("old", "new"))
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_bytes(b'{"n": 9')
    hours_ago = time.time() - 2 * ABANDONED_S
    os.utime(old, (hours_ago, hours_ago))
    spool = Spool(tmp_path / "spool", LIMIT)
    assert (old.exists(), new.exists(), spool.names()) == (False, True, [])


def test_a_full_spool_refuses_and_takes_again_when_it_is_flushed(flaky: Flaky, tmp_path: Path) -> None:
    with opened(flaky, tmp_path, limit=100) as inbox:
        flaky.away = True
        inbox.append("threats", [{"n": 1, "fill": "x" * 60}])
        with pytest.raises(InboxFull, match="FETTLE_SPOOL_LIMIT"):
            inbox.append("threats", [{"n": 2, "fill": "x" * 60}])
        flaky.away = False
        wait_until(lambda: not inbox.away)
        inbox.append("threats", [{"n": 3, "fill": "x" * 60}])
    assert numbers(flaky) == [1, 3]


def test_more_than_may_wait_in_memory_is_refused(flaky: Flaky, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.lake.inbox.WAITING_BYTES", 3_000)
    flaky.hanging.clear()
    with opened(flaky, tmp_path, write_limit_s=20) as inbox:
        waiting, refused = [], 0
        for n in range(40):
            try:
                waiting.append(inbox.submit("threats", [{"n": n, "fill": "x" * 400}]))
                time.sleep(0.01)
            except InboxFull:
                refused += 1
        assert refused
        flaky.hanging.set()
        for future in waiting:
            future.result(10)
        assert len(numbers(flaky)) == len(waiting) == 40 - refused


def test_a_store_that_hangs_is_given_up_and_nothing_is_twice_in_the_end(flaky: Flaky, tmp_path: Path) -> None:
    with opened(flaky, tmp_path, write_limit_s=0.3) as inbox:
        flaky.hanging.clear()
        began = time.monotonic()
        for n in range(4):
            inbox.append("threats", [{"n": n}])
        assert time.monotonic() - began < 2
        flaky.hanging.set()
        # What was under way arrives after all, and under the same name from the spool.
        wait_until(lambda: numbers(flaky) == [0, 1, 2, 3] and not inbox.away)


def test_an_endpoint_that_accepts_and_never_answers_is_given_up_within_five_seconds(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
        connection = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        store = AzureStore("fettle", connection_string=connection, patience=IMPATIENT)
        with opened(store, tmp_path) as inbox:
            began = time.monotonic()
            inbox.append("threats", [{"n": 1}])
            assert time.monotonic() - began < 5
            began = time.monotonic()
            inbox.append("threats", [{"n": 2}])
            assert time.monotonic() - began < 1
            assert inbox.away
    assert len(list((tmp_path / "spool").glob("*/*/*.ndjson"))) == 2


def test_a_closed_inbox_takes_nothing(store: Store, tmp_path: Path) -> None:
    with opened(store, tmp_path) as inbox:
        inbox.append("threats", [{"n": 1}])
    with pytest.raises(InboxFull, match="closed"):
        inbox.append("threats", [{"n": 2}])
