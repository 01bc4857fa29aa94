"""A process of its own that writes what is pushed: it takes over under load, and what it leaves undone is not lost."""

import asyncio
import errno
import os
import signal
import time
from collections.abc import Callable, Coroutine
from multiprocessing.context import SpawnProcess
from pathlib import Path

import orjson
import pytest

from shared.lake.handing import offered
from shared.lake.inbox import ANSWER_WITHIN_S, INBOX, Inbox
from shared.lake.local import LocalStore
from shared.lake.opening import open_inbox, open_store
from shared.lake.spool import InboxFull
from shared.lake.unnamed import UnnamedFile
from shared.lake.waiting import Waiting
from shared.lake.writer_process import BUSY, STALLED_S, WriterProcess
from shared.settings import Settings
from tests.contract.conftest import named_store

PATIENCE_S = 30

Steps = Callable[[Inbox, "Watched"], Coroutine[None, None, None]]


class Watched(WriterProcess):
    """Notes how many lines it took."""

    taken = 0

    def take(self, group: list[Waiting]) -> bool:
        took = super().take(group)
        self.taken += len(group) if took else 0
        return took

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid
        return self._process.pid


def settings_of(folder: Path, **more: object) -> Settings:
    return Settings.model_validate({"FETTLE_STORE": f"file://{folder}/store", "FETTLE_CACHE": folder / "cache", **more})


def run(settings: Settings, steps: Steps) -> None:
    """Steps with an inbox on an event loop; then it is closed as the API closes it."""

    async def all_of_them() -> None:
        inbox = open_inbox(settings)
        inbox.elsewhere = process = Watched(settings, inbox)
        try:
            await steps(inbox, process)
        finally:
            await asyncio.to_thread(inbox.close)

    asyncio.run(all_of_them())


async def push(inbox: Inbox, numbers: range) -> list[BaseException | None]:
    """Pushes a row for each number, all at once; gives what each was told."""
    pushed = [inbox.submit_on_loop("threats", [{"n": n}]) for n in numbers]
    return list(await asyncio.gather(*pushed, return_exceptions=True))


async def busy(inbox: Inbox, process: Watched) -> int:
    """Pushes until the process takes over; gives the next number."""
    n, until = 0, time.monotonic() + PATIENCE_S
    while not process.taken:
        assert time.monotonic() < until
        assert set(await push(inbox, range(n, n + BUSY + 1))) == {None}
        n += BUSY + 1
        await asyncio.sleep(0.05)
    return n


def numbers(folder: Path) -> list[int]:
    store = LocalStore(folder / "store")
    return sorted(orjson.loads(line)["n"] for b in store.list(INBOX) for line in store.read(b.name)[0].splitlines())


