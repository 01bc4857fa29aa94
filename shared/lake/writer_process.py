"""A process that writes what is pushed, once that is more than a little; see ADR 0012.

In a thread of the process that answers, whoever writes takes Python's lock a dozen times for each blob, and when it has
to wait for a processor meanwhile, so has every answer: that costs a third of the deliveries. Until the process is
ready, when it ends and when it hangs, the inbox writes by itself: nothing that was taken is ever in one place alone.
"""

import asyncio
import logging
import multiprocessing
import signal
import socket
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from struct import Struct
from typing import BinaryIO

from shared.lake.inbox import ANSWER_WITHIN_S, Inbox
from shared.lake.opening import open_inbox
from shared.lake.spool import InboxFull
from shared.lake.waiting import Waiting, by_dataset, resolve
from shared.observing.logs import set_up_logs
from shared.settings import Settings

BUSY = 50
"""Requests within a second from which on a process of its own is worth its memory (some 60 MB)."""

ENDED_PAUSE_S = 5.0
"""One that ended is not started again at once."""

END_WITHIN_S = 5.0

SOCKET_BYTES = 4_000_000
"""What may be on its way to the process; the system may allow less."""

_HEAD = Struct("<QHQ")
"""Of lines: their number, the length of the dataset's name, that of the lines; then both."""

_ANSWER = Struct("<QBBQH")
"""Their number, whether they are written, whether the store is away, lines spooled so far, the length of the reason why
not; then that. The number 0 says that the process is ready."""

log = logging.getLogger(__name__)


class WriterProcess(asyncio.Protocol):
    """See Elsewhere. For one event loop, whose thread calls everything but close.

    inbox: the one whose place is taken.
    """

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        self._settings, self._inbox = settings, inbox
        self.away, self.spooled = False, 0
        self._spooled_before = 0
        self._process: BaseProcess | None = None
        self._starting: threading.Thread | None = None
        self._transport: asyncio.Transport | None = None
        self._ready, self._closing = False, False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._second, self._count, self._not_before = 0.0, 0, 0.0
        self._number = 0
        self._sent: dict[int, tuple[float, list[Waiting]]] = {}
        self._heard = bytearray()

    # --- what the inbox calls

    def take(self, group: list[Waiting]) -> bool:
        """See Elsewhere."""
        if self._process is None and self._is_busy(len(group)):
            self._begin()
        if not self._ready or self._transport is None or self._closing:
            return False
        if asyncio.get_running_loop() is not self._loop:
            return False
        now = time.monotonic()
        if self._sent and now - next(iter(self._sent.values()))[0] > ANSWER_WITHIN_S:
            log.warning("The process that writes hangs; it is ended.")
            self._transport.abort()
            return False
        for dataset, members in by_dataset(group).items():
            self._number += 1
            self._sent[self._number] = now, members
            name, size = dataset.encode(), sum(len(waiting.lines) for waiting in members)
            head = _HEAD.pack(self._number, len(name), size)
            self._transport.write(b"".join((head, name, *(waiting.lines for waiting in members))))
        return True

    def close(self) -> None:
        """See Elsewhere."""
        self._closing = True
        process, loop = self._process, self._loop
        if process is None or loop is None or self._starting is None:
            return
        self._starting.join()
        if process.pid is None:  # it could not be started
            return
        with suppress(RuntimeError):  # its loop has ended
            loop.call_soon_threadsafe(self._end)
        process.join(END_WITHIN_S)
        if process.is_alive():
            process.kill()

    def _end(self) -> None:
        if self._transport is not None:
            self._transport.write_eof()  # what is written is still told

    # --- its beginning and end

    def _is_busy(self, more: int) -> bool:
        now = time.monotonic()
        if now - self._second > 1:
            self._second, self._count = now, 0
        self._count += more
        return self._count > BUSY and now >= self._not_before and not self._closing

    def _begin(self) -> None:
        self._loop = loop = asyncio.get_running_loop()
        ours, its = socket.socketpair()
        for end in (ours, its):
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                end.setsockopt(socket.SOL_SOCKET, option, SOCKET_BYTES)
        # Forked from a process with threads it might hang.
        self._process = multiprocessing.get_context("spawn").Process(
            target=write_on, args=(self._settings, its), name="inbox", daemon=True
        )
        self._starting = threading.Thread(target=self._start, args=(loop, self._process, ours, its), name="inbox-start")
        self._starting.start()

    def _start(
        self, loop: asyncio.AbstractEventLoop, process: BaseProcess, ours: socket.socket, its: socket.socket
    ) -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            try:
                with its:
                    process.start()
            except OSError as error:  # no memory for it, or too many processes
                log.warning("The process that writes cannot be started (%s); the API writes by itself.", error)
                ours.close()
                loop.call_soon_threadsafe(self._reset)
            else:
                loop.call_soon_threadsafe(self._connect, ours)

    def _connect(self, ours: socket.socket) -> None:
        self._connecting = asyncio.ensure_future(asyncio.get_running_loop().create_connection(lambda: self, sock=ours))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process is there; it says when it is ready."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        if self._closing:
            self._end()

    def connection_lost(self, _error: Exception | None) -> None:
        """The process has ended, or is to: what it has not told of is written here, maybe again; fold takes it once."""
        process, sent = self._process, list(self._sent.values())
        self._reset()
        if process is not None and not self._closing:
            log.warning("The process that writes ended; it is started again when there is much to write.")
            process.kill()
        for _, members in sent:
            self._inbox.write(members)

    def _reset(self) -> None:
        self._process, self._transport, self._ready, self.away = None, None, False, False
        self._spooled_before, self._not_before = self.spooled, time.monotonic() + ENDED_PAUSE_S
        self._sent.clear()
        self._heard.clear()

    # --- what it says

    def data_received(self, data: bytes) -> None:
        """Something is written, or not."""
        heard = self._heard
        heard += data
        while len(heard) >= _ANSWER.size:
            number, written, away, spooled, length = _ANSWER.unpack_from(heard)
            end = _ANSWER.size + length
            if len(heard) < end:
                return
            reason = heard[_ANSWER.size : end].decode(errors="replace")  # it may end within a character
            del heard[:end]
            self._ready, self.away, self.spooled = True, bool(away), self._spooled_before + spooled
            if number:
                _, members = self._sent.pop(number)
                self._inbox.is_written(sum(len(waiting.lines) for waiting in members))
                resolve(members, None if written else InboxFull(reason))


def write_on(settings: Settings, connection: socket.socket) -> None:
    """Writes what comes on a connection, tells what is written, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    set_up_logs("inbox")
    inbox, turn = open_inbox(settings), threading.Lock()

    def answer(number: int, reason: str | None) -> None:
        text = (reason or "").encode()[:1_000]
        said = _ANSWER.pack(number, reason is None, inbox.away, inbox.spooled, len(text)) + text
        with turn, suppress(OSError):  # whoever asked is gone, and what is written stays so
            connection.sendall(said)

    def written(number: int, done: "Future[None]") -> None:
        error = done.exception()
        answer(number, None if error is None else str(error))

    answer(0, None)
    with connection, connection.makefile("rb") as given:
        while lines := _next(given):
            number, dataset, data = lines
            try:
                inbox.submit_lines(dataset, data).add_done_callback(partial(written, number))
            except InboxFull as error:
                answer(number, str(error))
        inbox.close()


def _next(given: BinaryIO) -> tuple[int, str, bytes] | None:
    head = given.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    number, name, size = _HEAD.unpack(head)
    dataset, data = given.read(name).decode(), given.read(size)
    return (number, dataset, data) if len(data) == size else None
