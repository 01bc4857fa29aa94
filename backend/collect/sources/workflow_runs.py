"""Workflow runs: every attempt of every run of a repository.

GitHub lists the newest attempt of each run by the time the run was created. A visit asks first for the newest
hundred, with an ETag: in a repository at rest that is all. Then come windows that nobody has read yet; once a day
those of the last thirty days, in which runs may be started again; and runs that were not finished last time,
however old. Earlier attempts are read one by one, at last.
"""

from datetime import UTC, datetime, timedelta

from backend.collect.cursors import latest
from backend.collect.ledger import Covered
from backend.collect.problems import Unprocessable
from backend.collect.sources.rerun_blocks import Blocks
from backend.collect.sources.run_memory import RunMemory
from backend.collect.sources.run_pages import Descent, RunPage, created_at
from backend.collect.sources.run_shelf import Shelf
from backend.collect.visit import Visit
from backend.collect.windows import SECOND, Window, window

BEGINNING = datetime(2018, 10, 1, tzinfo=UTC)
"""GitHub Actions began in this month: no run is older. Empty years cost nothing."""

LAG = timedelta(hours=1)
"""How far behind the newest run of the last visit a visit reads on: a run may be listed later than it was created."""

SKEW = timedelta(days=1)
"""The newest window ends in the future, so that a clock that is wrong hides no run."""


def read(visit: Visit) -> Covered:
    """Reads what is new and what may have changed; the cursor moves on with each page that is stored."""
    return _Reading(visit).read()


class _Reading:
    """One visit. memory: what the cursor says, and is to say."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.memory = RunMemory.of(visit.cursor)
        self.shelf = Shelf(visit, self.memory)
        self.gaps: list[str] = []
        self.today = visit.desk.lake.clock().date().isoformat()
        self.lower = self._begin()
        self.blocks = Blocks(self.shelf, self.memory, visit.now, self.today)

    def read(self) -> Covered:
        """See the module."""
        try:
            self._read()
        finally:
            self._save()
        return self._covered()

    def _read(self) -> None:
        head = self._head()
        for part in sorted(self.memory.unread, key=lambda part: part.since):
            self._read_window(part, head)
        if self.blocks.due and not self.is_extra:
            self.blocks.revisit()
        self.shelf.look_again(head_is_known=not self.is_extra)
        self.shelf.read_attempts()

    def _begin(self) -> datetime:
        """From where this visit reads on; a visit that reaches back further than ever lowers the floor."""
        memory, since = self.memory, self.visit.since
        since = max(since, BEGINNING).replace(microsecond=0) if since else None
        if memory.floor is None or (since and since < memory.floor):
            memory.floor = since or BEGINNING
            memory.newest = memory.head_etag = None
            memory.unread, memory.blocks = [], []
        # `--since` within what is known reads that part again, and leaves the cursor as it is.
        self.is_extra = since is not None and since > memory.floor
        if self.is_extra:
            memory.unread = []
        if since is not None or memory.newest is None:
            return since or memory.floor
        return max(memory.newest - LAG, memory.floor)

    def _head(self) -> RunPage | None:
        """Reads the newest runs, and notes what is unread below; None if they are as they were."""
        memory = self.memory
        floor = self.lower if self.is_extra or memory.floor is None else memory.floor
        whole = window(floor, self.visit.now + SKEW)
        try:
            answer = self.shelf.newest(f">={floor:%Y-%m-%dT%H:%M:%SZ}", None if self.is_extra else memory.head_etag)
        except Unprocessable:  # GitHub's word for a question that is too large
            memory.unread.append(Window(self.lower, whole.until))
            return None
        if answer.status == 304:
            return None
        page = RunPage.of(whole, answer)
        oldest = page.oldest or whole.until
        memory.head_etag, memory.head_oldest = answer.etag, oldest if page.more else None
        if page.more and oldest >= self.lower:
            memory.unread.append(Window(self.lower, oldest))
        # A run dated in the future must not hide those that come before that day.
        newest = min(latest(floor, *map(created_at, page.runs)) or floor, self.visit.now)
        memory.newest = latest(memory.newest, newest)
        self.shelf.keep(page.runs, page.answer)
        self._save()
        return page

    def _read_window(self, part: Window, head: RunPage | None = None) -> None:
        """Reads a window that nobody has read, from its newest runs to its oldest."""
        descent, shown = self._way_through(part, head)
        left = part
        try:
            for page in descent:
                self.shelf.keep(page.runs, page.answer)
                self.blocks.note(page)
                left = self._move_on(left, page)
        except Unprocessable:
            halves = Window(part.since, descent.until).halves()
            if halves is None:
                raise
            self.memory.read_down_to(left, None)
            self.memory.unread += halves
            for half in reversed(halves):
                self._read_window(half)
            return
        if descent.found < descent.total:
            self._look_twice(part, descent, shown)
        self.memory.read_down_to(left, None)

    def _way_through(self, part: Window, head: RunPage | None) -> tuple[Descent, int]:
        """The way through a window, and how many of its runs the newest page has shown already.

        Where the newest page counts the window's runs, the second in which that page ends need not be read again.
        """
        if head is None or (head.window.since, head.oldest) != (part.since, part.until):
            return self.shelf.descent(part), 0
        shown = sum(created_at(run) == part.until for run in head.runs)
        below = Window(part.since, part.until - SECOND)
        return self.shelf.descent(below, head.total - len(head.runs), frozenset(head.identities)), shown

    def _move_on(self, left: Window, page: RunPage) -> Window:
        """Notes how far down a window has been read, in case this visit ends early."""
        if page.oldest is None or not left.since <= page.oldest < left.until:
            return left
        self.memory.read_down_to(left, page.oldest)
        self._save()
        return Window(left.since, page.oldest)

    def _look_twice(self, part: Window, descent: Descent, shown: int) -> None:
        """Reads a window again of which GitHub lists fewer runs than it counts, if they were not deleted meanwhile."""
        deleted = descent.total + shown - RunPage.of(part, self.shelf.ask(part)).total
        if descent.total - descent.found <= deleted:
            return
        again = self.shelf.descent(part)
        for page in again:
            self.shelf.keep(page.runs, page.answer)
        if again.found < again.total:
            self.gaps.append(
                f"GitHub counts {again.total} runs created in {part.created} and lists {again.found} of them"
            )

    def _save(self) -> None:
        self.visit.covered = self._covered()
        if not self.is_extra:
            self.memory.forget_the_old(self.visit.now)
            self.visit.save(self.memory.cursor())

    def _covered(self) -> Covered:
        since = self.memory.complete_since
        gap = "; ".join(self.gaps) or None
        return Covered(self.visit.now, None if since == BEGINNING else since, not self.shelf.changed, gap)
