"""The stand-in itself: GitHub's REST API on a socket of this machine."""

import ssl
import threading
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self

from tests.standins.github.answers import Answer, error
from tests.standins.github.calls import Request
from tests.standins.github.desk import Desk
from tests.standins.github.examples import DATA
from tests.standins.github.faults import Effect, Faults, Wire
from tests.standins.github.log import Entry, RequestLog
from tests.standins.github.oauth import PREFIX as SIGN_IN
from tests.standins.github.oauth import OAuth
from tests.standins.github.side_door import PREFIX, at_side_door
from tests.standins.github.sockets import Server
from tests.standins.github.state import State
from tests.standins.github.tokens import ANONYMOUS, Token

TOKEN = "ghp_standin"


class GitHubStandin:
    """A GitHub on 127.0.0.1, running from `start` (or `with`) to `close`.

    `port` 0 takes a free one; `base_path` is GHES's `/api/v3`; `latency_s` passes before every answer; with
    `tls` it speaks https;
    `state` is empty unless given, and knows the token `TOKEN`, which may read everything.
    """

    def __init__(
        self,
        state: State | None = None,
        *,
        data: Path = DATA,
        port: int = 0,
        base_path: str = "",
        latency_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.state = state or State(data)
        self.state.tokens.known.setdefault(TOKEN, Token(TOKEN))
        self.token = TOKEN
        self.faults, self.log = Faults(), RequestLog()
        self.base_path, self.latency_s = base_path.rstrip("/"), latency_s
        self.errors: list[str] = []
        self.closing = threading.Event()
        self._server = Server(port, self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.port
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}{self.base_path}"
        self.desk = Desk(self.state, self.url)
        self.oauth = OAuth(self.state.tokens)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="github-standin")

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
            raise AssertionError("the GitHub stand-in failed:\n" + "\n".join(self.errors))

    def exchange(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> tuple[Answer, Wire]:
        """Answers one request from the wire, with the faults that strike it, and writes it into the log."""
        if target.startswith(SIGN_IN):
            return self.oauth.answer(method, target, body), Wire.SENT
        if target.startswith(PREFIX):
            return at_side_door(self.state, self.log, method, target), Wire.SENT
        request = Request.parse(method, self._inside(target), headers)
        self.log.begin()
        outcome = Outcome(error(500, "Internal Server Error"), ANONYMOUS)
        try:
            sleep(self.latency_s)
            outcome = self._outcome(request)
        except Exception:  # noqa: BLE001 - a client must get an answer, and the test the whole story
            self.errors.append(traceback.format_exc())
        finally:
            self.log.end(outcome.entry(request))
        return outcome.answer, outcome.wire

    def _outcome(self, request: Request) -> "Outcome":
        effects = self.faults.striking(request)
        for effect in effects:
            request = effect.before(request) if effect.before else request
        found, token, points = self._answer(request, effects)
        for effect in effects:
            found = effect.after(found, self.state.clock()) if effect.after else found
        found = found.accepted_by(request.headers.get("accept-encoding", ""))
        wire = next((effect.wire for effect in effects if effect.wire is not Wire.SENT), Wire.SENT)
        return Outcome(found, token, points, wire)

    def _answer(self, request: Request, effects: list[Effect]) -> tuple[Answer, Token, int]:
        for effect in effects:
            if effect.instead:
                given = effect.instead(self.state.clock())
                return replace(given, headers=self.desk.headers(ANONYMOUS) | given.headers), ANONYMOUS, 0
        return self.desk.answer(request)

    def _inside(self, target: str) -> str:
        """The target below the base path; what lies outside of it belongs to no route."""
        if target.startswith(f"{self.base_path}/"):
            return target.removeprefix(self.base_path)
        return f"/outside{target}"


@dataclass(frozen=True)
class Outcome:
    """How a request ended."""

    answer: Answer
    token: Token
    points: int = 0
    wire: Wire = Wire.SENT

    def entry(self, request: Request) -> Entry:
        """The line for the log."""
        sent = self.wire is Wire.SENT
        answered = self.wire in (Wire.SENT, Wire.TRUNCATED)
        return Entry(
            method=request.method,
            path=request.path,
            query=request.query,
            status=self.answer.status if answered else None,
            conditional="if-none-match" in request.headers,
            bytes=len(self.answer.body) if sent else 0,
            points=self.points,
            login=self.token.login,
        )
