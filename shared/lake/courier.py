"""A courier: writes blobs to a store in a thread of its own, and is waited for only so long."""

import queue
import threading
from concurrent.futures import Future
from contextlib import suppress

from shared.lake.store import ABSENT, Conflict, Content, Store, StoreUnreachable


class Courier:
    """Writes one blob after the other, each of a name that nobody else uses.

    The thread is a daemon: a store that hangs keeps no process from ending.
    """

    def __init__(self, store: Store, limit_s: float) -> None:
        self._store, self._limit_s = store, limit_s
        self._tasks: queue.SimpleQueue[tuple[Future[None], str, Content]] = queue.SimpleQueue()
        self._hanging: Future[None] | None = None
        self._thread: threading.Thread | None = None

    def send(self, name: str, data: Content) -> None:
        """Writes a blob. Raises StoreError, after the limit at the latest; it may arrive after all then."""
        if self._hanging and not self._hanging.done():
            raise StoreUnreachable(f"{self._store.url} still does not answer.")
        self._hanging = None
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
            self._thread.start()
        sent: Future[None] = Future()
        self._tasks.put((sent, name, data))
        try:
            sent.result(self._limit_s)
        except TimeoutError:
            self._hanging = sent
            raise StoreUnreachable(f"{self._store.url} did not answer within {self._limit_s:g} s.") from None

    def _work(self) -> None:
        while True:
            sent, name, data = self._tasks.get()
            try:
                self._write(name, data)
            except Exception as error:  # noqa: BLE001 - whoever waits is told
                sent.set_exception(error)
            else:
                sent.set_result(None)

    def _write(self, name: str, data: Content) -> None:
        with suppress(Conflict):  # an earlier try of ours arrived after all: nobody else has that name
            self._store.write(name, data, ABSENT)
