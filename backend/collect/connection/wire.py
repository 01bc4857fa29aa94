"""Requests that are signed, and the addresses that GitHub gives, as they are to be asked of our own host."""

from urllib.parse import parse_qsl, urlsplit

from github import Auth

from backend.collect.answers import message
from backend.collect.connection.access import Access, Token
from backend.collect.connection.apps import Postponed
from backend.collect.connection.line import Line, Reply
from backend.collect.problems import BadToken, Unavailable, quoted


class Wire:
    """Signs what it sends over a line, and once more if the signature is refused but can be renewed."""

    def __init__(self, access: Access | str, url: str, timeout_s: float) -> None:
        self._access = Token(access) if isinstance(access, str) else access
        self._url = urlsplit(url)
        self._line = Line(url, timeout_s)

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        """One answer: status, headers, body. Raises Broken, and the errors of `problems` for what does not pass.

        An app's token that is refused is renewed once; where even that fails for the moment, as the rate is
        limited or GitHub fails, the answer to that is the answer here.
        """
        try:
            auth = self._access.auth(path)
            reply = self._send(auth, path, params, etag)
            if reply.status == 401 and (other := self._access.renewed(path, auth)):
                reply = self._send(other, path, params, etag)
                if reply.status == 401:
                    raise _refused_twice(path, reply)
        except Postponed as postponed:
            return postponed.reply
        return reply

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

    def _send(self, auth: Auth.Auth, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        reply = self._line.send(auth, path, params, etag)
        self._access.note(path, reply.headers)
        return reply


def _refused_twice(path: str, reply: Reply) -> BadToken:
    return BadToken(
        f"GitHub refuses even a new token of the GitHub App for {path} (401{quoted(message(reply.body))}); "
        "check on GitHub that the app is still installed there."
    )
