"""Runner: has `python -m backend collect` run in a process of its own, one at a time whoever asks."""

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from shared.collecting.asked import INTERRUPTED, REMEMBERED, Asked, Collecting, Started
from shared.errors import FettleError
from shared.lake.documents import Document, read_document, update_document
from shared.lake.store import Store, StoreError

ROOT = Path(__file__).parents[2]

DOCUMENT = "collecting"
"""The state document that says which collection runs; it is the lock as well."""

BEAT_S = 5.0
"""How often the document is told what a collection has printed, and asked whether somebody wants it to end."""

LIFE = timedelta(minutes=2)
"""Who has not been heard of for so long runs no more."""

GRACE_S = 7.0
"""How long a collection that is told to end may take to write what it has read, before it is killed."""

PATIENCE_S = 60.0
"""The same where nothing but a person waits for its end."""

KILLED = "It did not end in time and was killed; what was written by then is kept, and the next collection goes on."

LINES, LONGEST_LINE, TAIL_BYTES = 20, 500, 20_000
"""What is kept of what it printed."""

log = logging.getLogger(__name__)


class AlreadyCollecting(FettleError):
    """Another collection runs."""

    def __init__(self, running: Collecting) -> None:
        what = f"A {running.kind} that {running.by} started at {running.started_at:%H:%M} UTC still runs"
        super().__init__(f"{what}; wait for its end.")
        self.running = running


@dataclass
class _Child:
    """The process of one collection, which the thread that has started it waits for."""

    started: Collecting
    output: IO[bytes]
    process: "subprocess.Popen[bytes] | None" = None
    told_to_end_at: float | None = None
    killed: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes] | None":
        """Starts the process, unless it was told to end by then."""
        with self.lock:
            if self.told_to_end_at is None:
                self.process = subprocess.Popen(  # noqa: S603 - a list of words, whose names were checked
                    command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=subprocess.STDOUT, env=environment
                )
            return self.process

    def end(self) -> None:
        """Tells the process to end; once, as a second signal would cut short what it writes at its end."""
        with self.lock:
            if self.told_to_end_at is None:
                self.told_to_end_at = time.monotonic()
                if self.process is not None:
                    self.process.terminate()

    def kill_if_late(self) -> None:
        """Ends it at once if it was told to end long ago."""
        if self.told_to_end_at is not None and time.monotonic() - self.told_to_end_at > PATIENCE_S:
            self.kill()

    def kill(self) -> None:
        """Ends it at once."""
        if self.process is not None:
            self.killed = True
            self.process.kill()

    def tail(self) -> tuple[str, ...]:
        """The last lines that it has printed by now."""
        file = self.output.fileno()
        size = os.fstat(file).st_size
        # Read at a place, not by seeking: the process writes where this file's position is, which it shares.
        text = os.pread(file, TAIL_BYTES, max(0, size - TAIL_BYTES)).decode("utf-8", "replace")
        lines = text.splitlines()
        kept = [line[:LONGEST_LINE] for line in lines if line.strip()]
        return tuple([*kept, KILLED] if self.killed else kept)[-LINES:]


