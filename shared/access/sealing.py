"""Sealing: a secret of a session, encrypted under its cookie's token, which is stored nowhere.

A key beside what it locks would protect nothing. So without the cookie, of which the store has a hash alone, nobody can
open what is stored: not who reads the store, nor who has a backup of it.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

_PURPOSE = b"fettle: secret of a session"


def seal(token: str, secret: str) -> str:
    """The secret, as only the token opens it."""
    return _box(token).encrypt(secret.encode()).decode()


def unseal(token: str, sealed: str) -> str | None:
    """The secret; None if it was not sealed with this token."""
    try:
        return _box(token).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(token: str) -> Fernet:
    # The token has 256 random bits, so nothing slow is needed to make a key of it.
    return Fernet(base64.urlsafe_b64encode(hmac.digest(token.encode(), _PURPOSE, hashlib.sha256)))
