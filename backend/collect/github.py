"""GitHub's REST API, read politely: at a bounded pace, again after what passes, with errors that say what to do."""

import random
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlsplit

import orjson

from backend.collect.answers import Answer, Broken, Parse, Tally, message, parsed
from backend.collect.connection.access import Access
from backend.collect.connection.line import Reply
from backend.collect.connection.wire import Wire
from backend.collect.limits import Gate, Time, is_limited, server_time, spent_s, wait_s
from backend.collect.problems import GitHubError, RateLimited, Unavailable, problem

AT_ONCE = 10
"""Requests in flight; above that GitHub's secondary limit comes near."""

TIMEOUT_S = 30.0
RETRIES = 4
LIMIT_RETRIES = 5
REDIRECTS = 5
REPEATS = 3
"""How often a page is asked for that is the same as the one before it, or that was read before."""

_TRANSIENT = {500, 502, 503, 504}
_MOVED = {301, 302, 307, 308}

Params = Mapping[str, str | int]


class Sender(Protocol):
    """What sends a request and knows where addresses lead; a Wire, or a rehearsal of one."""

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        """See Wire."""

    def redirected(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire."""

    def target(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire."""


class Memory(Protocol):
    """What need not be asked again for a while; a Stretch of a turn."""

    def answered_at(self, path: str, params: Params, etag: str) -> datetime | None:
        """See Stretch."""

    def note_answer(self, path: str, params: Params, etag: str, at: datetime) -> None:
        """See Stretch."""


class GitHub:
    """Reads one GitHub, from any number of threads. Every method raises the errors of `problems`.

    access: what authenticates; a text is a token.
    timeout_s: for connecting, and for each piece of an answer.  clock: how time passes, for tests.
    """

    def __init__(
        self,
        access: Access | str,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Time | None = None,
    ) -> None:
        self.url = url
        self.tally = Tally()
        self.gate = Gate(AT_ONCE, clock or Time())
        self.wire: Sender = Wire(access, url, timeout_s)
        self._seen: list[datetime] = []
        self.memory: Memory | None = None
        self.remembered_at: datetime | None = None

    def separate(self, memory: Memory | None = None) -> "GitHub":
        """The same connection with a tally of its own. memory: what it need not ask again."""
        other = copy(self)
        other.tally, other.memory, other.remembered_at = Tally(), memory, None
        return other

    @property
    def now(self) -> datetime | None:
        """GitHub's clock as last seen, in UTC; None before the first answer.

        Where answers were remembered, their time: what has happened since then is not known.
        """
        return self.remembered_at or (self._seen[-1] if self._seen else None)

    @property
    def budget(self) -> int | None:
        """How many requests may be made in all; None for any number."""
        return self.gate.budget

    @property
    def requests(self) -> int:
        """How many requests all visits have made together."""
        return self.gate.passed

    def get(
        self, path: str, params: Params | None = None, etag: str | None = None, parse: Parse = orjson.loads
    ) -> Answer:
        """What is at `path` (such as `/repos/o/r`); redirects on the same host are followed with their query.

        etag: of an answer to the same question; if that still holds the answer is 304.  parse: reads the body.
        """
        question = path, dict(params or {})
        if etag and self.memory and (at := self.memory.answered_at(*question, etag)):
            self.remembered_at = min(at, self.remembered_at or at)
            return Answer(304, {"etag": etag}, None)
        for _ in range(REDIRECTS):
            answer = self._persistently(path, dict(params or {}), etag, parse)
            if answer.status not in _MOVED:
                self._note_answer(question, answer.etag or etag)
                return answer
            path, params = self.wire.redirected(answer.headers.get("location", ""))
        raise Unavailable(f"GitHub redirects {path} in a circle; check GITHUB_API_URL={self.url}.")

    def pages(self, path: str, params: Params, etag: str | None = None) -> Iterator[Answer]:
        """The pages of a list, as their Link headers lead; a first page of 304 is the only one.

        Pages may overlap, as the list moves while it is read: merge by key.
        """
        answer = self.get(path, {"per_page": 100, **params}, etag)
        yield answer
        yield from self.pages_after(answer)

    def pages_after(self, answer: Answer, parse: Parse = orjson.loads) -> Iterator[Answer]:
        """The pages that follow a page which is known already."""
        visits: dict[str, int] = {}
        while link := answer.next_page:
            visits[link] = visits.get(link, 0) + 1
            if visits[link] > REPEATS:
                raise Unavailable(f"The pages of {urlsplit(link).path} go in a circle; collect again later.")
            answer = self._page(link, answer, parse)
            yield answer

    def target(self, address: str) -> tuple[str, Params]:
        """An address that GitHub gave, as path and parameters."""
        return self.wire.target(address)

    def tell(self, say: Callable[[str], None]) -> None:
        """From now on `say` is told when and why all requests wait."""
        self.gate.say = say

    def spend_at_most(self, requests: int | None) -> None:
        """From now on no more requests are made in all than so many; the next one raises BudgetSpent."""
        self.gate.budget = requests

    def stop(self, why: GitHubError | None = None) -> None:
        """Ends all waits and refuses further requests, in every thread. why: what the refusals are to say."""
        self.gate.stop(why)

    def _note_answer(self, question: tuple[str, Params], etag: str | None) -> None:
        if self.memory and etag:
            self.memory.note_answer(*question, etag, self._seen[-1] if self._seen else datetime.now(UTC))

    def _page(self, link: str, before: Answer, parse: Parse) -> Answer:
        """The page at an address; asked for again while it is the same as the one before it."""
        for _ in range(REPEATS):
            answer = self.get(*self.wire.target(link), parse=parse)
            if not answer.data or answer.data != before.data:
                return answer
        raise Unavailable(f"GitHub gives the same page of {urlsplit(link).path} again and again; collect again later.")

    def _persistently(self, path: str, params: dict[str, str | int], etag: str | None, parse: Parse) -> Answer:
        """Asks again after what passes: broken answers a few times, rate limits until they are over."""
        broken = limited = 0
        while True:
            try:
                answer, said = self._once(path, params, etag, parse)
            except Broken as error:
                broken = self._back_off(broken, path, str(error))
                continue
            if is_limited(answer.status, said, answer.headers):
                self._obey(answer, limited, path)
                limited += 1
            elif answer.status in _TRANSIENT:
                broken = self._back_off(broken, path, f"status {answer.status}")
            elif answer.status >= 400:
                raise problem(answer.status, path, said, answer.headers)
            else:
                return answer

    def _once(self, path: str, params: dict[str, str | int], etag: str | None, parse: Parse) -> tuple[Answer, str]:
        with self.gate:
            self.tally.requests += 1
            status, headers, body = self.wire.ask(path, params, etag)
        self._note(status, headers)
        if status == 200:
            return Answer(status, headers, parsed(body, parse), body), ""
        return Answer(status, headers, None), message(body)

    def _note(self, status: int, headers: Mapping[str, str]) -> None:
        self.tally.note(status, headers)
        if now := server_time(headers):
            self._seen[:] = [now]
        if status < 400 and (wait := spent_s(headers)):
            self.gate.close_for(wait, "The hour's requests are used up")

    def _obey(self, answer: Answer, earlier: int, path: str) -> None:
        if earlier >= LIMIT_RETRIES:
            raise RateLimited(f"GitHub still limits {path} after {earlier} waits; collect again in an hour.")
        wait = wait_s(answer.headers, earlier)
        self.gate.close_for(wait, f"GitHub limits the rate of requests ({answer.status})")

    def _back_off(self, earlier: int, path: str, why: str) -> int:
        if earlier >= RETRIES:
            raise Unavailable(
                f"GitHub at {self.url} did not answer {path} properly in {earlier + 1} attempts ({why}); "
                "check the network and GITHUB_API_URL, then collect again."
            )
        self.gate.pause(2.0**earlier * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
        return earlier + 1
