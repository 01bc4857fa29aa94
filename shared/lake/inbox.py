"""The inbox: what is pushed is durable before it is acknowledged, and waits there to be folded into the tables.

Rows are lines of JSON in blobs `inbox/<dataset>/<utc>-<uuid>.ndjson`. Requests that come together share a write: while
one blob is written, those that arrive wait and become the next. When the store is slow or away, blobs go to the spool.
"""

import asyncio
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from shared.lake.courier import Courier
from shared.lake.spool import InboxFull, Spool
from shared.lake.store import Store, StoreError

INBOX = "inbox/"

WRITE_LIMIT_S = 2.5
"""A store that takes longer for a blob is away, and the spool takes over: nobody waits for more than twice this."""

GROUP_BYTES = 8_000_000
"""What one blob may hold, unless a single request brings more."""

WAITING_BYTES = 64_000_000
"""What may wait in memory; who brings more is told to come later."""

ANSWER_WITHIN_S = 4.5
"""Of an event loop's requests: what is not durable by then, as a disk hangs, is not acknowledged."""

LINGER_S = 0.001
"""How long a group of an event loop's requests stays open for more. Senders that wait for their answers fall into
step, and all are in one group anyway: longer, and nobody works meanwhile."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0
"""Between two tries to reach a store that is away."""

log = logging.getLogger(__name__)


WRITERS = 3
"""Groups written at a time: while the disk flushes one, the next is on its way."""


class _Waiting(NamedTuple):
    """Lines that wait to be written, and whoever waits for that: a thread, or a task of an event loop."""

    dataset: str
    lines: bytes
    written: "Future[None] | asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop | None = None


class Inbox:
    """Appends rows to the inbox of a store; safe to use from several threads. Threads start when first needed.

    spooled: lines that went to the spool since we began.
    """

    def __init__(self, store: Store, spool: Spool, write_limit_s: float = WRITE_LIMIT_S) -> None:
        self._spool = spool
        self._store, self._write_limit_s = store, write_limit_s
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._gathered: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        self._bytes = 0
        self._closing = False
        self._away = False
        self.spooled = 0
        self._to_flush, self._stop_flushing = threading.Event(), threading.Event()
        self._writers: list[threading.Thread] = []
        self._flusher: threading.Thread | None = None

    @property
    def away(self) -> bool:
        """Whether the store did not take the last blob, so that they go to the spool."""
        return self._away

    @property
    def spool_bytes(self) -> int:
        """Bytes that wait in the spool."""
        return self._spool.size

    def append(self, dataset: str, rows: Iterable[dict[str, Any]]) -> None:
        """Appends rows of a dataset (or of a kind of delivery that fold knows), and returns once they are durable.

        Raises InboxFull, and then they are not acknowledged.
        """
        self.submit(dataset, rows).result()

    def submit(self, dataset: str, rows: Iterable[dict[str, Any]]) -> "Future[None]":
        """As append, without waiting: the future is done once the rows are durable. Raises InboxFull."""
        written: Future[None] = Future()
        waiting = _Waiting(dataset, _lines(rows), written)
        self._take(len(waiting.lines))
        self._hand_over([waiting])
        return written

    def submit_on_loop(self, dataset: str, rows: Iterable[dict[str, Any]]) -> "asyncio.Future[None]":
        """As submit_lines, for rows."""
        return self.submit_lines(dataset, _lines(rows))

    def submit_lines(self, dataset: str, lines: bytes) -> "asyncio.Future[None]":
        """Appends lines of JSON for a task of the running event loop; after ANSWER_WITHIN_S it is told a TimeoutError.

        What comes within LINGER_S is handed over together, and its tasks are woken together: a thread that is woken
        for each takes a third of the time that it takes to answer.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._take(len(lines))
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            loop.call_later(LINGER_S, lambda: self._hand_over(self._gathered.pop(loop)))
            loop.call_later(ANSWER_WITHIN_S, _resolve, gathered, TimeoutError("It could not be stored in time."))
        gathered.append(_Waiting(dataset, lines, written, loop))
        return written

    def _take(self, size: int) -> None:
        """Makes sure that there is room for so many bytes. Raises InboxFull."""
        with self._changed:
            if self._closing:
                raise InboxFull("The inbox is closed, as the process ends; send it again later.")
            if self._bytes and self._bytes + size > WAITING_BYTES:
                raise InboxFull("More is pushed than can be stored; send it again later.")
            self._bytes += size

    def _hand_over(self, group: list[_Waiting]) -> None:
        with self._changed:
            if not self._writers:
                self._writers = [
                    threading.Thread(target=self._write_on, name=f"inbox-{n}", daemon=True) for n in range(WRITERS)
                ]
                for writer in self._writers:
                    writer.start()
            self._waiting.extend(group)
            self._changed.notify()

    def start(self) -> None:
        """Begins to flush what an earlier process left in the spool."""
        with self._changed:
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_on, name="spool", daemon=True)
                self._flusher.start()
        self._to_flush.set()

    def close(self) -> None:
        """Writes what waits, then ends; what is in the spool stays there for the next process."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._stop_flushing.set()
        self._to_flush.set()
        for thread in (*self._writers, self._flusher):
            if thread is not None:
                thread.join(2 * WRITE_LIMIT_S)

    # --- writing

    def _write_on(self) -> None:
        courier = Courier(self._store, self._write_limit_s)
        while (group := self._next_group()) is not None:
            by_dataset: dict[str, list[_Waiting]] = defaultdict(list)
            for waiting in group:
                by_dataset[waiting.dataset].append(waiting)
            for dataset, members in by_dataset.items():
                self._write(courier, dataset, members)

    def _next_group(self) -> list[_Waiting] | None:
        """What waits, as soon as something does; none if another writer took it, None when the inbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._closing and not self._waiting:
                return None
            size = taken = 0
            for waiting in self._waiting:
                if taken and size + len(waiting.lines) > GROUP_BYTES:
                    break
                size, taken = size + len(waiting.lines), taken + 1
            group, self._waiting = self._waiting[:taken], self._waiting[taken:]
            self._bytes -= size
        return group

    def _write(self, courier: Courier, dataset: str, members: list[_Waiting]) -> None:
        name = f"{INBOX}{dataset}/{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex}.ndjson"
        try:
            self._keep(courier, name, b"".join(waiting.lines for waiting in members))
        except Exception as error:
            if not isinstance(error, InboxFull):
                log.exception("The inbox could not be written.")
                error = InboxFull(f"What was pushed could not be stored ({type(error).__name__}); send it again later.")
            _tell(members, error)
        else:
            _tell(members, None)

    def _keep(self, courier: Courier, name: str, data: bytes) -> None:
        if not self._away:
            try:
                courier.send(name, data)
            except StoreError as error:
                log.warning("What is pushed goes to the spool in %s: %s", self._spool.folder, error)
                self._away = True
            else:
                return
        self._spool.keep(name, data)
        self.spooled += data.count(b"\n")
        self.start()

    # --- flushing the spool

    def _flush_on(self) -> None:
        pause_s, courier = FIRST_PAUSE_S, Courier(self._store, self._write_limit_s)
        while not self._stop_flushing.is_set():
            self._to_flush.wait()
            self._to_flush.clear()
            while not self._stop_flushing.is_set() and not self._flush(courier):
                self._stop_flushing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            pause_s = FIRST_PAUSE_S

    def _flush(self, courier: Courier) -> bool:
        """Hands the spool's blobs to the store, the oldest first; returns whether none is left."""
        with self._spool.turn() as ours:
            try:
                names = self._spool.names()
                for name in names if ours else ():
                    data = self._spool.read(name)
                    if self._stop_flushing.is_set():
                        return False
                    if data is not None:
                        courier.send(name, data)
                        self._away = False  # what comes now goes to the store, while the rest follows
                        self._spool.drop(name)
            except (StoreError, OSError) as error:
                log.info("The spool waits: %s", error)
                return False
        left = self._spool.recount()
        if not left:
            self._away = False
        return not left


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _tell(members: list[_Waiting], error: Exception | None) -> None:
    """Tells those who wait that it is written, or why not; each event loop is woken once."""
    loops: dict[asyncio.AbstractEventLoop | None, list[_Waiting]] = defaultdict(list)
    for waiting in members:
        loops[waiting.loop].append(waiting)
    for loop, group in loops.items():
        if loop is None:
            _resolve(group, error)
        else:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(_resolve, group, error)


def _resolve(group: list[_Waiting], error: Exception | None) -> None:
    for waiting in group:
        if waiting.written.done():  # given up
            continue
        if error is None:
            waiting.written.set_result(None)
        else:
            waiting.written.set_exception(error)
