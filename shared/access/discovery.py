"""Discovery: what an OpenID Connect provider tells of itself under its issuer's address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from shared.access.github_repos import TIMEOUT_S, authorities
from shared.addresses import is_loopback
from shared.errors import FettleError

LARGEST = 1_000_000
"""Bytes of a document of a provider."""

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
"""Addresses that a sign-in needs."""


class ProviderUnusable(FettleError):
    """A provider tells nothing that somebody could be signed in with."""


class ProviderSilent(ProviderUnusable):
    """A provider does not answer, now. reason: in a word or two, such as `ConnectTimeout` or `HTTP 404`."""

    def __init__(self, error: Exception, reason: str) -> None:
        super().__init__(f"The provider does not answer ({type(error).__name__}); try again later.")
        self.reason = reason


def discovery_of(issuer: str) -> str:
    """Where a provider tells of itself."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def document_at(url: str, timeout_s: tuple[float, float] = TIMEOUT_S) -> dict[str, Any]:
    """A provider's document. timeout_s: to connect, and between two parts of the answer.

    Raises ProviderSilent or ProviderUnusable.
    """
    try:
        answer = requests.get(url, timeout=timeout_s, verify=authorities(), allow_redirects=False)
        answer.raise_for_status()
        found = answer.json() if len(answer.content) <= LARGEST else None
    except (requests.RequestException, ValueError) as error:
        status = (
            error.response.status_code if isinstance(error, requests.HTTPError) and error.response is not None else 0
        )
        raise ProviderSilent(error, f"HTTP {status}" if status else type(error).__name__) from error
    if answer.status_code != 200 or not isinstance(found, dict):
        raise ProviderUnusable("The provider does not answer as one does; is FETTLE_OIDC_ISSUER right?")
    return found


def check_issuer(told: Mapping[str, Any], issuer: str) -> None:
    """Raises ProviderUnusable unless a provider calls itself so."""
    own = told.get("issuer")
    if not isinstance(own, str) or own.rstrip("/") != issuer.rstrip("/"):
        raise ProviderUnusable(f"The provider calls itself {str(own)[:200]!r}; set FETTLE_OIDC_ISSUER to that.")


def endpoint_of(told: Mapping[str, Any], name: str) -> str:
    """An address of a provider. Raises ProviderUnusable where what goes there could be read on its way."""
    url = told.get(name)
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not parts.hostname:
        raise ProviderUnusable(f"The provider does not tell its {name}; is FETTLE_OIDC_ISSUER right?")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ProviderUnusable(f"The provider's {name} is not an https address.")
    return str(url)
