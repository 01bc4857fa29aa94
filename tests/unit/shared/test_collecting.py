"""Collections in a process of their own: one at a time, and what became of each is kept."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backend import child
from backend.collect.progress import Lines
from shared.collecting import runner as module
from shared.collecting.asked import LOST, REMEMBERED, Asked, Collecting, Started
from shared.collecting.runner import DOCUMENT, KILLED, LIFE, LINES, AlreadyCollecting, Runner
from shared.lake.documents import read_document, update_document
from shared.lake.local import LocalStore
from tests.conftest import NOW

POLL = Asked(kind="poll", orgs=("acme",))
PATIENCE_S = 20


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def runs(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Runner]]:
    """Makes runners whose collections are a line of Python."""
    made: list[Runner] = []

    def make(line: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Runner:
        monkeypatch.setattr(module, "_command", lambda _: [sys.executable, "-S", "-c", line])
        made.append(Runner(store, clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


def ended(runner: Runner) -> Collecting:
    """The newest collection, when it has ended."""
    for thread in threading.enumerate():
        if thread.name == "collecting":
            thread.join(PATIENCE_S)
    found = runner.started()
    assert found.running is None
    return found.ended[0]


WAITS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
time.sleep(60)
"""


DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""

COUNTS = """
import time
for number in range(1000):
    print(f"[{number}/1000] acme/web: alerts", flush=True)
    time.sleep(0.01)
time.sleep(60)
"""


def printed(runner: Runner) -> tuple[str, ...]:
    """What the collection has printed that runs."""
    running = runner.started().running
    return running.lines if running else ()


def soon(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)


def test_each_value_is_one_word_of_the_command() -> None:
    asked = Asked(
        kind="backfill", orgs=("acme",), repos=("a/b", "a/c"), datasets=("scans",), since=date(2026, 1, 2), full=True
    )
    assert asked.arguments() == [
        *("collect", "--org=acme", "--repo=a/b", "--repo=a/c", "--only=scans", "--since=2026-01-02", "--full"),
    ]


@pytest.mark.parametrize(
    ("code", "status"), [(0, "done"), (2, "partial"), (1, "failed"), (130, "stopped"), (78, "failed")]
)
def test_the_exit_code_says_how_it_ended(runs: Callable[..., Runner], code: int, status: str) -> None:
    runner = runs(f"import sys; print('fettle: so it is.'); sys.exit({code})")
    begun = runner.start(POLL, "kim")
    assert (begun.status, begun.by, begun.finished_at) == ("running", "kim", None)
    done = ended(runner)
    assert (done.id, done.status, done.exit_code, done.lines) == (begun.id, status, code, ("fettle: so it is.",))
    assert done.finished_at is not None


def test_the_last_lines_are_kept_and_no_more(runs: Callable[..., Runner], store: LocalStore) -> None:
    runner = runs("print('x' * 100_000); [print(n, 'y' * 9_000) for n in range(100)]; print(b'end'.decode())")
    runner.start(POLL, "kim")
    lines = ended(runner).lines
    assert lines[-1] == "end"
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= 500


def test_only_the_newest_are_remembered(runs: Callable[..., Runner], store: LocalStore) -> None:
    runner = runs("print('so')")
    first = runner.start(POLL, "kim")
    known = ended(runner).model_dump(mode="json")
    update_document(store, DOCUMENT, lambda _: {"running": None, "ended": [known] * REMEMBERED})
    runner.start(POLL, "kim")
    assert ended(runner).id != first.id
    assert len(runner.started().ended) == REMEMBERED


def test_another_replica_starts_none_while_one_runs(runs: Callable[..., Runner], store: LocalStore) -> None:
    first, second = runs(WAITS), runs(WAITS)
    begun = first.start(POLL, "kim")
    with pytest.raises(
        AlreadyCollecting, match=r"^A poll that kim started at \d\d:\d\d UTC still runs; wait for its end"
    ):
        second.start(Asked(kind="refresh", repos=("a/b",)), "ada")
    running = second.started().running
    assert running is not None
    assert running.id == begun.id


