"""The signature of a delivery: HMAC-SHA256 of the raw body under the webhook's secret."""

import hashlib
import hmac
import re
from collections.abc import Sequence

from shared.settings import split_list

_FORM = re.compile(r"sha256=([0-9a-fA-F]{64})")


def secrets_of(setting: str) -> list[bytes]:
    """The secrets that a setting names; also the whole of it, since one secret may have a comma in it."""
    parts = split_list(setting)
    return [secret.encode() for secret in dict.fromkeys([setting.strip(), *parts])] if parts else []


def signed_digest(secrets: Sequence[bytes], header: str | None, body: bytes) -> bytes | None:
    """The digest that a delivery is signed with, if it is by one of the secrets; None otherwise.

    header: `X-Hub-Signature-256`, whatever is in it. Every secret is tried, and compared in constant time.
    """
    form = _FORM.fullmatch(header or "")
    if form is None:
        return None
    given = bytes.fromhex(form[1])
    matching = None
    for secret in secrets:
        digest = hmac.digest(secret, body, hashlib.sha256)
        if hmac.compare_digest(digest, given):
            matching = digest
    return matching


def flaw(header: str | None) -> str:
    """What is wrong with a signature that does not match, for a person who looks into it."""
    if not header:
        return "No X-Hub-Signature-256 header; set a secret on the webhook."
    if header.startswith("sha1="):
        return "The signature is SHA-1, which is not accepted."
    if _FORM.fullmatch(header) is None:
        return "The signature is not of the form sha256= and 64 hex digits."
    return "The signature is not by the secret of this webhook."
