"""The wire: HTTP/1.1 with keep-alive, and the ways in which a connection can fail."""

import contextlib
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Protocol

from tests.standins.github.answers import Answer
from tests.standins.github.faults import Wire


class Exchange(Protocol):
    """What the wire needs of the stand-in."""

    closing: threading.Event
    errors: list[str]

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[Answer, Wire]:
        """Answers one request."""


class Server(ThreadingHTTPServer):
    """One thread for each connection; closing drops the connections and waits for their threads."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, port: int, standin: Exchange) -> None:
        self.standin = standin
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.socket.getsockname()[1])

    def server_bind(self) -> None:
        """Without the look-up of the machine's name, which can take seconds."""
        TCPServer.server_bind(self)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remembers the connection, so that `drop_connections` can end it."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forgets the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """Ends what is open, idle or not; call it when no new connections are accepted."""
        for connection in tuple(self._open):
            # The other side may have been faster.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Clients may hang up at any time; anything else is a fault of the stand-in."""
        problem = sys.exception()
        if not isinstance(problem, ConnectionError):
            self.standin.errors.append(repr(problem))


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection and writes what the stand-in answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answers any method: which ones exist is not the wire's business."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer, wire = self.server.standin.exchange(self.command, self.path, headers, body)
        if wire is Wire.HUNG:
            self.server.standin.closing.wait()
            self.close_connection = True
        elif wire is Wire.RESET:
            self._reset()
        else:
            self._send(answer, truncated=wire is Wire.TRUNCATED)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silence: the stand-in keeps a log of its own."""

    def _send(self, answer: Answer, *, truncated: bool) -> None:
        body, headers = answer.body, {"server": "github.com", **answer.headers}
        if answer.status == 304:
            headers.pop("content-type", None)
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if truncated else body)
        self.close_connection = self.close_connection or truncated

    def _reset(self) -> None:
        # Lingering for zero seconds makes close send RST instead of FIN; the file has to be closed first,
        # because the socket stays open for as long as a file is made from it.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True
