"""What the stand-in knows: keys, and the sessions of one organisation."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from time import time
from typing import Any, Literal

from tests.standins.github.moments import Moment, epoch

ORG = "org-acme"
V1_KEY = "apk_user_standin"
V3_KEY = "cog_standin"


@dataclass(frozen=True)
class Session:
    """A session; `id` is without `devin-`, times are epoch seconds, `more` overrides fields of what is answered."""

    id: str
    created_at: int
    updated_at: int
    title: str = "Fix an alert"
    status: str = "running"
    status_detail: str | None = "working"
    status_enum: str | None = "working"
    tags: tuple[str, ...] = ()
    pull_requests: tuple[str, ...] = ()
    acus: float = 1.5
    structured_output: Any = None
    more: dict[str, Any] = field(default_factory=dict)


class State:
    """Sessions by id; every method may be called from any thread at any time.

    order: the time by which the lists are sorted, the latest first. forbidden: keys that may not read sessions.
    """

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.keys = {V1_KEY, V3_KEY}
        self.forbidden: set[str] = set()
        self.sessions: dict[str, Session] = {}
        self.order: Literal["created_at", "updated_at"] = "created_at"
        self._numbers = count(1)

    def new_session(self, *, at: Moment | None = None, **fields: Any) -> Session:
        """A session that has just begun to work; `fields` override."""
        moment = epoch(self.clock() if at is None else at)
        with self.lock:
            session = Session(f"{next(self._numbers):032x}", **{"created_at": moment, "updated_at": moment, **fields})
            self.sessions[session.id] = session
            return session

    def update(self, session_id: str, *, at: Moment | None = None, **fields: Any) -> Session:
        """Changes a session, which is thereby updated."""
        moment = epoch(self.clock() if at is None else at)
        with self.lock:
            self.sessions[session_id] = replace(self.sessions[session_id], updated_at=moment, **fields)
            return self.sessions[session_id]

    def delete(self, session_id: str) -> None:
        """The session is in no list from now on."""
        with self.lock:
            del self.sessions[session_id]

    def listed(self) -> list[Session]:
        """All sessions in the order of the lists."""
        with self.lock:
            return sorted(
                self.sessions.values(), key=lambda session: (getattr(session, self.order), session.id), reverse=True
            )
