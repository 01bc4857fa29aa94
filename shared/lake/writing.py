"""What runs in the process that writes: it makes files durable that it is handed, tells so, and offers empty ones."""

import signal
import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import partial

from shared.lake.handing import READY, Answer, offer, packed, receive
from shared.lake.opening import open_inbox
from shared.lake.spool import InboxFull
from shared.lake.unnamed import UnnamedFile
from shared.observing.logs import set_up_logs
from shared.settings import Settings

SPARES = 3
"""Empty files that are offered at a time: one is filled while another is flushed."""


def write_on(settings: Settings, connection: socket.socket, spares: socket.socket) -> None:
    """Makes durable what comes on a connection, tells what became of it, and ends with it.

    spares: where empty files are offered. To begin one is a change of the disk, which may have to wait for a flush.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends us
    set_up_logs("inbox")
    inbox, turn = open_inbox(settings), threading.Lock()

    def answer(number: int, reason: str) -> None:
        with turn, suppress(OSError):  # whoever asked is gone, and what is written stays so
            connection.sendall(packed(Answer(number, inbox.away, inbox.spooled, reason)))

    def written(number: int, done: "Future[None]") -> None:
        error = done.exception()
        answer(number, "" if error is None else str(error) or type(error).__name__)
        begin_another()

    def begin_another() -> None:
        with suppress(OSError):  # whoever needs one begins it, and finds out why that cannot be
            offer(spares, UnnamedFile.begin(folder))

    folder = inbox.folder()
    spares.setblocking(False)
    for _ in range(SPARES):
        begin_another()
    answer(READY, "")
    with connection, spares:
        while handed := receive(connection):
            number, dataset, file = handed
            try:
                inbox.submit_lines(dataset, file).add_done_callback(partial(written, number))
            except InboxFull as error:
                answer(number, str(error))
                begin_another()
        inbox.close()
