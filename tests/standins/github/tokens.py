"""Who may read what: tokens with their permissions, and the primary rate limit each of them has."""

import hmac
from dataclasses import dataclass, field
from typing import Literal

from tests.standins.github.answers import ApiError

METADATA = "metadata"
ACTIONS = "actions"
CODE_SCANNING = "security_events"
DEPENDABOT = "vulnerability_alerts"
SECRET_SCANNING = "secret_scanning_alerts"
PULLS = "pull_requests"

PUBLIC = frozenset({METADATA, ACTIONS, PULLS})
EVERYTHING = PUBLIC | {CODE_SCANNING, DEPENDABOT, SECRET_SCANNING}

WINDOW_S = 3_600


@dataclass(frozen=True)
class Token:
    """A credential: `permissions` are what it may read, `private` whether it sees private repositories."""

    value: str
    login: str = "octocat"
    kind: Literal["classic", "fine-grained", "installation", "anonymous"] = "classic"
    scopes: tuple[str, ...] = ("read:org", "repo", "security_events")
    permissions: frozenset[str] = EVERYTHING
    private: bool = True
    limit: int = 5_000

    @property
    def refusal(self) -> str:
        """What GitHub tells such a token when it lacks a permission."""
        bearer = "integration" if self.kind == "installation" else "personal access token"
        return f"Resource not accessible by {bearer}"


ANONYMOUS = Token("", login="", kind="anonymous", scopes=(), permissions=PUBLIC, private=False, limit=60)


@dataclass
class Allowance:
    """What is left of one token's hour."""

    limit: int
    used: int = 0
    reset: int = 0

    @property
    def remaining(self) -> int:
        """Never below zero, like GitHub's header."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """The five `x-ratelimit-*` headers."""
        values = {"limit": self.limit, "remaining": self.remaining, "reset": self.reset, "used": self.used}
        return {f"x-ratelimit-{name}": str(value) for name, value in values.items()} | {"x-ratelimit-resource": "core"}


@dataclass
class Tokens:
    """The tokens which this stand-in accepts; guarded by the state's lock."""

    known: dict[str, Token] = field(default_factory=dict)
    allowances: dict[str, Allowance] = field(default_factory=dict)

    def add(self, token: Token) -> Token:
        """Accepts `token` from now on; the same value again replaces it and starts a new hour."""
        self.known[token.value] = token
        self.allowances.pop(token.value, None)
        return token

    def revoke(self, value: str) -> None:
        """From now on the token is answered with 401."""
        del self.known[value]

    def identify(self, authorization: str | None) -> Token:
        """The token behind an Authorization header, ANONYMOUS without one, 401 for a wrong one."""
        if not authorization:
            return ANONYMOUS
        _, _, sent = authorization.partition(" ")
        for token in self.known.values():
            if hmac.compare_digest(token.value.encode(), sent.strip().encode()):
                return token
        raise ApiError(401, "Bad credentials", docs="https://docs.github.com/rest")

    def allowance(self, token: Token, now: float) -> Allowance:
        """The token's current hour; a new one begins when the last has ended."""
        allowance = self.allowances.setdefault(token.value, Allowance(token.limit))
        if allowance.reset <= now:
            allowance.used, allowance.reset = 0, int(now) + WINDOW_S
        return allowance
