"""A process that makes durable what is pushed, once that is more than a little; see ADR 0012.

In a thread of the process that answers, whoever writes takes Python's lock a dozen times for each blob, and when it has
to wait for a processor meanwhile, so has every answer: that costs a third of the deliveries. What waits for a disk or
a network is the other process's: it is handed a file that holds the lines, so that nobody copies them again. Until it
is ready, when it ends and when it hangs, the inbox writes by itself: nothing that was taken is ever in one place alone.
"""

import asyncio
import logging
import multiprocessing
import socket
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

from shared.lake.handing import READY, answer_in, offered, send
from shared.lake.inbox import ANSWER_WITHIN_S, GROUP_BYTES, Inbox
from shared.lake.spool import InboxFull
from shared.lake.unnamed import UnnamedFile, content
from shared.lake.waiting import Waiting, by_dataset, resolve
from shared.lake.writing import write_on
from shared.settings import Settings, split_store

BUSY = 50
"""Requests within a second from which on a process of its own is worth its memory (some 60 MB)."""

STALLED_S = 0.25
"""A process that writes to a disk of this machine and has told nothing for so long waits for it. The event loop keeps
off that disk then, since it would wait too, and everybody with it: the inbox's threads do."""

ENDED_PAUSE_S = 5.0
"""One that ended is not started again at once."""

END_WITHIN_S = 5.0

log = logging.getLogger(__name__)


Sockets = tuple[socket.socket, ...]
"""Of one side: for lines and what becomes of them, and for empty files."""


class Group(NamedTuple):
    """Lines of one dataset that become one blob: the file that holds them, and who waits for it."""

    file: UnnamedFile
    members: list[Waiting]


