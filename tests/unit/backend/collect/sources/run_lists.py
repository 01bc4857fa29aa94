"""Workflow runs as GitHub lists them: a window, newest first, a hundred to a page, a thousand at most."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.collect.answers import Answer
from backend.collect.windows import Window

START = datetime(2026, 6, 1, tzinfo=UTC)
PAGE, REACHABLE = 100, 1_000


def at(second: int) -> datetime:
    """A moment some seconds after START."""
    return START + timedelta(seconds=second)


@dataclass
class RunList:
    """Runs by id with the second (after START) in which each was created, and questions about them.

    asked: the windows that were asked for, pages that links lead to included.  meanwhile: is called after each answer.
    """

    created: dict[int, int]
    revisions: dict[int, int] = field(default_factory=dict)
    asked: list[Window] = field(default_factory=list)
    unchanged: int = 0
    meanwhile: Callable[["RunList"], None] | None = None
    _places: dict[str, tuple[Window, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, seconds: Iterable[int]) -> "RunList":
        """A run for each second given, with ids from 1."""
        return cls(dict(enumerate(seconds, start=1)))

    def within(self, window: Window) -> list[int]:
        """The ids of the runs of a window, newest first."""
        found = ((second, number) for number, second in self.created.items() if at(second) <= window.until)
        return [number for second, number in sorted(found, reverse=True) if at(second) >= window.since]

    def ask(self, window: Window, etag: str | None = None, page: int = 1) -> Answer:
        """The answer to a question; 304 if it is the one that has this ETag."""
        self.asked.append(window)
        answer = self.answer(window, page)
        if etag == answer.etag:
            self.unchanged += 1
            return Answer(304, answer.headers, None)
        if self.meanwhile:
            self.meanwhile(self)
        return answer

    def answer(self, window: Window, page: int = 1) -> Answer:
        """A page of a window."""
        found, start = self.within(window), (page - 1) * PAGE
        shown = found[start : min(start + PAGE, REACHABLE)]
        runs = [
            {"id": number, "created_at": at(self.created[number]).isoformat(), "revision": self.revisions.get(number)}
            for number in shown
        ]
        headers = {"etag": hashlib.sha256(repr((len(found), runs)).encode()).hexdigest()}
        if start + PAGE < min(len(found), REACHABLE):
            address = f"{window.created}#{page + 1}"
            self._places[address] = (window, page + 1)
            headers["link"] = f'<{address}>; rel="next"'
        return Answer(200, headers, {"total_count": len(found), "workflow_runs": runs})

    def follow(self, answer: Answer) -> Iterator[Answer]:
        """The pages after one."""
        while address := answer.next_page:
            answer = self.ask(self._places[address][0], page=self._places[address][1])
            yield answer


def ids(runs: Iterable[dict[str, Any]]) -> list[int]:
    """Which runs they are."""
    return [run["id"] for run in runs]