class Runner:
    """Starts collections for the people and programs that ask; safe to use from several threads.

    The process inherits our environment, so it has the same settings. While it runs, a state document says so, which
    keeps other replicas from starting another one; it expires if we are killed, and Linux then ends the process too.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store, self._clock = store, clock
        self._child: tuple[_Child, threading.Thread] | None = None
        self._closed = False

    def started(self) -> Started:
        """Which collection runs, and those that ended last. Raises StoreError."""
        return Started.of(read_document(self._store, DOCUMENT), self._clock())

    def start(self, asked: Asked, by: str) -> Collecting:
        """Starts a collection and returns it at once. by: who asked. Raises AlreadyCollecting or StoreError."""
        now = self._clock()
        begun = Collecting(**asked.model_dump(), id=uuid.uuid4().hex, by=by, started_at=now, alive_until=now + LIFE)

        def take(document: Document) -> Document:
            known = Started.of(document, now)
            if known.running is not None:
                raise AlreadyCollecting(known.running)
            return Started(running=begun, ended=known.ended).model_dump(mode="json")

        update_document(self._store, DOCUMENT, take)
        child = _Child(begun, tempfile.TemporaryFile())  # noqa: SIM115 - its thread closes it
        # Linux ends the process with the thread that has started it, so that thread has to last as long.
        thread = threading.Thread(target=self._run, args=(child,), name="collecting", daemon=True)
        self._child = (child, thread)
        thread.start()
        if self._closed:
            self.close()
        return begun

    def stop(self, by: str) -> Collecting | None:
        """Has the collection that runs end, whichever replica has started it, and returns it; None if none does.

        It ends within seconds, with what it has read. by: who wants it to. Raises StoreError.
        """
        now = self._clock()

        def mark(document: Document) -> Document:
            known = Started.of(document, now)
            if known.running is None or known.running.stopped_by is not None:
                return document
            told = known.running.model_copy(update={"stopped_by": by})
            return known.model_copy(update={"running": told}).model_dump(mode="json")

        running = Started.of(update_document(self._store, DOCUMENT, mark), now).running
        if running is not None and self._child is not None and self._child[0].started.id == running.id:
            self._child[0].end()
        return running

    def close(self) -> None:
        """Tells a collection that runs to end, and waits until it has written what it has read."""
        self._closed = True
        if self._child is None:
            return
        child, thread = self._child
        child.end()
        thread.join(GRACE_S)
        if thread.is_alive():
            child.kill()
            thread.join(1)

    def _run(self, child: _Child) -> None:
        code = INTERRUPTED
        lines: tuple[str, ...] = ("It was told to end before it began.",)
        try:
            process = child.begin(_command(child.started), _environment())
            if process is not None:
                code, lines = self._wait(process, child), child.tail()
                code = INTERRUPTED if child.killed else code
        except OSError:
            code, lines = 1, ("It could not be started; the server's log says why.",)
            log.exception("A collection could not be started.")
        with child.output:
            self._keep(child.started.ended(code, lines, self._clock()))

    def _wait(self, process: "subprocess.Popen[bytes]", child: _Child) -> int:
        while True:
            try:
                return process.wait(BEAT_S)
            except subprocess.TimeoutExpired:
                child.kill_if_late()
                if self._beat(child.started, child.tail()):
                    child.end()

    def _beat(self, started: Collecting, lines: tuple[str, ...]) -> bool:
        """Says that the collection still runs and what it has printed; returns whether somebody wants it to end."""
        news = {"alive_until": self._clock() + LIFE, "lines": lines}

        def prolong(document: Document) -> Document:
            known = Started.model_validate(document)
            if known.running is None or known.running.id != started.id:
                return document
            running = known.running.model_copy(update=news)
            return known.model_copy(update={"running": running}).model_dump(mode="json")

        try:
            kept = Started.model_validate(update_document(self._store, DOCUMENT, prolong)).running
        except StoreError as error:
            log.warning("That a collection runs could not be noted: %s", error)
            return False
        return kept is not None and kept.id == started.id and kept.stopped_by is not None

    def _keep(self, ended: Collecting) -> None:
        """Notes what became of it."""
        level = logging.INFO if ended.status == "done" else logging.WARNING
        log.log(level, "A %s started by %s is %s: %s", ended.kind, ended.by, ended.status, ended.lines[-1:])

        def change(document: Document) -> Document:
            known = Started.model_validate(document)
            others = tuple(one for one in known.ended if one.id != ended.id)
            running, told = known.running, ended
            if running is not None and running.id == ended.id:
                told, running = ended.model_copy(update={"stopped_by": running.stopped_by}), None
            return Started(running=running, ended=(told, *others)[:REMEMBERED]).model_dump(mode="json")

        try:
            update_document(self._store, DOCUMENT, change)
        except StoreError as error:
            log.warning("What became of a collection could not be noted: %s", error)


def _command(asked: Asked) -> list[str]:
    return [sys.executable, "-m", "backend.child", str(os.getpid()), *asked.arguments()]


def _environment() -> dict[str, str]:
    """Ours, and where the project is: the working directory is whatever ours is."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "FETTLE_LOG_FORMAT": "text"}
