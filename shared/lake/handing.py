"""How lines are handed to the process that writes, and what it answers.

Lines go as the descriptor of a file that holds them: over a socket they would be copied twice more, once by another
processor.
"""

import socket
from struct import Struct
from typing import NamedTuple

from shared.lake.unnamed import UnnamedFile

READY = 0
"""The number of an answer that says that the process is ready."""

_HEAD = Struct("<QH")
"""Of lines: their number, the length of the dataset's name; then that."""

_ANSWER = Struct("<QBQH")
"""Number, whether the store is away, lines spooled so far, the length of the reason; then that."""

_LONGEST_REASON = 1_000


class Answer(NamedTuple):
    """What became of lines. reason: why they are not written; empty if they are."""

    number: int
    away: bool
    spooled: int
    reason: str


def send(connection: socket.socket, number: int, dataset: str, file: UnnamedFile) -> None:
    """Hands a file over, whose descriptor may be closed then. Raises OSError, at once where nobody reads."""
    name = dataset.encode()
    socket.send_fds(connection, [_HEAD.pack(number, len(name)), name], [file.descriptor])


def receive(connection: socket.socket) -> tuple[int, str, UnnamedFile] | None:
    """The next file with its number and dataset; None when the other side has ended."""
    head, files, _, _ = socket.recv_fds(connection, _HEAD.size, 1)
    if not head:
        return None
    number, length = _HEAD.unpack(head)  # a message so short comes whole
    return number, connection.recv(length).decode(), UnnamedFile(files[0])


def offer(connection: socket.socket, file: UnnamedFile) -> None:
    """Gives away an empty file that lines can be put into. Raises OSError, also where too many were offered before.

    connection: one that never blocks, as that of `offered`; what Python's call takes for flags it leaves out.
    """
    socket.send_fds(connection, [b"\0"], [file.descriptor])
    file.close()


def offered(connection: socket.socket) -> UnnamedFile | None:
    """A file that was offered; None if there is none at the moment. Raises OSError."""
    try:
        _, files, _, _ = socket.recv_fds(connection, 1, 1)
    except BlockingIOError:
        return None
    return UnnamedFile(files[0]) if files else None


def packed(answer: Answer) -> bytes:
    """An answer as it is sent."""
    reason = answer.reason.encode()[:_LONGEST_REASON]
    return _ANSWER.pack(answer.number, answer.away, answer.spooled, len(reason)) + reason


def answer_in(heard: bytearray) -> Answer | None:
    """Takes the first answer out of what was heard; None if it is not whole yet."""
    if len(heard) < _ANSWER.size:
        return None
    number, away, spooled, length = _ANSWER.unpack_from(heard)
    end = _ANSWER.size + length
    if len(heard) < end:
        return None
    reason = heard[_ANSWER.size : end].decode(errors="replace")  # it may end within a character
    del heard[:end]
    return Answer(number, bool(away), spooled, reason)
