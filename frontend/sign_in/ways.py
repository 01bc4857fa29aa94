"""Ways to sign in by a provider: where it is asked, and who it says that somebody is."""

from collections.abc import Mapping
from typing import Any, Protocol

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError

from frontend.sign_in.attempt import Attempt
from shared.access.github_repos import TIMEOUT_S, authorities
from shared.access.people import Provider
from shared.access.sessions import SignedIn
from shared.errors import FettleError
from shared.settings import Settings

LONGEST_NAME = 200


class NotSignedIn(FettleError):
    """A provider did not sign somebody in, or what it said of them cannot be relied on."""


class Way(Protocol):
    """One provider. Each method asks it, so none is to be called on an event loop."""

    provider: Provider
    words: str

    def start(self, attempt: Attempt, back: str) -> str:
        """The address at which somebody signs in, who then comes back to `back`. Raises NotSignedIn."""

    def finish(self, attempt: Attempt, back: str, code: str) -> SignedIn:
        """Who came back with this code. Raises NotSignedIn."""


def ways_of(settings: Settings) -> "dict[Provider, Way]":
    """The providers of the settings."""
    from frontend.sign_in.github import GitHub
    from frontend.sign_in.oidc import Oidc

    found: list[Way] = []
    if settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        secret = settings.oidc_client_secret.get_secret_value()
        found.append(Oidc(settings.oidc_issuer, settings.oidc_client_id, secret))
    if settings.github_client_id and settings.github_client_secret:
        secret = settings.github_client_secret.get_secret_value()
        found.append(GitHub(settings.github_api_url, settings.github_client_id, secret))
    return {way.provider: way for way in found}


def client(client_id: str, secret: str, scope: str, back: str, method: str) -> OAuth2Session:
    """Authlib's client, with PKCE."""
    made = OAuth2Session(
        client_id,
        secret,
        scope=scope,
        redirect_uri=back,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        default_timeout=TIMEOUT_S,
    )
    made.verify = authorities()
    made.trust_env = True
    return made


def token_of(asked: OAuth2Session, url: str, code: str, attempt: Attempt) -> Mapping[str, Any]:
    """What a provider gives for a code. Raises NotSignedIn."""
    try:
        given: Mapping[str, Any] = asked.fetch_token(
            url, grant_type="authorization_code", code=code, code_verifier=attempt.verifier, allow_redirects=False
        )
    except (AuthlibBaseError, JoseError, requests.RequestException, ValueError) as error:
        told = getattr(error, "error", None) or type(error).__name__
        raise NotSignedIn(f"The provider gave no token ({str(told)[:80]}); sign in again.") from error
    if not isinstance(given.get("access_token"), str):
        raise NotSignedIn("The provider gave no token; sign in again.")
    return given


def clean_name(name: object) -> str | None:
    """A name as it may stand in the audit log; None for what is none."""
    text = name.strip().lower() if isinstance(name, str) else ""
    return text if text and len(text) <= LONGEST_NAME and text.isprintable() and " " not in text else None
