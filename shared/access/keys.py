"""API keys: stored as hashes alone, with a name and a role; compared in constant time.

A key is `fettle_<id>_<secret>`: the id finds it, the secret proves it. The secret has 256 bits of randomness, so a
plain SHA-256 of it cannot be guessed back, and needs none of the slowness that a password's hash does.
"""

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from shared.access.roles import ROLES, Caller, Role
from shared.errors import FettleError, SettingsError
from shared.lake.documents import Document, read_document, update_document
from shared.lake.store import Store

DOCUMENT = "api_keys"

GOOD_FOR_S = 5.0
"""Seconds for which what was read of the keys is good: so long a revoked key may still work."""

SHORTEST = 24
"""Characters of a key in FETTLE_API_KEYS: fewer could be guessed."""

LONGEST_NAME = 60

_KEY = re.compile(r"fettle_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NO_DIGEST = hashlib.sha256(b"").hexdigest()


class KeyRefused(FettleError):
    """A key cannot be made or revoked."""


@dataclass(frozen=True)
class ApiKey:
    """What is stored of a key. digest: SHA-256 of its secret, in hex."""

    key_id: str
    name: str
    role: Role
    digest: str
    created_at: str


def create_key(store: Store, name: str, role: str, now: datetime) -> str:
    """Makes a key and returns it; it is never to be seen again. Raises KeyRefused or StoreError."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise KeyRefused(f"The name {name!r} is not usable: give 1 to {LONGEST_NAME} printable characters.")
    if role not in ROLES:
        raise KeyRefused(f"There is no role {role!r}; use one of {', '.join(ROLES)}.")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    made = asdict(ApiKey(key_id, name, role, _digest(secret), now.isoformat(timespec="seconds")))

    def add(document: Document) -> Document:
        if any(key["name"] == name for key in document.get("keys", [])):
            raise KeyRefused(f"There is a key named {name!r} already; revoke it first or choose another name.")
        return {"keys": [*document.get("keys", []), made]}

    update_document(store, DOCUMENT, add)
    return f"fettle_{key_id}_{secret}"


def revoke_key(store: Store, name: str) -> None:
    """Has a key work no more, at the latest in GOOD_FOR_S seconds. Raises KeyRefused or StoreError."""

    def drop(document: Document) -> Document:
        keys = document.get("keys", [])
        rest = [key for key in keys if key["name"] != name]
        if len(rest) == len(keys):
            known = ", ".join(repr(key["name"]) for key in keys) or "none"
            raise KeyRefused(f"There is no key named {name!r}; there are {known}.")
        return {"keys": rest}

    update_document(store, DOCUMENT, drop)


def stored_keys(store: Store) -> list[ApiKey]:
    """All keys, in the order in which they were made. Raises StoreError."""
    return [ApiKey(**key) for key in read_document(store, DOCUMENT).get("keys", [])]


def keys_of_settings(text: str) -> tuple[ApiKey, ...]:
    """Keys of FETTLE_API_KEYS: `NAME:ROLE:KEY` by commas or on lines of their own. Raises SettingsError."""
    found = []
    for number, entry in enumerate(filter(None, re.split(r"[,\n]", text.replace(" ", ""))), start=1):
        name, _, rest = entry.partition(":")
        role, _, key = rest.partition(":")
        if not name or role not in ROLES or len(key) < SHORTEST:
            raise SettingsError(
                f"Entry {number} of FETTLE_API_KEYS is not usable: write NAME:ROLE:KEY, with a role of "
                f"{', '.join(ROLES)} and a key of at least {SHORTEST} characters, or use `python -m backend keys add`."
            )
        found.append(ApiKey(name, name, role, _digest(key), ""))
    return tuple(found)


class KeyRing:
    """Tells whose a key is. Reads the stored keys anew when they are GOOD_FOR_S old; safe to use from threads."""

    def __init__(self, store: Store, fixed: Iterable[ApiKey] = (), clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._fixed, self._clock = store, tuple(fixed), clock
        self._lock = threading.Lock()
        self._stored: Sequence[ApiKey] = ()
        self._read_at: float | None = None

    @property
    def fresh(self) -> bool:
        """Whether what was read of the keys is still good."""
        return self._read_at is not None and self._clock() - self._read_at <= GOOD_FOR_S

    def refresh(self) -> None:
        """Reads the stored keys, if what was read is too old. Raises StoreError."""
        with self._lock:
            if not self.fresh:
                self._stored = stored_keys(self._store)
                self._read_at = self._clock()

    def any(self) -> bool:
        """Whether there is a key at all; of the settings' own the store is not asked. Raises StoreError."""
        if self._fixed:
            return True
        self.refresh()
        return bool(self._stored)

    def caller(self, key: str) -> Caller | None:
        """Whose a key is; None if it is nobody's. Raises StoreError where that cannot be told."""
        self.refresh()
        parts = _KEY.fullmatch(key)
        if parts:
            known = next((one for one in self._stored if one.key_id == parts[1]), None)
            same = hmac.compare_digest(_digest(parts[2]), known.digest if known else _NO_DIGEST)
            if known and same:
                return Caller(known.name, known.role)
        digest = _digest(key)
        matches = [one for one in self._fixed if hmac.compare_digest(digest, one.digest)]
        return Caller(matches[0].name, matches[0].role) if matches else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
