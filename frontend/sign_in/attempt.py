"""An attempt to sign in with a provider: what has to come back as it was sent, kept by the browser meanwhile.

In a cookie and not on the server, so that whoever only begins leaves nothing behind. It is good for one provider, and
proves no more than that the one who comes back is the one who left.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass

from frontend.sign_in.origin import local_path
from shared.access.people import Provider

COOKIE = "fettle_sign_in"

LIFE_S = 600


@dataclass(frozen=True)
class Attempt:
    """One attempt. then: where to go on to."""

    provider: Provider
    state: str
    nonce: str
    verifier: str
    then: str

    @classmethod
    def begin(cls, provider: Provider, then: str) -> "Attempt":
        """A new one, of 256 random bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(provider, state, nonce, verifier, local_path(then))

    @classmethod
    def of(cls, cookie: str | None, provider: Provider, state: str | None) -> "Attempt | None":
        """The attempt that a browser comes back from; None if it began none, or another one."""
        parts = (cookie or "").split(".")
        if len(parts) != 5 or parts[0] != provider:
            return None
        if not hmac.compare_digest(parts[1].encode(), (state or "").encode("utf-8", "surrogatepass")):
            return None
        try:
            then = base64.urlsafe_b64decode(parts[4] + "=" * (-len(parts[4]) % 4)).decode()
        except ValueError:  # not of ours
            return None
        return cls(provider, parts[1], parts[2], parts[3], local_path(then))

    @property
    def cookie(self) -> str:
        """What the browser keeps."""
        then = base64.urlsafe_b64encode(self.then.encode()).decode().rstrip("=")
        return f"{self.provider}.{self.state}.{self.nonce}.{self.verifier}.{then}"
