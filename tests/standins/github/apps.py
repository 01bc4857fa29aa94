"""GitHub Apps: their keys and installations, and GitHub's judgement of the tokens that they sign."""

from dataclasses import dataclass, field, replace
from typing import Any

import jwt

from tests.standins.github.answers import ApiError

LONGEST_JWT_S = 600
SUSPENDED = "This installation has been suspended"


@dataclass(frozen=True)
class App:
    """An app with the public half of its key."""

    id: int
    public_key: str
    slug: str = "fettle-reader"


@dataclass(frozen=True)
class Installation:
    """An app in an account, which let it read what `permissions` name."""

    id: int
    app: App
    account: str
    permissions: frozenset[str]
    suspended: bool = False


@dataclass
class Apps:
    """The apps which this stand-in knows; guarded by the state's lock. `token_life_s` is an hour at GitHub."""

    token_life_s: int = 3_600
    known: dict[str, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)

    def create(self, app_id: int, public_key: str) -> App:
        """An app that signs with the private half of `public_key` (PEM)."""
        self.known[str(app_id)] = app = App(app_id, public_key)
        return app

    def install(self, app: App, account: str, permissions: frozenset[str]) -> Installation:
        """The app in one more account; installations are numbered from 501."""
        installation = Installation(501 + len(self.installations), app, account, permissions)
        self.installations[installation.id] = installation
        return installation

    def suspend(self, number: int, *, suspended: bool = True) -> None:
        """The account's owner suspends the installation, or lets it work again."""
        self.installations[number] = replace(self.installations[number], suspended=suspended)

    def signer(self, token: str, now: float) -> App:
        """The app that signed this JSON web token; 401 or 404 in GitHub's words if it is not good."""
        app = self.known.get(str(_claims(token).get("iss")))
        if app is None:
            raise ApiError(404, "Integration not found")
        claims = _claims(token, app.public_key)
        if claims["exp"] <= now:
            raise _refusal("'Expiration time' claim ('exp') must be a numeric value representing the future time")
        if claims["exp"] > now + LONGEST_JWT_S:
            raise _refusal("'Expiration time' claim ('exp') is too far in the future")
        if claims["iat"] > now:
            raise _refusal("'Issued at' claim ('iat') must be an Integer representing the time of the assertion")
        return app


def _claims(token: str, public_key: str | None = None) -> dict[str, Any]:
    """What the token says; its signature is judged where there is a key, its times never: they are GitHub's."""
    options: Any = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_iss", "verify_aud"), False)
    options["verify_signature"] = public_key is not None
    try:
        return jwt.decode(token, public_key or "", algorithms=["RS256"], options=options)
    except jwt.PyJWTError:
        raise _refusal("A JSON web token could not be decoded") from None


def _refusal(message: str) -> ApiError:
    return ApiError(401, message)