def test_any_replica_stops_what_runs(runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    monkeypatch.setattr(module, "GRACE_S", PATIENCE_S)
    first, second = runs(WAITS), runs(WAITS)
    assert second.stop("ada") is None, "nothing runs"
    begun = first.start(POLL, "kim")
    told = second.stop("ada")
    assert told is not None
    assert (told.id, told.stopped_by) == (begun.id, "ada")
    done = ended(second)
    assert (done.id, done.status, done.stopped_by) == (begun.id, "stopped", "ada")
    assert second.stop("ada") is None


def test_who_has_started_it_stops_it_at_once_and_the_first_who_asked_is_named(
    runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 3_600.0)
    runner = runs(WAITS)
    runner.start(POLL, "kim")
    runner.stop("ada")
    runner.stop("kim")
    done = ended(runner)
    assert (done.status, done.stopped_by) == ("stopped", "ada")


def test_one_that_ends_not_when_somebody_stops_it_is_killed(
    runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    runner = runs(DEAF)
    runner.start(POLL, "kim")
    soon(lambda: printed(runner) == ("deaf",))
    runner.stop("kim")
    done = ended(runner)
    assert (done.status, done.lines[-1]) == ("stopped", KILLED)


def test_what_it_prints_is_told_while_it_runs(runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    runner = runs(COUNTS)
    runner.start(POLL, "kim")
    soon(lambda: len(printed(runner)) >= 3)
    running = runner.started().running
    assert running is not None
    assert running.progress == (int(running.lines[-1][1:].partition("/")[0]), 1000)
    runner.stop("kim")
    numbers = [int(line[1:].partition("/")[0]) for line in ended(runner).lines]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "none was lost by reading meanwhile"


def test_progress_is_read_from_what_a_collection_prints() -> None:
    printed = io.StringIO()
    lines = Lines(printed)
    begun = Collecting(kind="poll", id="1", by="kim", started_at=NOW, alive_until=NOW)
    assert begun.progress is None
    lines.expect(12)
    lines.done("acme/web: workflow_runs")
    lines.done("acme/web: alerts", "3 rows")
    lines.say("Waiting for GitHub.")
    told = begun.model_copy(update={"lines": tuple(printed.getvalue().splitlines())})
    assert told.progress == (2, 12)


def test_what_ends_ends_its_collection_in_good_order(runs: Callable[..., Runner]) -> None:
    runner = runs(WAITS)
    runner.start(POLL, "kim")
    runner.close()
    assert runner.started().ended[0].status == "stopped"
    assert not [thread for thread in threading.enumerate() if thread.name == "collecting"]


def test_a_collection_that_ends_not_is_killed(runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_S", 0.3)
    runner = runs(DEAF)
    runner.start(POLL, "kim")
    runner.close()
    assert ended(runner).status == "stopped"


def test_one_that_is_not_heard_of_runs_no_more(store: LocalStore, runs: Callable[..., Runner]) -> None:
    lost = Collecting(kind="poll", id="1", by="kim", started_at=NOW, alive_until=NOW + LIFE)
    update_document(store, DOCUMENT, lambda _: Started(running=lost).model_dump(mode="json"))
    in_time, too_late = runs("", lambda: NOW + LIFE / 2), runs("", lambda: NOW + LIFE + timedelta(seconds=1))
    with pytest.raises(AlreadyCollecting):
        in_time.start(POLL, "ada")
    assert too_late.started().ended[0].lines == (LOST,)
    too_late.start(POLL, "ada")
    assert ended(too_late).by == "ada"
    assert [one.by for one in too_late.started().ended] == ["ada", "kim"]


def test_it_is_heard_of_while_it_runs(
    store: LocalStore, runs: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.05)
    beats = threading.Event()
    calls: list[datetime] = []

    def clock() -> datetime:
        calls.append(NOW + timedelta(minutes=len(calls)))
        if len(calls) > 5:
            beats.set()
        return calls[-1]

    runner = runs(WAITS, clock)
    begun = runner.start(POLL, "kim")
    assert beats.wait(PATIENCE_S)
    kept = read_document(store, DOCUMENT)["running"]
    assert datetime.fromisoformat(kept["alive_until"]) > begun.alive_until


def test_what_cannot_be_started_is_told(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_command", lambda _: ["/no/such/program"])
    runner = Runner(store)
    runner.start(POLL, "kim")
    done = ended(runner)
    assert (done.status, done.lines) == ("failed", ("It could not be started; the server's log says why.",))
    assert "A collection could not be started." in caplog.text


def test_a_child_whose_parent_is_gone_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(sys, "platform", "elsewhere")
    assert child.main(1, ["collect", "--org=acme"]) == child.ORPHANED


def test_a_signal_in_its_first_moments_is_a_stop() -> None:
    begun = Collecting(kind="poll", id="1", by="kim", started_at=NOW, alive_until=NOW)
    assert begun.ended(-signal.SIGTERM, (), NOW).status == "stopped"
    assert begun.ended(-signal.SIGKILL, (), NOW).status == "failed"
