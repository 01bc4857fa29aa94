"""The line to GitHub: one request, one answer, through proxies and with the authorities that the environment names.

PyGithub brings the signing of requests, the GHES prefix and the API version. Three things of it are replaced
here. Its connection is shared, and two threads that use it at once may get each other's answer. It follows a
redirect without the query, so that a renamed repository would answer with unfiltered pages. Its retries take
no clock.
"""

import gzip
import threading
import zlib
from collections.abc import ItemsView, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
import requests.utils
import urllib3.exceptions
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse

from backend.collect.answers import Broken
from backend.collect.connection.obstacles import authorities, obstacle, unauthorised
from shared.observing.redaction import redact_log

API_VERSION = "2022-11-28"


class Reply(NamedTuple):
    """An answer as it came. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """PyGithub's requester with a connection for each thread. Raises SettingsError for unusable authorities.

    timeout_s: for connecting, and for each piece of an answer.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        redact_log("github.Requester")
        self.url = url
        self._timeout_s = timeout_s
        self._authorities = authorities() if urlsplit(url).scheme == "https" else None
        self._local = threading.local()
        self._requester = Github(
            base_url=url,
            user_agent="fettle",
            seconds_between_requests=0,
            seconds_between_writes=0,
            retry=None,
            api_version=API_VERSION,
        ).requester

    def send(
        self,
        auth: Auth.Auth,
        path: str,
        params: Mapping[str, str | int] | None = None,
        etag: str | None = None,
        verb: str = "GET",
    ) -> Reply:
        """One request, one answer. Raises Broken if it may go better next time, Unavailable if it will not."""
        headers = {"Accept": "application/vnd.github+json", **({"If-None-Match": etag} if etag else {})}
        connection = self._connection()
        try:
            status, answered, _ = self._requester.withAuth(auth).requestJson(
                verb, path, parameters=dict(params or {}), headers=headers, cnx=connection
            )
        except requests.RequestException as error:
            # The error itself may hold the address of a proxy, with its password.
            raise obstacle(error, self.url) from None
        if status == 407:
            raise unauthorised(self.url)
        if "x-moved-to" in answered:
            answered["location"] = answered["x-moved-to"]
        return Reply(status, {name: str(value) for name, value in answered.items()}, connection.body)

    def _connection(self) -> "_Plain | _Secure":
        connection: _Plain | _Secure | None = getattr(self._local, "connection", None)
        if connection is None:
            url = urlsplit(self.url)
            kind = _Secure if url.scheme == "https" else _Plain
            timeout: Any = self._timeout_s  # PyGithub's annotation asks for whole seconds
            connection = kind(str(url.hostname), url.port, timeout=timeout, verify=self._authorities or True)
            connection.prepare()
            self._local.connection = connection
        return connection


class _Response(RequestsResponse):
    """An answer as PyGithub takes it, which keeps a redirect for us to follow, and its body as the bytes it is."""

    def getheaders(self) -> ItemsView[str, str]:
        moved = {"location": "x-moved-to"}
        return {moved.get(name.lower(), name): value for name, value in self.headers.items()}.items()

    def read(self) -> str:
        """Nothing: PyGithub wants text, and to make it of a megabyte costs as much as to parse it. See `_body`."""
        return ""


class _Reading:
    """What both kinds of connection share: one session, with the proxies of the environment, read in one go."""

    session: requests.Session
    protocol: str
    host: str
    port: int
    timeout: Any
    verify: Any
    verb: str
    url: str
    input: Any
    headers: dict[str, str]
    body = b""

    def prepare(self) -> None:
        """Looks up once what requests would look up twice for each request."""
        address = f"{self.protocol}://{self.host}:{self.port}"
        self.session.proxies = requests.utils.get_environ_proxies(address, no_proxy=None)
        self.session.trust_env = False
        self.session.headers["Accept-Encoding"] = "gzip"

    def getresponse(self) -> RequestsResponse:
        response = self.session.request(
            self.verb,
            f"{self.protocol}://{self.host}:{self.port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            verify=self.verify,
            allow_redirects=False,
            stream=True,
        )
        self.body = _body(response)
        return _Response(response)


class _Plain(_Reading, HTTPRequestsConnectionClass):
    pass


class _Secure(_Reading, HTTPSRequestsConnectionClass):
    pass


def _body(response: requests.Response) -> bytes:
    """The body of an answer, unpacked in one piece, which is faster than by chunks and lets other threads run.

    Raises Broken if it did not arrive whole.
    """
    try:
        raw: bytes = response.raw.read(decode_content=False)
        return gzip.decompress(raw) if response.headers.get("content-encoding") == "gzip" and raw else raw
    except (urllib3.exceptions.HTTPError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        response.close()
        raise Broken(type(error).__name__) from error
