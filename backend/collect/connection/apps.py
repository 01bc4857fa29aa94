"""A GitHub App: who it is, its private key, and what is asked in its own name."""

from pathlib import Path

import jwt
from github import Auth

from backend.collect.answers import message
from backend.collect.connection.line import Line, Reply
from backend.collect.connection.server_clock import ServerClock
from backend.collect.limits import is_limited
from backend.collect.problems import BadToken, quoted
from shared.errors import SettingsError

MARGIN_S = 60
"""How far in the past a JSON web token begins, as GitHub advises, since no two clocks agree."""

LIFE_S = 540
"""GitHub takes none that ends in more than ten minutes."""

_KEY = "GITHUB_APP_PRIVATE_KEY"
_OF_TIME = ("'Expiration time' claim", "'Issued at' claim")


class Postponed(Exception):
    """GitHub limits the rate, or fails, while a token is to be renewed: `reply` says for how long to wait."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"status {reply.status}")
        self.reply = reply


class App:
    """Asks GitHub as an app. Raises SettingsError if the private key cannot sign.

    app_id: the App ID or the client ID.  key: PEM text, whose line breaks may be escaped, or the path of its file.
    """

    def __init__(self, app_id: str, key: str, line: Line, clock: ServerClock) -> None:
        self.id, self.clock = app_id, clock
        self._line = line
        # Only the signing is PyGithub's. Its AppAuth takes the time from this machine, which may be wrong.
        self._sign = Auth.AppAuth.create_jwt_sign(_pem(key), "RS256")
        try:
            self._signed()
        except (ValueError, TypeError, AttributeError, jwt.PyJWTError):  # whose texts may quote the key
            raise SettingsError(
                f"{_KEY} is not the private key of a GitHub App; download one from the app's settings page, and set "
                f"{_KEY} to its PEM text or to the path of its file."
            ) from None

    def ask(self, path: str, verb: str = "GET") -> Reply:
        """What GitHub answers the app. Raises BadToken if it does not know it, Broken and Postponed."""
        reply = self._send(path, verb)
        if reply.status == 401 and any(words in message(reply.body) for words in _OF_TIME):
            reply = self._send(path, verb)  # the refusal has told us GitHub's time
        said = message(reply.body)
        if reply.status >= 500 or is_limited(reply.status, said, reply.headers):
            raise Postponed(reply)
        if said == "Integration not found":
            raise BadToken(
                f"GitHub at {self._line.url} knows no GitHub App {self.id} ({reply.status}{quoted(said)}); "
                "set GITHUB_APP_ID to the App ID on the app's settings page."
            )
        if reply.status == 401:
            raise BadToken(
                f"GitHub does not take the signature of the GitHub App {self.id} (401{quoted(said)}); check that "
                f"GITHUB_APP_ID and {_KEY} belong together, and this machine's clock."
            )
        return reply

    def _send(self, path: str, verb: str) -> Reply:
        reply = self._line.send(Auth.AppAuthToken(self._signed()), path, verb=verb)
        self.clock.note(reply.headers)
        return reply

    def _signed(self) -> str:
        now = int(self.clock.now())
        signed = self._sign({"iat": now - MARGIN_S, "exp": now + LIFE_S, "iss": self.id})
        return signed.decode() if isinstance(signed, bytes) else signed


def _pem(key: str) -> str:
    if "-----BEGIN" in key:
        return key.strip().strip("\"'").replace("\\n", "\n")
    try:
        return Path(key.strip()).expanduser().read_text()
    except (OSError, ValueError):  # the value is not shown: it may be half a key
        raise SettingsError(
            f"{_KEY} is neither PEM text (-----BEGIN …) nor the path of a file that can be read; set it to one of them."
        ) from None
