"""Who may read what: tokens with their permissions, and the primary rate limit each of them has."""

import hmac
from dataclasses import dataclass, field
from typing import Literal

from tests.standins.github.answers import ApiError
from tests.standins.github.apps import SUSPENDED, Apps

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
    """A credential: `permissions` are what it may read, `private` whether it sees private repositories.

    A token of an `installation` does so in its `account` alone, until `ends_at`; one of an `app` reads nothing.
    """

    value: str
    login: str = "octocat"
    kind: Literal["classic", "fine-grained", "installation", "app", "anonymous"] = "classic"
    scopes: tuple[str, ...] = ("read:org", "repo", "security_events")
    permissions: frozenset[str] = EVERYTHING
    private: bool = True
    limit: int = 5_000
    account: str | None = None
    installation: int | None = None
    ends_at: float | None = None
    app: int | None = None

    def sees_private(self, account: str) -> bool:
        """Whether it may know of the private repositories of an account."""
        return self.private and not self._strange(account)

    def may(self, permission: str, account: str | None) -> bool:
        """Whether it may read this of an account; None: of nobody's."""
        return permission in (self.permissions & PUBLIC if self._strange(account) else self.permissions)

    @property
    def refusal(self) -> str:
        """What GitHub tells such a token when it lacks a permission."""
        bearer = "integration" if self.kind in ("installation", "app") else "personal access token"
        return f"Resource not accessible by {bearer}"

    def _strange(self, account: str | None) -> bool:
        return bool(account and self.account and account.lower() != self.account.lower())


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
    apps: Apps = field(default_factory=Apps)

    def add(self, token: Token) -> Token:
        """Accepts `token` from now on; the same value again replaces it and starts a new hour."""
        self.known[token.value] = token
        self.allowances.pop(token.value, None)
        return token

    def revoke(self, value: str) -> None:
        """From now on the token is answered with 401."""
        del self.known[value]

    def identify(self, authorization: str | None, now: float) -> Token:
        """The token behind an Authorization header, ANONYMOUS without one, 401 for a wrong one or an old one."""
        if not authorization:
            return ANONYMOUS
        _, _, sent = authorization.partition(" ")
        if sent.startswith("eyJ"):
            app = self.apps.signer(sent.strip(), now)
            return Token(f"app {app.id}", f"{app.slug}[bot]", "app", permissions=frozenset({METADATA}), app=app.id)
        for token in self.known.values():
            if hmac.compare_digest(token.value.encode(), sent.strip().encode()):
                return self._still_good(token, now)
        raise ApiError(401, "Bad credentials", docs="https://docs.github.com/rest")

    def _still_good(self, token: Token, now: float) -> Token:
        if token.ends_at is not None and token.ends_at <= now:
            raise ApiError(401, "Bad credentials", docs="https://docs.github.com/rest")
        if token.installation is not None and self.apps.installations[token.installation].suspended:
            raise ApiError(403, SUSPENDED)
        return token

    def allowance(self, token: Token, now: float) -> Allowance:
        """The token's current hour; a new one begins when the last has ended."""
        allowance = self.allowances.setdefault(token.value, Allowance(token.limit))
        if allowance.reset <= now:
            allowance.used, allowance.reset = 0, int(now) + WINDOW_S
        return allowance
