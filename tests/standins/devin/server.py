"""The stand-in itself: Devin's API on a socket of this machine."""

import ssl
import threading
import traceback
from dataclasses import replace
from email.utils import formatdate
from types import TracebackType
from typing import Self

from tests.standins.devin.state import State
from tests.standins.devin.views import refusal, view
from tests.standins.github.answers import Answer
from tests.standins.github.calls import Request
from tests.standins.github.faults import Effect, Faults, Wire
from tests.standins.github.log import Entry, RequestLog
from tests.standins.github.sockets import Server


class DevinStandin:
    """A Devin on 127.0.0.1, running from `start` (or `with`) to `close`.

    `base_path` is that of a gateway before it; with `tls` it speaks https.

    The faults are those of the GitHub stand-in, and those of `tests.standins.devin.faults`.
    """

    def __init__(self, state: State | None = None, *, base_path: str = "", tls: ssl.SSLContext | None = None) -> None:
        self.state = state or State()
        self.faults, self.log = Faults(), RequestLog()
        self.base_path = base_path
        self.errors: list[str] = []
        self.closing = threading.Event()
        self._server = Server(0, self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.port}{base_path}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="devin-standin")

    def start(self) -> Self:
        """Begins to answer."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stops, drops every connection, and waits for the threads."""
        self.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.drop_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self.errors and problem is None:
            raise AssertionError("the Devin stand-in failed:\n" + "\n".join(self.errors))

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[Answer, Wire]:  # noqa: ARG002
        """Answers one request from the wire, with the faults that strike it, and writes it into the log."""
        inside = target.startswith(f"{self.base_path}/")
        asked = Request.parse(method, target.removeprefix(self.base_path) if inside else f"/outside{target}", headers)
        self.log.begin()
        found, wire = refusal(500, "Internal Server Error"), Wire.SENT
        try:
            found, wire = self._outcome(asked)
        except Exception:  # noqa: BLE001 - a client must get an answer, and the test the whole story
            self.errors.append(traceback.format_exc())
        finally:
            self.log.end(_entry(asked, found, wire))
        return found, wire

    def _outcome(self, request: Request) -> tuple[Answer, Wire]:
        effects = self.faults.striking(request)
        for effect in effects:
            request = effect.before(request) if effect.before else request
        found = self._answer(request, effects)
        own = {
            "server": "devin",
            "content-type": "application/json",
            "date": formatdate(self.state.clock(), usegmt=True),
        }
        wire = next((effect.wire for effect in effects if effect.wire is not Wire.SENT), Wire.SENT)
        return replace(found, headers=own | found.headers), wire

    def _answer(self, request: Request, effects: list[Effect]) -> Answer:
        for effect in effects:
            if effect.instead:
                return effect.instead(self.state.clock())
        return view(self.state, request)


def _entry(request: Request, found: Answer, wire: Wire) -> Entry:
    return Entry(
        method=request.method,
        path=request.path,
        query=request.query,
        status=found.status if wire in (Wire.SENT, Wire.TRUNCATED) else None,
        conditional="if-none-match" in request.headers,
        bytes=len(found.body) if wire is Wire.SENT else 0,
        points=0,
        login=request.headers.get("authorization", "").removeprefix("Bearer "),
    )
