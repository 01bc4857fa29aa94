"""Faults on demand: what may go wrong between a collector and GitHub, and when it does.

    gh.faults.add(status(502), path="/actions/runs", nth=2, times=3)

lets the second to fourth request for runs fail. Each effect is a function in this module.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from enum import Enum

from tests.standins.github.answers import RATE_DOCS, Answer, error
from tests.standins.github.calls import Request


class Wire(Enum):
    """What happens to the finished answer on its way."""

    SENT = "sent whole"
    RESET = "connection reset before a byte"
    TRUNCATED = "half of the body, then the end"
    HUNG = "nothing, for ever"


@dataclass(frozen=True)
class Effect:
    """One kind of fault: it changes the request or the answer, answers itself, or cuts the wire."""

    name: str
    before: Callable[[Request], Request] | None = None
    instead: Callable[[float], Answer] | None = None
    after: Callable[[Answer, float], Answer] | None = None
    wire: Wire = Wire.SENT

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False)
class Fault:
    """An effect with its matcher: from the `nth` matching request on, `times` times (None: until removed)."""

    effect: Effect
    path: re.Pattern[str]
    method: str
    nth: int
    times: int | None
    seen: int = 0
    hits: int = 0

    def strikes(self, request: Request) -> bool:
        """Counts a matching request, and says whether it is one to be hit."""
        if self.method not in ("*", request.method) or not self.path.search(request.target):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.times is not None and self.hits >= self.times):
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The faults that are in force."""

    _active: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, effect: Effect, *, path: str = "", method: str = "GET", nth: int = 1, times: int | None = 1) -> Fault:
        """Puts a fault in force.

        `path` is a regular expression searched for in `path?query` (below the base path), so a page is
        `[?&]page=2`, as `page=2` is in `per_page=2`, too; method `*` is any.
        """
        fault = Fault(effect, re.compile(path), method, nth, times)
        with self._lock:
            self._active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Takes one fault out of force."""
        with self._lock:
            self._active.remove(fault)

    def clear(self) -> None:
        """Takes all faults out of force."""
        with self._lock:
            self._active.clear()

    def striking(self, request: Request) -> list[Effect]:
        """The effects that hit this request, in the order in which they were added."""
        with self._lock:
            return [fault.effect for fault in self._active if fault.strikes(request)]


def status(code: int, message: str = "Server Error") -> Effect:
    """A plain failure such as 502."""
    return Effect(f"status {code}", instead=lambda _: error(code, message))


def reset() -> Effect:
    """The connection is reset (a real RST)."""
    return Effect("reset", wire=Wire.RESET)


def truncated() -> Effect:
    """Half of the body arrives, although Content-Length promised it all."""
    return Effect("truncated", wire=Wire.TRUNCATED)


def hang() -> Effect:
    """The request is read and never answered."""
    return Effect("hang", wire=Wire.HUNG)


def too_many(retry_after: int | None = None) -> Effect:
    """429, with or without `retry-after`."""
    return _limited("too many", 429, retry_after)


def secondary_limit(retry_after: int | None = None) -> Effect:
    """The secondary rate limit in its older form: 403 and a message."""
    return _limited("secondary limit", 403, retry_after)


def primary_limit(reset_in_s: int = 3_600) -> Effect:
    """The hour's requests are used up, until `reset_in_s` from now."""

    def exhausted(now: float) -> Answer:
        spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(now) + reset_in_s)}
        return error(403, "API rate limit exceeded for user ID 1.", RATE_DOCS).with_headers(spent)

    return Effect("primary limit", instead=exhausted)


def bad_credentials() -> Effect:
    """The token has just been revoked or has expired."""
    return Effect("bad credentials", instead=lambda _: error(401, "Bad credentials"))


def forbidden(message: str = "Resource not accessible by personal access token") -> Effect:
    """403 for what the path names, say one repository."""
    return Effect("forbidden", instead=lambda _: error(403, message))


def clock_skew(seconds: int, *, date: bool = True, ratelimit_reset: bool = True) -> Effect:
    """GitHub's clock differs by `seconds` from the reader's, in Date, in x-ratelimit-reset or in both."""

    def skewed(answer: Answer, now: float) -> Answer:
        changed = {"date": formatdate(now + seconds, usegmt=True)} if date else {}
        if ratelimit_reset:
            changed["x-ratelimit-reset"] = str(int(answer.headers["x-ratelimit-reset"]) + seconds)
        return answer.with_headers(changed)

    return Effect("clock skew", after=skewed)


def repeat_page(page: int = 1) -> Effect:
    """Whatever page is asked for, this one comes (with the links that belong to it)."""
    return Effect("repeat page", before=lambda request: replace(request, query={**request.query, "page": str(page)}))


def latency(seconds: float) -> Effect:
    """The answer takes longer."""

    def wait(request: Request) -> Request:
        time.sleep(seconds)
        return request

    return Effect("latency", before=wait)


def hook(action: Callable[[Request], object]) -> Effect:
    """Runs `action` before the request is answered, so that a test can move the state between two pages."""

    def act(request: Request) -> Request:
        action(request)
        return request

    return Effect("hook", before=act)


def _limited(name: str, code: int, retry_after: int | None) -> Effect:
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
        "If you reach out to GitHub Support for help, please include the request ID."
    )
    header = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Effect(name, instead=lambda _: error(code, message, RATE_DOCS).with_headers(header))
