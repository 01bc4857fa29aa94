"""GitHub's REST API, read politely; the only module that imports PyGithub.

PyGithub brings authentication, the GHES prefix and the API version. Three things of it are replaced here. Its
connection is shared, and two threads that use it at once may get each other's answer. It follows a redirect
without the query, so that a renamed repository would answer with unfiltered pages. Its retries take no clock.
"""

import random
import threading
from collections.abc import Callable, ItemsView, Iterator, Mapping
from copy import copy
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse

from backend.collect.answers import Answer, Broken, Tally, message, parsed
from backend.collect.limits import Gate, Time, is_limited, server_time, spent_s, wait_s
from backend.collect.problems import RateLimited, Unavailable, problem
from shared.errors import SettingsError
from shared.settings import Settings

API_VERSION = "2022-11-28"
AT_ONCE = 10
"""Requests in flight; above that GitHub's secondary limit comes near."""

TIMEOUT_S = 30.0
RETRIES = 4
LIMIT_RETRIES = 5
REDIRECTS = 5
CIRCLES = 3
"""How often one address may come up within a listing before we say that its pages go in a circle."""

_TRANSIENT = {500, 502, 503, 504}
_MOVED = {301, 302, 307, 308}

Params = Mapping[str, str | int]


class GitHub:
    """Reads one GitHub, from any number of threads. Every method raises the errors of `problems`.

    timeout_s: for connecting, and for each piece of an answer.  clock: how time passes, for tests.
    """

    def __init__(
        self,
        token: str,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        clock: Time | None = None,
    ) -> None:
        self.url = url
        self.tally = Tally()
        self.gate = Gate(AT_ONCE, clock or Time())
        self._wire = _Wire(token, url, timeout_s)
        self._seen: list[datetime] = []

    def separate(self) -> "GitHub":
        """The same connection with a tally of its own."""
        other = copy(self)
        other.tally = Tally()
        return other

    @property
    def now(self) -> datetime | None:
        """GitHub's clock as last seen, in UTC; None before the first answer."""
        return self._seen[-1] if self._seen else None

    @property
    def requests(self) -> int:
        """How many requests all visits have made together."""
        return self.gate.passed

    def get(self, path: str, params: Params | None = None, etag: str | None = None) -> Answer:
        """What is at `path` (such as `/repos/o/r`); redirects on the same host are followed with their query.

        etag: of an answer to the same question; if that still holds the answer is 304.
        """
        for _ in range(REDIRECTS):
            answer = self._persistently(path, dict(params or {}), etag)
            if answer.status not in _MOVED:
                return answer
            path, params = self._wire.redirected(answer.headers.get("location", ""))
        raise Unavailable(f"GitHub redirects {path} in a circle; check GITHUB_API_URL={self.url}.")

    def pages(self, path: str, params: Params, etag: str | None = None) -> Iterator[Answer]:
        """The pages of a list, as their Link headers lead; a first page of 304 is the only one.

        Pages may overlap, as the list moves while it is read: merge by key.
        """
        answer = self.get(path, {"per_page": 100, **params}, etag)
        yield answer
        yield from self.pages_after(answer)

    def pages_after(self, answer: Answer) -> Iterator[Answer]:
        """The pages that follow a page which is known already."""
        visits: dict[str, int] = {}
        while link := answer.next_page:
            visits[link] = visits.get(link, 0) + 1
            if visits[link] > CIRCLES:
                raise Unavailable(f"The pages of {urlsplit(link).path} go in a circle; collect again later.")
            answer = self.get(*self._wire.target(link))
            yield answer

    def tell(self, say: Callable[[str], None]) -> None:
        """From now on `say` is told when and why all requests wait."""
        self.gate.say = say

    def stop(self) -> None:
        """Ends all waits and refuses further requests, in every thread."""
        self.gate.stop()

    def _persistently(self, path: str, params: dict[str, str | int], etag: str | None) -> Answer:
        """Asks again after what passes: broken answers a few times, rate limits until they are over."""
        broken = limited = 0
        while True:
            try:
                answer, said = self._once(path, params, etag)
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

    def _once(self, path: str, params: dict[str, str | int], etag: str | None) -> tuple[Answer, str]:
        with self.gate:
            self.tally.requests += 1
            status, headers, text = self._wire.ask(path, params, etag)
        self._note(status, headers)
        if status == 200:
            return Answer(status, headers, parsed(text)), ""
        return Answer(status, headers, None), message(text)

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