def wait_for_the_end_of(pid: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture(params=["local", "azure"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return named_store(request, tmp_path)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, it is not taken for waiting for its disk."""
    monkeypatch.setattr("shared.lake.writer_process.STALLED_S", ANSWER_WITHIN_S)


def test_it_takes_over_under_load_and_all_is_durable_when_it_is_told(stored: dict[str, str], tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **stored)

    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        before = process.taken
        assert set(await push(inbox, range(n, n + 500))) == {None}
        assert process.taken == before + 500
        assert (inbox.away, inbox.spooled) == (False, 0)
        told.append(n + 500)

    told: list[int] = []
    run(settings, steps)
    store = open_store(settings)
    lines = [line for blob in store.list(INBOX) for line in store.read(blob.name)[0].splitlines()]
    assert sorted(orjson.loads(line)["n"] for line in lines) == list(range(told[0]))


def test_who_pushes_little_does_without(tmp_path: Path) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        assert set(await push(inbox, range(BUSY))) == {None}
        await asyncio.sleep(0.5)
        assert (process.taken, process._process) == (0, None)

    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(BUSY))


def test_when_it_is_killed_the_inbox_writes_what_it_had_not_told_of(tmp_path: Path) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        os.kill(process.pid, signal.SIGSTOP)  # so that it surely has not told of what comes now
        pid, pushed = process.pid, asyncio.ensure_future(push(inbox, range(n, n + 200)))
        await asyncio.sleep(0.1)
        assert not pushed.done()
        os.kill(pid, signal.SIGKILL)
        assert set(await pushed) == {None}
        assert set(await push(inbox, range(n + 200, n + 300))) == {None}
        told.append(n + 300)

    told: list[int] = []
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(told[0]))


def test_when_it_hangs_who_waits_is_told_in_time_and_others_are_served(tmp_path: Path) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        pid = process.pid
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        refused = await push(inbox, range(n, n + 10))
        assert time.monotonic() - began < ANSWER_WITHIN_S + 1
        assert {type(error) for error in refused} == {TimeoutError}
        assert set(await push(inbox, range(n + 10, n + 20))) == {None}
        told.append(n + 20)
        await asyncio.to_thread(wait_for_the_end_of, pid)

    told: list[int] = []
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(told[0]))  # what was refused may be stored all the same


def test_what_it_cannot_keep_is_refused_with_the_reason(tmp_path: Path) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        folder = tmp_path / "store" / "inbox" / "threats"
        folder.rename(tmp_path / "kept")
        folder.write_text("no folder")  # the store takes nothing more, and the spool has room for little
        pushed = await push(inbox, range(n, n + 1))
        assert pushed == [None]
        assert (inbox.away, inbox.spooled) == (True, 1)
        (refused,) = await asyncio.gather(
            inbox.submit_on_loop("threats", [{"n": -1, "text": "x" * 2_000}]), return_exceptions=True
        )
        assert isinstance(refused, InboxFull)
        assert "FETTLE_SPOOL_LIMIT" in str(refused)

    run(settings_of(tmp_path, FETTLE_SPOOL_LIMIT=1_000), steps)


def test_while_it_waits_for_its_disk_the_inbox_writes(tmp_path: Path) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        os.kill(process.pid, signal.SIGSTOP)
        on_its_way = asyncio.ensure_future(push(inbox, range(n, n + 10)))
        await asyncio.sleep(STALLED_S + 0.1)
        before = process.taken
        assert set(await push(inbox, range(n + 10, n + 20))) == {None}
        assert (process.taken, on_its_way.done()) == (before, False)
        os.kill(process.pid, signal.SIGCONT)
        assert set(await on_its_way) == {None}
        assert set(await push(inbox, range(n + 20, n + 30))) == {None}
        assert process.taken == before + 10
        told.append(n + 30)

    told: list[int] = []
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(told[0]))


def test_where_no_file_can_be_begun_for_it_the_inbox_writes(
    tmp_path: Path, patient: None, caplog: pytest.LogCaptureFixture
) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        pid = process.pid
        os.kill(pid, signal.SIGSTOP)  # so that a group is on its way and another one gathered
        pushed = [asyncio.ensure_future(push(inbox, range(n, n + 10)))]
        await asyncio.sleep(0.1)
        pushed.append(asyncio.ensure_future(push(inbox, range(n + 10, n + 20))))
        await asyncio.sleep(0.1)
        process._folder = tmp_path / "gone"
        assert process._spares
        while offered(process._spares) is not None:
            pass
        pushed.append(asyncio.ensure_future(push_threats_and_events(inbox, range(n + 20, n + 30))))
        assert {error for told in await asyncio.gather(*pushed) for error in told} == {None}
        told.append(n + 30)
        await asyncio.to_thread(wait_for_the_end_of, pid)

    async def push_threats_and_events(inbox: Inbox, wanted: range) -> list[BaseException | None]:
        pushed = [inbox.submit_on_loop(("threats", "activity_events")[n % 2], [{"n": n}]) for n in wanted]
        return list(await asyncio.gather(*pushed, return_exceptions=True))

    told: list[int] = []
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(told[0]))
    assert "cannot be put into a file" in caplog.text


def test_while_it_writes_lines_gather_for_the_next_blob(tmp_path: Path, patient: None) -> None:
    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        await asyncio.sleep(0.1)
        before = {blob.name for blob in LocalStore(tmp_path / "store").list(INBOX)}
        os.kill(process.pid, signal.SIGSTOP)
        pushed = []
        for first in range(n, n + 100, 10):
            pushed.append(asyncio.ensure_future(push(inbox, range(first, first + 10))))
            await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGCONT)
        assert {error for told in await asyncio.gather(*pushed) for error in told} == {None}
        new = {blob.name for blob in LocalStore(tmp_path / "store").list(INBOX)} - before
        assert len(new) == 2  # the first ten, and all others

    run(settings_of(tmp_path), steps)


def test_the_event_loop_begins_no_files_once_it_writes(
    tmp_path: Path, patient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    begin = UnnamedFile.begin

    def noted(folder: Path) -> UnnamedFile:
        begun.append(folder)
        return begin(folder)

    async def steps(inbox: Inbox, process: Watched) -> None:
        n = await busy(inbox, process)
        before = process.taken
        monkeypatch.setattr(UnnamedFile, "begin", noted)
        for first in range(n, n + 100, 5):
            assert set(await push(inbox, range(first, first + 5))) == {None}
        assert process.taken == before + 100
        told.append(n + 100)

    told: list[int] = []
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(told[0]))
    assert len(begun) < 5  # of twenty: to have one more at hand, the other process may need a moment


def test_where_it_cannot_be_started_the_inbox_writes_and_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_process: SpawnProcess) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    async def steps(inbox: Inbox, process: Watched) -> None:
        assert set(await push(inbox, range(BUSY + 1))) == {None}
        await asyncio.sleep(0.3)
        assert set(await push(inbox, range(BUSY + 1, 2 * BUSY))) == {None}
        assert process.taken == 0

    monkeypatch.setattr(SpawnProcess, "start", refuse)
    run(settings_of(tmp_path), steps)
    assert numbers(tmp_path) == list(range(2 * BUSY))
    assert "cannot be started" in caplog.text
