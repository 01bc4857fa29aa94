"""The inbox: what is pushed is durable before it is acknowledged, and waits there to be folded into the tables.

Rows are lines of JSON in blobs `inbox/<dataset>/<utc>-<uuid>.ndjson`. Requests that come together share a write: while
one blob is written, those that arrive wait and become the next. When the store is slow or away, blobs go to the spool.
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from shared.lake.courier import Courier
from shared.lake.local import LocalStore
from shared.lake.spool import InboxFull, Spool
from shared.lake.store import Store, StoreError
from shared.lake.unnamed import Lines, can_be_named, content
from shared.lake.waiting import Waiting, by_dataset, lines_of, tell

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
"""Groups written at a time to a store behind a network: while one is on its way, the next is too. On a disk one is
best: two would each wait for the other's flush."""


class Elsewhere(Protocol):
    """Another process that writes what tasks of an event loop push.

    spooled, away: as an Inbox says of itself.
    """

    spooled: int
    away: bool

    def take(self, group: list[Waiting]) -> bool:
        """Takes lines over, or says that whoever asks has to write them."""

    def close(self) -> None:
        """Has all written that was taken over, then ends. Not for the event loop's own thread."""


class Inbox:
    """Appends rows to the inbox of a store; safe to use from several threads. Threads start when first needed.

    elsewhere: what may write in our place.  writers: groups written at a time.
    """

    elsewhere: Elsewhere | None = None

    def __init__(
        self, store: Store, spool: Spool, write_limit_s: float = WRITE_LIMIT_S, writers: int = WRITERS
    ) -> None:
        self._spool, self.writers = spool, writers
        self._store, self._write_limit_s = store, write_limit_s
        self._changed = threading.Condition()
        self._waiting: list[Waiting] = []
        self._gathered: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
        self._bytes = 0
        self._closing = False
        self._away = False
        self._spooled = 0
        self._to_flush, self._stop_flushing = threading.Event(), threading.Event()
        self._writers: list[threading.Thread] = []
        self._flusher: threading.Thread | None = None

    @property
    def away(self) -> bool:
        """Whether the store did not take the last blob, so that they go to the spool."""
        return self._away or (self.elsewhere is not None and self.elsewhere.away)

    @property
    def spooled(self) -> int:
        """Lines that went to the spool since we began."""
        return self._spooled + (self.elsewhere.spooled if self.elsewhere else 0)

    @property
    def spool_bytes(self) -> int:
        """Bytes that wait in the spool."""
        return self._spool.recount()  # other processes may have added or taken some

    def folder(self) -> Path:
        """Where files are begun that are to become blobs: on the store's own disk if they can be named there later."""
        if isinstance(self._store, LocalStore) and can_be_named(self._store.root):
            return self._store.root
        return self._spool.folder

    def append(self, dataset: str, rows: Iterable[dict[str, Any]]) -> None:
        """Appends rows of a dataset (or of a kind of delivery that fold knows), and returns once they are durable.

        Raises InboxFull, and then they are not acknowledged.
        """
        self.submit(dataset, rows).result()

    def submit(self, dataset: str, rows: Iterable[dict[str, Any]]) -> "Future[None]":
        """As append, without waiting: the future is done once the rows are durable. Raises InboxFull."""
        return self.submit_lines(dataset, lines_of(rows))

    def submit_lines(self, dataset: str, lines: Lines) -> "Future[None]":
        """As submit, for lines of JSON. A file that a local store can give a name is not copied."""
        written: Future[None] = Future()
        self._make_room(len(lines))
        self.write([Waiting(dataset, lines, written)])
        return written

    def submit_on_loop(self, dataset: str, rows: Iterable[dict[str, Any]]) -> "asyncio.Future[None]":
        """As submit_lines_on_loop, for rows."""
        return self.submit_lines_on_loop(dataset, lines_of(rows))

    def submit_lines_on_loop(self, dataset: str, lines: bytes) -> "asyncio.Future[None]":
        """Appends lines of JSON for a task of the running event loop; after ANSWER_WITHIN_S it is told a TimeoutError.

        What comes within LINGER_S is handed over together, and its tasks are woken together: a thread that is woken
        for each takes a third of the time that it takes to answer.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._make_room(len(lines))
        gathered = self._gathered.get(loop)
        if gathered is None:
            gathered = self._gathered[loop] = []
            loop.call_later(LINGER_S, self._hand_over, loop)
        gathered.append(Waiting(dataset, lines, written, loop))
        return written

    def _make_room(self, size: int) -> None:
        """Makes sure that there is room for so many bytes. Raises InboxFull."""
        with self._changed:
            if self._closing:
                raise InboxFull("The inbox is closed, as the process ends; send it again later.")
            if self._bytes and self._bytes + size > WAITING_BYTES:
                raise InboxFull("More is pushed than can be stored; send it again later.")
            self._bytes += size

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        group = self._gathered.pop(loop)
        # Of the futures alone, since by then the lines are to be long gone.
        loop.call_later(ANSWER_WITHIN_S, _give_up, [waiting.written for waiting in group])
        if self.elsewhere is None or not self.elsewhere.take(group):
            self.write(group)

    def write(self, group: list[Waiting]) -> None:
        """Writes lines for which room was made."""
        with self._changed:
            if not self._writers:
                self._writers = [
                    threading.Thread(target=self._write_on, name=f"inbox-{n}", daemon=True) for n in range(self.writers)
                ]
                for writer in self._writers:
                    writer.start()
            self._waiting.extend(group)
            self._changed.notify()

    def is_written(self, size: int) -> None:
        """Frees the room of so many bytes that were written elsewhere."""
        with self._changed:
            self._bytes -= size

    def start(self) -> None:
        """Begins to flush what an earlier process left in the spool."""
        with self._changed:
            if self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_on, name="spool", daemon=True)
                self._flusher.start()
        self._to_flush.set()

    def close(self) -> None:
        """Writes what waits, then ends; what is in the spool stays there for the next process."""
        if self.elsewhere is not None:
            self.elsewhere.close()
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
            for dataset, members in by_dataset(group).items():
                self._write(courier, dataset, members)

    def _next_group(self) -> list[Waiting] | None:
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

    def _write(self, courier: Courier, dataset: str, members: list[Waiting]) -> None:
        name = f"{INBOX}{dataset}/{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex}.ndjson"
        try:
            self._keep(courier, name, _together(members))
        except Exception as error:
            if not isinstance(error, InboxFull):
                log.exception("The inbox could not be written.")
                error = InboxFull(f"What was pushed could not be stored ({type(error).__name__}); send it again later.")
            tell(members, error)
        else:
            tell(members, None)

    def _keep(self, courier: Courier, name: str, lines: Lines) -> None:
        if not self._away:
            try:
                courier.send(name, lines)
            except StoreError as error:
                log.warning("What is pushed goes to the spool in %s: %s", self._spool.folder, error)
                self._away = True
            else:
                return
        data = content(lines)
        self._spool.keep(name, data)
        self._spooled += data.count(b"\n")
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


def _together(members: list[Waiting]) -> Lines:
    """Lines of one blob; those of one alone as they are."""
    return members[0].lines if len(members) == 1 else b"".join(content(waiting.lines) for waiting in members)


def _give_up(waiting: "list[Future[None] | asyncio.Future[None]]") -> None:
    for written in waiting:
        if not written.done():
            written.set_exception(TimeoutError("It could not be stored in time."))
