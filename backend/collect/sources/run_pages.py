"""Pages of workflow runs: a window of time from its newest run to its oldest, however many it holds.

GitHub lists at most 1 000 runs for one question, newest first, and pages that are counted move while they are
read. So each question asks for the newest hundred runs up to the second before the oldest one known. Such a
question asks about the past alone: its answer stays the same until one of its runs changes, which makes its ETag
worth keeping. Whether the oldest second of a page held more runs than the page, the next answer's total tells.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.collect.answers import Answer
from backend.collect.cursors import earliest
from backend.collect.problems import Unavailable
from backend.collect.visit import items
from backend.collect.windows import SECOND, Window
from backend.mapping.values import moment, nested

REPEATS = 3
"""How often a window is asked for when what comes belongs to another one."""

Ask = Callable[[Window], Answer]
Follow = Callable[[Answer], Iterator[Answer]]


@dataclass(frozen=True)
class RunPage:
    """The newest runs of a window, with the answer that brought them.

    total: how many runs GitHub counts in the window.  oldest: the first second of which there is a run.
    number: which page of the window it is; all but those of a second that holds many runs are the first.
    """

    window: Window
    answer: Answer
    runs: list[Any]
    total: int
    oldest: datetime | None
    number: int = 1

    @classmethod
    def of(cls, window: Window, answer: Answer, number: int = 1) -> "RunPage":
        """Reads a page. Raises Unavailable if it is none."""
        runs, counted = items(answer, "workflow_runs"), nested(answer.data, "total_count")
        total = counted if isinstance(counted, int) else len(runs)
        return cls(window, answer, runs, total, earliest(*(created_at(run) for run in runs)), number)

    @property
    def more(self) -> bool:
        """Whether the window holds further runs."""
        return bool(self.runs) and (self.answer.next_page is not None or self.total > len(self.runs))

    @property
    def identities(self) -> set[str]:
        """What tells its runs from others."""
        return set(map(identity, self.runs))

    @property
    def is_of_another_window(self) -> bool:
        """Whether no run was created in the window, though there are runs: some cache gave an older answer."""
        created = [at for run in self.runs if (at := created_at(run))]
        return bool(created) and min(created) >= self.window.until + SECOND


@dataclass
class Descent:
    """The way down through a window; iterating asks the questions.

    expected: how many runs the window holds beside those that `known` names, if a question has told.
    After iterating, `total` is what GitHub counted at the beginning and `found` how many it listed; `until` is where
    the way down has come to. Raises Unprocessable where GitHub finds the window too large.
    """

    ask: Ask
    follow: Follow
    window: Window
    expected: int | None = None
    known: set[str] = field(default_factory=set)
    total: int = 0
    found: int = 0
    until: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.until = self.window.until

    def __iter__(self) -> Iterator[RunPage]:
        """The pages, newest first."""
        remaining, self.until = self.expected, self.window.until
        self.total = self.expected or 0
        while self.until >= self.window.since:
            page = self._page(Window(self.window.since, self.until))
            if remaining is None:
                self.total = page.total
            elif page.total < remaining:
                yield from self._second(self.until + SECOND)
            yield self._counted(page)
            if not page.more:
                return
            if page.oldest is None:  # no run says when it was created
                yield from self._linked(page)
                return
            remaining = page.total - len(page.runs)
            self.until = min(page.oldest, self.until) - SECOND
        if remaining:
            yield from self._second(self.until + SECOND)

    def _page(self, window: Window) -> RunPage:
        for _ in range(REPEATS):
            page = RunPage.of(window, self.ask(window))
            if not page.is_of_another_window:
                return page
        raise Unavailable(f"GitHub lists other runs than those created in {window.created}; collect again later.")

    def _second(self, second: datetime) -> Iterator[RunPage]:
        """Every run of one second, in which a page may have ended."""
        window = Window(second, second)
        first = RunPage.of(window, self.ask(window))
        yield self._counted(first)
        yield from self._linked(first)

    def _linked(self, first: RunPage) -> Iterator[RunPage]:
        for number, answer in enumerate(self.follow(first.answer), start=2):
            yield self._counted(RunPage.of(first.window, answer, number))

    def _counted(self, page: RunPage) -> RunPage:
        fresh = page.identities - self.known
        self.found += len(fresh)
        # Only neighbouring pages share runs, so that nothing grows with the history.
        self.known = self.known | fresh if page.window.since == page.window.until else page.identities
        return page


def created_at(run: object) -> datetime | None:
    """When a run was created, to the second."""
    at = moment(nested(run, "created_at"))
    return at.replace(microsecond=0) if at else None


def identity(run: object) -> str:
    """What tells a run from others on the pages of a listing, also one that cannot become a row."""
    known = nested(run, "id")
    return repr(run if known is None else known)
