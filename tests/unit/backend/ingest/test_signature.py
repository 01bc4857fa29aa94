"""Signatures: by any of the secrets that a setting names."""

import hashlib
import hmac

import pytest

from backend.ingest.signature import secrets_of, signed_digest


def signed(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("setting", "secret", "good"),
    [
        ("one", "one", True),
        (" one \n", "one", True),
        ("old,new", "old", True),
        ("old\nnew", "new", True),
        ("with,comma", "with,comma", True),
        ("one", "two", False),
        ("", "", False),
        (",", "", False),
    ],
)
def test_each_secret_of_the_setting_signs(setting: str, secret: str, good: bool) -> None:
    assert (signed_digest(secrets_of(setting), signed(secret, b"body"), b"body") is not None) is good


def test_capital_digits_are_digits() -> None:
    header = signed("one", b"body")
    assert signed_digest([b"one"], f"sha256={header[7:].upper()}", b"body") == bytes.fromhex(header[7:])