def open_github(settings: Settings, *, timeout_s: float = TIMEOUT_S, clock: Time | None = None) -> GitHub:
    """The GitHub that the settings name. Raises SettingsError if there is no token."""
    token = settings.github_token.get_secret_value().strip() if settings.github_token else ""
    if not token:
        raise SettingsError(
            "GITHUB_TOKEN is not set; make a token at https://github.com/settings/tokens (fine-grained: "
            "Metadata, Actions, Code scanning alerts, Dependabot alerts and Secret scanning alerts, "
            "each read; classic: repo, security_events, read:org) and set GITHUB_TOKEN to it."
        )
    return GitHub(token, settings.github_api_url, timeout_s=timeout_s, clock=clock)


class _Wire:
    """PyGithub's requester with a connection for each thread."""

    def __init__(self, token: str, url: str, timeout_s: float) -> None:
        self._url = urlsplit(url)
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._requester = Github(
            auth=Auth.Token(token),
            base_url=url,
            user_agent="fettle",
            seconds_between_requests=0,
            retry=None,
            api_version=API_VERSION,
        ).requester

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> tuple[int, dict[str, str], str]:
        """One request, one answer: status, headers, text. Raises Broken."""
        headers = {"Accept": "application/vnd.github+json", **({"If-None-Match": etag} if etag else {})}
        try:
            status, answered, text = self._requester.requestJson(
                "GET", path, parameters=params, headers=headers, cnx=self._connection()
            )
        except (requests.RequestException, UnicodeDecodeError) as error:
            raise Broken(type(error).__name__) from error
        if "x-moved-to" in answered:
            answered["location"] = answered["x-moved-to"]
        return status, {name: str(value) for name, value in answered.items()}, text

    def redirected(self, address: str) -> tuple[str, dict[str, str | int]]:
        """Where a redirect leads. Raises Unavailable if that is another host."""
        host = urlsplit(address).hostname
        if host not in {None, self._url.hostname}:
            raise Unavailable(
                f"GITHUB_API_URL={self._url.geturl()} redirects to {host}; set it to that host's API instead."
            )
        return self.target(address)

    def target(self, address: str) -> tuple[str, dict[str, str | int]]:
        """An address that GitHub gave as path and query, to be asked of our own host whatever it names."""
        parts = urlsplit(address)
        path = parts.path.removeprefix(self._url.path.rstrip("/"))
        return path, dict(parse_qsl(parts.query, keep_blank_values=True))

    def _connection(self) -> "_Plain | _Secure":
        connection: _Plain | _Secure | None = getattr(self._local, "connection", None)
        if connection is None:
            kind = _Secure if self._url.scheme == "https" else _Plain
            timeout: Any = self._timeout_s  # PyGithub's annotation asks for whole seconds
            connection = kind(str(self._url.hostname), self._url.port, timeout=timeout)
            self._local.connection = connection
        return connection


class _Response(RequestsResponse):
    """An answer as PyGithub takes it, which keeps a redirect for us to follow."""

    def getheaders(self) -> ItemsView[str, str]:
        moved = {"location": "x-moved-to"}
        return {moved.get(name.lower(), name): value for name, value in self.headers.items()}.items()

    def read(self) -> str:
        return self.response.content.decode("utf-8")


class _Plain(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _Response(super().getresponse().response)


class _Secure(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _Response(super().getresponse().response)
