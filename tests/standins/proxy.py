"""A forward proxy on loopback: tunnels (CONNECT) and whole addresses, counted, with or without a password."""

import contextlib
import http.client
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy(ThreadingHTTPServer):
    """Leads everything, whatever host it names, to one port of this machine; `seen` is what it was asked for.

    credentials: `user:password` that it wants; refusal: a status with which it refuses every tunnel.
    """

    daemon_threads = False

    def __init__(self, behind: int, credentials: str | None = None, refusal: int | None = None) -> None:
        self.behind, self.refusal = behind, refusal
        self.expected = f"Basic {b64encode(credentials.encode()).decode()}" if credentials else None
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        """`127.0.0.1:port`."""
        return f"127.0.0.1:{self.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serves until the end of the block."""
        thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="proxy")
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.socket.close()  # the threads end when the clients hang up


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_CONNECT(self) -> None:
        if not self._admitted():
            return
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            there = threading.Thread(target=_pump, args=(self.connection, behind))
            there.start()
            _pump(behind, self.connection)
            there.join()
        self.close_connection = True

    def do_GET(self) -> None:
        if not self._admitted():
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=10)
        behind.request(
            self.command, f"{parts.path}?{parts.query}" if parts.query else parts.path, body, dict(self.headers)
        )
        answer = behind.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        behind.close()

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence: `seen` says it all."""

    def _admitted(self) -> bool:
        self.server.seen.append(f"{self.command} {self.path}")
        refusal = self.server.refusal
        if self.server.expected not in (None, self.headers.get("proxy-authorization")):
            refusal = 407
        if refusal is not None:
            self.send_response_only(refusal)
            self.send_header("content-length", "0")
            self.end_headers()
        return refusal is None


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side may hang up at any time
        while piece := source.recv(65_536):
            sink.sendall(piece)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
