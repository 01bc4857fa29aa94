"""Devin's API, read politely: again after what passes, with errors that say what to do and end nothing else."""

import random
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from requests.auth import AuthBase

from backend.collect.agents.devin_problems import devin_obstacle, devin_problem
from backend.collect.answers import Broken, Tally, parsed
from backend.collect.connection.line import Reply
from backend.collect.connection.obstacles import authorities, unauthorised
from backend.collect.github import LIMIT_RETRIES, REDIRECTS, RETRIES, TIMEOUT_S, Params
from backend.collect.limits import Gate, Time, is_limited, server_time, wait_s
from backend.collect.problems import GitHubError, Unavailable
from shared.observing.redaction import redacted

LONGEST_WAIT_S = 600.0
"""Devin publishes no window for its limits; what lasts longer must not hold up the rest of the collection."""

_MOVED = {301, 302, 303, 307, 308}


class DevinClient:
    """Reads one Devin with one key, one request at a time. Raises SettingsError for unusable authorities.

    url: its API, with any path that stands before `/v1` and `/v3`.
    timeout_s: for connecting, and for each piece of an answer.  clock: how time passes, for tests.
    """

    def __init__(self, key: str, url: str, *, timeout_s: float = TIMEOUT_S, clock: Time | None = None) -> None:
        self.tally = Tally()
        self.now: datetime | None = None
        """Devin's clock as last seen, in UTC; None before the first answer."""
        self._gate = Gate(1, clock or Time())
        self._auth, self._url, self._timeout_s = _Bearer(key), url, timeout_s
        self._session = _Session()
        self._session.headers.update({"User-Agent": "fettle", "Accept": "application/json"})
        if urlsplit(url).scheme == "https":
            self._session.verify = authorities() or True

    def get(self, path: str, params: Params) -> object:
        """The data at `path`. Raises Forbidden, NotFound, Unavailable and Interrupted."""
        for _ in range(REDIRECTS):
            reply, data = self._persistently(path, params)
            if reply.status not in _MOVED:
                return data
            path, params = self._redirected(path, reply)
        raise Unavailable(f"Devin redirects {path} again and again; check DEVIN_API_URL.")

    def tell(self, say: Callable[[str], None]) -> None:
        """From now on `say` is told when and why requests wait."""
        self._gate.say = say

    def stop(self, why: GitHubError | None = None) -> None:
        """Ends all waits and refuses further requests. why: what the refusals are to say."""
        self._gate.stop(why)

    def _persistently(self, path: str, params: Params) -> tuple[Reply, object]:
        """Asks again after what passes: broken answers a few times, rate limits until they are over."""
        broken = limited = 0
        while True:
            try:
                reply, data = self._once(path, params)
            except Broken as error:
                broken = self._back_off(broken, path, str(error))
                continue
            if is_limited(reply.status, "", reply.headers):
                self._obey(reply, limited, path)
                limited += 1
            elif reply.status >= 500:
                broken = self._back_off(broken, path, f"status {reply.status}")
            elif reply.status >= 400:
                raise devin_problem(reply, path, self._auth.key)
            else:
                return reply, data

    def _once(self, path: str, params: Params) -> tuple[Reply, object]:
        with self._gate:
            self.tally.requests += 1
            reply = self._send(path, params)
        self.tally.note(reply.status, reply.headers)
        self.now = server_time(reply.headers) or self.now
        return reply, parsed(reply.body) if reply.status < 300 else None

    def _send(self, path: str, params: Params) -> Reply:
        try:
            answer = self._session.get(
                f"{self._url}{path}",
                params=dict(params),
                auth=self._auth,
                timeout=self._timeout_s,
            )
        except requests.RequestException as error:
            # The error itself may hold the address of a proxy, with its password.
            raise devin_obstacle(error, self._url) from None
        if answer.status_code == 407:
            raise unauthorised(self._url)
        return Reply(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    def _redirected(self, path: str, reply: Reply) -> tuple[str, Params]:
        """Where a redirect leads. Raises Unavailable if that is another host, which must not get the key."""
        own = urlsplit(self._url)
        try:
            place = urlsplit(urljoin(f"{self._url}{path}", reply.headers.get("location", "")))
        except ValueError as error:
            raise Unavailable(f"Devin redirects {path} to no address; check DEVIN_API_URL.") from error
        if (place.scheme, place.netloc) != (own.scheme, own.netloc):
            raise Unavailable(
                f"DEVIN_API_URL={redacted(self._url)} redirects to {place.hostname}; set it to that host's API instead."
            )
        return place.path.removeprefix(own.path), dict(parse_qsl(place.query, keep_blank_values=True))

    def _obey(self, reply: Reply, earlier: int, path: str) -> None:
        wait = wait_s(reply.headers, earlier)
        if earlier >= LIMIT_RETRIES or wait > LONGEST_WAIT_S:
            raise Unavailable(
                f"Devin limits the rate of requests for {path} ({reply.status}) for longer than is worth a wait "
                f"({wait:.0f} s); collect again later."
            )
        self._gate.say(f"Devin limits the rate of requests ({reply.status}): waiting {wait:.0f} s")
        self._gate.pause(wait)

    def _back_off(self, earlier: int, path: str, why: str) -> int:
        if earlier >= RETRIES:
            raise Unavailable(
                f"Devin at {urlsplit(self._url).hostname} did not answer {path} properly in {earlier + 1} attempts "
                f"({why}); check the network and DEVIN_API_URL, then collect again."
            )
        self._gate.pause(2.0**earlier * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
        return earlier + 1


class _Session(requests.Session):
    """Keeps redirects for us to follow: requests looks where they lead even if it is told not to go there."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return


class _Bearer(AuthBase):
    """Signs requests. Given as `auth`, so that requests does not take a password from .netrc instead."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request
