"""OpenID Connect: any provider that tells where it is asked under its issuer's address."""

import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from frontend.sign_in.attempt import Attempt
from frontend.sign_in.ways import NotSignedIn, clean_name, client, token_of
from shared.access.discovery import ProviderUnusable, check_issuer, discovery_of, document_at, endpoint_of
from shared.access.people import GITHUB, Provider
from shared.access.sessions import SignedIn

KEPT_S = 3_600.0
"""How long what a provider tells of itself is good."""

ASKED_AGAIN_S = 60.0
"""Its keys may be new, but are not asked for more often, whatever a token says that they are called."""

LEEWAY_S = 60
"""By which two clocks may differ."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""With keys that the provider alone has: never those for which our own secret would do, and never none."""

_KNOWN = {
    "accounts.google.com": "Google",
    "login.microsoftonline.com": "Microsoft",
}


class Oidc:
    """One provider."""

    provider: Provider = "oidc"

    def __init__(self, issuer: str, client_id: str, secret: str) -> None:
        self._issuer, self._client_id, self._secret = issuer, client_id, secret
        host = urlsplit(issuer).hostname or ""
        self.words = f"Sign in with {_KNOWN.get(host, host)}"
        self._lock = threading.Lock()
        self._told: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def start(self, attempt: Attempt, back: str) -> str:
        """The address at which somebody signs in. Raises NotSignedIn."""
        told = self._metadata()
        url, _ = self._client(told, back).create_authorization_url(
            self._endpoint(told, "authorization_endpoint"),
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
        )
        return str(url)

    def finish(self, attempt: Attempt, back: str, code: str) -> SignedIn:
        """Who came back with this code. Raises NotSignedIn."""
        told = self._metadata()
        with self._client(told, back) as asked:
            token = token_of(asked, self._endpoint(told, "token_endpoint"), code, attempt)
        return SignedIn(self.provider, self._name(self._claims(token, attempt.nonce)))

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """What the provider has signed, once it is certain that it did, for us, now and for this attempt."""
        try:
            found = self._decoded(str(token.get("id_token", "")))
            options = {
                "iss": {"essential": True, "value": self._metadata()["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
            }
            params = {"nonce": nonce, "client_id": self._client_id, "access_token": token["access_token"]}
            checked = CodeIDToken(found.claims, found.header, options, params)
            checked.validate(leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedIn(f"The provider's token is not to be relied on ({type(error).__name__}).") from error
        claims: Mapping[str, Any] = checked
        return claims

    def _decoded(self, id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._key_set(KEPT_S), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(id_token, self._key_set(ASKED_AGAIN_S), algorithms=ALGORITHMS)

    @staticmethod
    def _name(claims: Mapping[str, Any]) -> str:
        """The e-mail address. One of which the provider says that it is not verified may be anybody's."""
        verified = claims.get("email_verified")
        if verified is not None and verified not in (True, "true"):
            raise NotSignedIn("The provider has not verified your e-mail address; have it do so, then sign in again.")
        told = claims.get("email") or (claims.get("preferred_username") if verified is None else None)
        name = clean_name(told)
        if name is None or "@" not in name or name.startswith(GITHUB):
            raise NotSignedIn("The provider told no e-mail address of you; it has to release the scope `email`.")
        return name

    def _client(self, told: Mapping[str, Any], back: str) -> Any:  # noqa: ANN401 - Authlib has no types
        methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return client(self._client_id, self._secret, "openid email profile", back, method)

    def _metadata(self) -> dict[str, Any]:
        with self._lock:
            if self._told is None or time.monotonic() - self._told[0] > KEPT_S:
                told = self._asked(discovery_of(self._issuer))
                try:
                    check_issuer(told, self._issuer)
                except ProviderUnusable as problem:
                    raise NotSignedIn(str(problem)) from problem
                self._told = time.monotonic(), told
            return self._told[1]

    def _key_set(self, good_for_s: float) -> KeySet:
        url = self._endpoint(self._metadata(), "jwks_uri")
        with self._lock:
            if self._keys is None or time.monotonic() - self._keys[0] > good_for_s:
                try:
                    self._keys = time.monotonic(), KeySet.import_key_set(self._asked(url))  # type: ignore[arg-type]
                except (JoseError, ValueError, TypeError, KeyError) as error:
                    raise NotSignedIn("The provider's keys cannot be read; try again later.") from error
            return self._keys[1]

    @staticmethod
    def _endpoint(told: Mapping[str, Any], name: str) -> str:
        try:
            return endpoint_of(told, name)
        except ProviderUnusable as problem:
            raise NotSignedIn(str(problem)) from problem

    @staticmethod
    def _asked(url: str) -> dict[str, Any]:
        try:
            return document_at(url)
        except ProviderUnusable as problem:
            raise NotSignedIn(str(problem)) from problem