class WriterProcess(asyncio.Protocol):
    """See Elsewhere. For one event loop, whose thread calls everything but close.

    inbox: the one whose place is taken.
    """

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        self._settings, self._inbox = settings, inbox
        self._on_disk = split_store(settings.store)[0] == "file"
        self.away, self.spooled = False, 0
        self._spooled_before = 0
        self._process: BaseProcess | None = None
        self._starting: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._spares: socket.socket | None = None
        self._transport: asyncio.Transport | None = None
        self._folder = Path()
        self._ready, self._closing = False, False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._second, self._count, self._not_before = 0.0, 0, 0.0
        self._number = 0
        self._gathered: dict[str, Group] = {}
        self._sent: dict[int, tuple[float, list[Waiting]]] = {}
        self._heard = bytearray()

    # --- what the inbox calls

    def take(self, group: list[Waiting]) -> bool:
        """See Elsewhere."""
        if self._process is None and self._is_busy(len(group)):
            self._begin()
        if not self._ready or self._closing:
            return False
        if asyncio.get_running_loop() is not self._loop:
            return False
        waited_s = time.monotonic() - next(iter(self._sent.values()))[0] if self._sent else 0.0
        if waited_s > ANSWER_WITHIN_S:
            log.warning("The process that writes hangs; it is ended.")
            self._abandon()
            return False
        if waited_s > STALLED_S and self._on_disk:
            return False
        for dataset, members in by_dataset(group).items():
            if not self._gather(dataset, members):
                self._inbox.write(members)
        self._hand_over(self._inbox.writers)
        return True

    def _gather(self, dataset: str, members: list[Waiting]) -> bool:
        """Adds lines to the file that is handed over next; whether that is done."""
        try:
            group = self._gathered.get(dataset) or Group(self._begun(), [])
            group.file.append([content(waiting.lines) for waiting in members])
        except OSError as error:
            log.warning("What is pushed cannot be put into a file in %s: %s", self._folder, error)
            self._abandon()  # the file may end within a line
            return False
        group.members.extend(members)
        self._gathered[dataset] = group
        return True

    def _begun(self) -> UnnamedFile:
        """An empty file, of the other process if it has one: to begin it here may have everybody wait for the disk."""
        spare = offered(self._spares) if self._spares else None
        return UnnamedFile.begin(self._folder) if spare is None else spare

    def _hand_over(self, at_once: int) -> None:
        """Hands over what is gathered, as long as fewer groups than that are on their way.

        The others grow meanwhile, so that a slow store gets fewer and larger blobs; beyond GROUP_BYTES they go too.
        """
        for dataset, group in list(self._gathered.items()):
            if self._ready and self._socket and (len(self._sent) < at_once or len(group.file) > GROUP_BYTES):
                self._send(self._socket, dataset, self._gathered.pop(dataset))

    def _send(self, connection: socket.socket, dataset: str, group: Group) -> None:
        self._number += 1
        self._sent[self._number] = time.monotonic(), group.members
        try:
            send(connection, self._number, dataset, group.file)
        except OSError as error:  # it has ended, or reads nothing
            log.warning("The process that writes takes nothing: %s", error)
            self._abandon()
        group.file.close()

    def _abandon(self) -> None:
        """Ends the process; connection_lost then has the inbox write what was not told of."""
        self._ready = False
        if self._transport is not None:
            self._transport.abort()

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
            self._hand_over(sys.maxsize)
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
        ours, its = zip(socket.socketpair(), socket.socketpair(), strict=True)
        # Forked from a process with threads it might hang.
        self._process = multiprocessing.get_context("spawn").Process(
            target=write_on, args=(self._settings, *its), name="inbox", daemon=True
        )
        self._starting = threading.Thread(target=self._start, args=(loop, self._process, ours, its), name="inbox-start")
        self._starting.start()

    def _start(self, loop: asyncio.AbstractEventLoop, process: BaseProcess, ours: Sockets, its: Sockets) -> None:
        self._folder = self._inbox.folder()
        with suppress(RuntimeError):  # the loop has ended meanwhile
            try:
                with its[0], its[1]:
                    process.start()
            except OSError as error:  # no memory for it, or too many processes
                log.warning("The process that writes cannot be started (%s); the API writes by itself.", error)
                for one in ours:
                    one.close()
                loop.call_soon_threadsafe(self._reset)
            else:
                loop.call_soon_threadsafe(self._connect, ours)

    def _connect(self, ours: Sockets) -> None:
        # To send files and to get some, for which a transport has no words; it sends nothing itself.
        self._socket, self._spares = ours
        self._spares.setblocking(False)
        connecting = asyncio.get_running_loop().create_connection(lambda: self, sock=self._socket)
        self._connecting = asyncio.ensure_future(connecting)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The process is there; it says when it is ready."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        if self._closing:
            self._end()

    def connection_lost(self, _error: Exception | None) -> None:
        """The process has ended, or is to: what it has not told of is written here, maybe again; fold takes it once."""
        process = self._process
        left = [members for _, members in self._sent.values()] + [members for _, members in self._gathered.values()]
        self._reset()
        if process is not None and not self._closing:
            log.warning("The process that writes ended; it is started again when there is much to write.")
            process.kill()
        for members in left:
            self._inbox.write(members)

    def _reset(self) -> None:
        self._process, self._socket, self._transport, self._ready, self.away = None, None, None, False, False
        self._spooled_before, self._not_before = self.spooled, time.monotonic() + ENDED_PAUSE_S
        if self._spares is not None:
            self._spares.close()
            self._spares = None
        self._gathered.clear()
        self._sent.clear()
        self._heard.clear()

    # --- what it says

    def data_received(self, data: bytes) -> None:
        """Something is written, or not."""
        self._heard += data
        while (said := answer_in(self._heard)) is not None:
            self.away, self.spooled = said.away, self._spooled_before + said.spooled
            if said.number == READY:
                self._ready = True
            else:
                _, members = self._sent.pop(said.number)
                self._inbox.is_written(sum(len(waiting.lines) for waiting in members))
                resolve(members, InboxFull(said.reason) if said.reason else None)
        self._hand_over(self._inbox.writers)
