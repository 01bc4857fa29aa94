"""What was asked of the stand-in and what it answered."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One request; status None: no answer was sent; `points`: what it cost of the primary limit."""

    method: str
    path: str
    query: dict[str, str]
    status: int | None
    conditional: bool
    bytes: int
    points: int
    login: str

    @property
    def target(self) -> str:
        """`path?query`, readable."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{query}" if query else self.path


class RequestLog:
    """The entries in the order in which they were answered, and a few counts over them."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._in_flight = 0
        self.max_in_flight = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    @property
    def points(self) -> int:
        """What all requests cost of the primary limit together."""
        return sum(entry.points for entry in self)

    def figures(self) -> dict[str, int]:
        """All counts by name; `bytes` are those of the bodies as they were sent."""
        entries = list(self)
        return {
            "requests": len(entries),
            "points": sum(entry.points for entry in entries),
            "conditional": sum(entry.conditional for entry in entries),
            "unchanged": sum(entry.status == 304 for entry in entries),
            "bytes": sum(entry.bytes for entry in entries),
            "max_in_flight": self.max_in_flight,
        }

    def matching(self, path: str = "", *, method: str = "GET", status: int | None = None) -> list[Entry]:
        """The entries whose `path?query` contains the regular expression `path`."""
        found = (entry for entry in self if entry.method == method and re.search(path, entry.target))
        return [entry for entry in found if status in (None, entry.status)]

    def clear(self) -> None:
        """Forgets what was, so that a test can count from here."""
        with self._lock:
            self._entries.clear()
            self.max_in_flight = self._in_flight

    def begin(self) -> None:
        """A request has arrived."""
        with self._lock:
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)

    def end(self, entry: Entry) -> None:
        """It has been answered, or dropped."""
        with self._lock:
            self._in_flight -= 1
            self._entries.append(entry)
