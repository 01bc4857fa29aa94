"""The inbox: what is pushed is durable before it is acknowledged, and waits there to be folded into the tables.

Rows are lines of JSON in blobs `inbox/<dataset>/<utc>-<uuid>.ndjson`. Requests that come together share a write: while
one blob is written, those that arrive wait and become the next. When the store is slow or away, blobs go to the spool.
"""

import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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

LINGER_S = 0.008
"""While requests come together, how long a group stays open for more; alone, nobody waits."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0
"""Between two tries to reach a store that is away."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Lines that wait to be written, and whoever waits for that."""

    dataset: str
    lines: bytes
    written: "Future[None]"


class Inbox:
    """Appends rows to the inbox of a store; safe to use from several threads. Threads start when first needed."""

    def __init__(self, store: Store, spool: Spool, write_limit_s: float = WRITE_LIMIT_S) -> None:
        self._spool = spool
        self._courier, self._second_courier = Courier(store, write_limit_s), Courier(store, write_limit_s)
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._bytes = 0
        self._closing = False
        self._away = False
        self._to_flush, self._stop_flushing = threading.Event(), threading.Event()
        self._writer: threading.Thread | None = None
        self._flusher: threading.Thread | None = None

    @property
    def away(self) -> bool:
        """Whether the store did not take the last blob, so that they go to the spool."""
        return self._away

    def append(self, dataset: str, rows: Iterable[dict[str, Any]]) -> None:
        """Appends rows of a dataset (or of a kind of delivery that fold knows), and returns once they are durable.

        Raises InboxFull, and then they are not acknowledged.
        """
        self.submit(dataset, rows).result()

    def submit(self, dataset: str, rows: Iterable[dict[str, Any]]) -> "Future[None]":
        """As append, without waiting: the future is done once the rows are durable. Raises InboxFull."""
        lines = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
        return self.submit_lines(dataset, lines)

    def submit_lines(self, dataset: str, lines: bytes) -> "Future[None]":
        """As submit, of whole lines of JSON."""
        waiting = _Waiting(dataset, lines, Future())
        with self._changed:
            if self._closing:
                raise InboxFull("The inbox is closed, as the process ends; send it again later.")
            if self._bytes + len(lines) > WAITING_BYTES and self._waiting:
                raise InboxFull("More is pushed than can be stored; send it again later.")
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="inbox", daemon=True)
                self._writer.start()
            self._waiting.append(waiting)
            self._bytes += len(lines)
            self._changed.notify()
        return waiting.written

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
            self._changed.notify()
        self._stop_flushing.set()
        self._to_flush.set()
        for thread in (self._writer, self._flusher):
            if thread is not None:
                thread.join(2 * WRITE_LIMIT_S)

    # --- writing

    def _write_on(self) -> None:
        together = False
        while group := self._next_group(linger=together):
            together = len(group) > 1
            by_dataset: dict[str, list[_Waiting]] = defaultdict(list)
            for waiting in group:
                by_dataset[waiting.dataset].append(waiting)
            for dataset, members in by_dataset.items():
                self._write(dataset, members)

    def _next_group(self, *, linger: bool) -> list[_Waiting]:
        """What waits, as soon as something does; nothing when the inbox is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
        if linger and not self._closing:
            time.sleep(LINGER_S)
        with self._changed:
            size = taken = 0
            for waiting in self._waiting:
                if taken and size + len(waiting.lines) > GROUP_BYTES:
                    break
                size, taken = size + len(waiting.lines), taken + 1
            group, self._waiting = self._waiting[:taken], self._waiting[taken:]
            self._bytes -= size
        return group

    def _write(self, dataset: str, members: list[_Waiting]) -> None:
        name = f"{INBOX}{dataset}/{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex}.ndjson"
        try:
            self._keep(name, b"".join(waiting.lines for waiting in members))
        except Exception as error:
            if not isinstance(error, InboxFull):
                log.exception("The inbox could not be written.")
                error = InboxFull(f"What was pushed could not be stored ({type(error).__name__}); send it again later.")
            for waiting in members:
                waiting.written.set_exception(error)
        else:
            for waiting in members:
                waiting.written.set_result(None)

    def _keep(self, name: str, data: bytes) -> None:
        if not self._away:
            try:
                self._courier.send(name, data)
            except StoreError as error:
                log.warning("What is pushed goes to the spool in %s: %s", self._spool.folder, error)
                self._away = True
            else:
                return
        self._spool.keep(name, data)
        self.start()

    # --- flushing the spool

    def _flush_on(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stop_flushing.is_set():
            self._to_flush.wait()
            self._to_flush.clear()
            while not self._stop_flushing.is_set() and not self._flush():
                self._stop_flushing.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            pause_s = FIRST_PAUSE_S

    def _flush(self) -> bool:
        """Hands the spool's blobs to the store, the oldest first; returns whether none is left."""
        with self._spool.turn() as ours:
            try:
                names = self._spool.names()
                for name in names if ours else ():
                    data = self._spool.read(name)
                    if self._stop_flushing.is_set():
                        return False
                    if data is not None:
                        self._second_courier.send(name, data)
                        self._away = False  # what comes now goes to the store, while the rest follows
                        self._spool.drop(name)
            except (StoreError, OSError) as error:
                log.info("The spool waits: %s", error)
                return False
        left = self._spool.recount()
        if not left:
            self._away = False
        return not left
