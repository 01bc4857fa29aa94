"""Sessions: kept in the store, one small document each, so that they survive a restart and hold for all replicas.

The cookie is a random token; the document is named by its SHA-256, so whoever reads the store cannot take a session
over. When the document is gone the session is at its end, wherever its cookie has been copied to.
"""

import hashlib
import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from shared.access.people import People, Provider
from shared.access.roles import Caller
from shared.access.sealing import seal
from shared.errors import FettleError
from shared.lake.documents import STATE, Document, delete_document, read_document, update_document
from shared.lake.store import Store

FOLDER = "sessions/"

GOOD_FOR_S = 5.0
"""Seconds for which what was read of a session is good: so long another process may still take one that has ended."""

SEEN_EVERY_S = 60.0
"""How exactly it is known when something last happened: more exactly would be a write for every click."""

REMEMBERED = 10_000
"""Sessions looked up of late, with what was found."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

log = logging.getLogger(__name__)


class Ended(FettleError):
    """A session goes on no longer, as what it rests on is gone."""


@dataclass(frozen=True)
class SignedIn:
    """Whom a provider has signed in.

    stamp: of a local user's password.  repos: `org/name` of those whose rows they may see; None: all.
    secret: what they let Fettle ask GitHub with.
    """

    provider: Provider
    name: str
    stamp: str | None = None
    repos: frozenset[str] | None = None
    secret: str | None = None


@dataclass(frozen=True)
class Session:
    """What is stored of a session. Times are seconds since 1970; sealed: the secret, as only the cookie opens it."""

    provider: Provider
    name: str
    created_at: float
    seen_at: float
    ends_at: float
    stamp: str | None = None
    repos: tuple[str, ...] | None = None
    repos_at: float | None = None
    sealed: str | None = None


class Renewal(Protocol):
    """Brings up to date which repositories somebody may see."""

    def __call__(self, session: Session, token: str, now: float) -> Session:
        """The session as it is to be from now on, or as it is. Raises Ended."""


class Sessions:
    """Begins, finds and ends sessions; safe to use from threads.

    life_s, idle_s: after which a session ends, in any case and if nothing happens in it.
    """

    def __init__(
        self,
        store: Store,
        people: People,
        life_s: float,
        idle_s: float,
        renew: Renewal | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._people, self._renew, self._clock = store, people, renew, clock
        self._life_s, self._idle_s = life_s, idle_s
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[float, Caller | None]] = OrderedDict()
        self._ended: OrderedDict[str, None] = OrderedDict()

    def begin(self, who: SignedIn) -> str:
        """Begins a session and returns its token, for the cookie alone. Raises StoreError."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            who.provider,
            who.name,
            created_at=now,
            seen_at=now,
            ends_at=now + self._life_s,
            stamp=who.stamp,
            repos=None if who.repos is None else tuple(sorted(who.repos)),
            repos_at=None if who.repos is None else now,
            sealed=seal(token, who.secret) if who.secret else None,
        )
        update_document(self._store, _name(token), lambda _: asdict(session))
        return token

    def caller(self, token: str | None) -> Caller | None:
        """Whose session it is; None if it has ended or never was one.

        Raises StoreError or SettingsError where that cannot be told.
        """
        if not token or not _TOKEN.fullmatch(token):
            return None
        key = _name(token)
        with self._lock:
            read_at, known = self._found.get(key, (0.0, None))
            if key in self._ended:
                return None
        if 0 <= self._clock() - read_at <= GOOD_FOR_S:
            return known
        asked_at = self._clock()
        caller = self._look(key, token)
        with self._lock:
            _put(self._found, key, (asked_at, caller))
            return None if key in self._ended else caller

    def known(self, token: str | None) -> bool:
        """Whether `caller` would answer at once, without asking the store."""
        if not token or not _TOKEN.fullmatch(token):
            return True
        key = _name(token)
        return key in self._ended or 0 <= self._clock() - self._found.get(key, (0.0, None))[0] <= GOOD_FOR_S

    def end(self, token: str | None) -> None:
        """Ends a session for good; one that has ended is no error. Raises StoreError."""
        if token and _TOKEN.fullmatch(token):
            self._end(_name(token))

    def sweep(self) -> int:
        """Removes what has ended by itself and returns how many there were. Raises StoreError."""
        names = [blob.name.removeprefix(STATE).removesuffix(".json") for blob in self._store.list(f"{STATE}{FOLDER}")]
        old = [name for name in names if (session := self._read(name)) and self._is_over(session)]
        for name in old:
            delete_document(self._store, name)
        return len(old)

    def _look(self, name: str, token: str) -> Caller | None:
        session = self._read(name)
        if session is None:
            return None
        role = self._people.role(session.provider, session.name, session.stamp)
        if role is None or self._is_over(session):
            self._end(name)
            return None
        try:
            session = self._kept(name, session, token)
        except Ended as ended:
            log.info("The session of %s ends: %s", session.name, ended)
            self._end(name)
            return None
        repos = None if session.repos is None else frozenset(session.repos)
        return None if self._is_unscoped(session) else Caller(session.name, role, repos)

    def _kept(self, name: str, session: Session, token: str) -> Session:
        """The session with what has changed, which is stored. Raises Ended."""
        now = self._clock()
        new = self._renew(session, token, now) if self._renew else session
        if now - new.seen_at > SEEN_EVERY_S:
            new = replace(new, seen_at=now)
        if new != session:
            stored = asdict(new)

            def put(document: Document) -> Document:
                return stored if document else document  # what was ended meanwhile stays at its end

            update_document(self._store, name, put)
        return new

    def _is_over(self, session: Session) -> bool:
        now = self._clock()
        return now >= session.ends_at or now >= session.seen_at + self._idle_s

    @staticmethod
    def _is_unscoped(session: Session) -> bool:
        """Whoever comes from GitHub sees what they can read there, and never all for want of a list."""
        return session.provider == "github" and session.repos is None

    def _end(self, name: str) -> None:
        delete_document(self._store, name)
        with self._lock:
            _put(self._ended, name, None)
            self._found.pop(name, None)

    def _read(self, name: str) -> Session | None:
        document = read_document(self._store, name)
        try:
            return _session(document) if document else None
        except (TypeError, ValueError):
            log.warning("%s in %s is of no use, and counts as a session at its end.", name, self._store.url)
            return None


def _session(document: dict[str, Any]) -> Session:
    repos = document.get("repos")
    return Session(**{**document, "repos": None if repos is None else tuple(map(str, repos))})


def _name(token: str) -> str:
    return FOLDER + hashlib.sha256(token.encode()).hexdigest()


def _put(book: OrderedDict[str, Any], key: str, value: object) -> None:
    book[key] = value
    book.move_to_end(key)
    if len(book) > REMEMBERED:
        book.popitem(last=False)
