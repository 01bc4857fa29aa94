"""Re-runs: for thirty days GitHub lets a run be started again, and does not say so anywhere but in the run.

The runs of that time which are not among the newest hundred are kept in view by blocks: questions about the past,
each with an ETag, so that going through them costs nothing of the rate limit while nothing has changed.
"""

from datetime import datetime

from backend.collect.sources.run_memory import RERUN_TIME, Block, RunMemory
from backend.collect.sources.run_pages import RunPage
from backend.collect.sources.run_shelf import Shelf
from backend.collect.windows import SECOND, Window

FEW = 10
"""So many blocks are gone through whenever something else has changed, and more only once a day."""

SMALL = 50
"""A block of fewer runs grows with the next visit, so that blocks do not become many."""


class Blocks:
    """The blocks of one repository during one visit. today: the day (ISO) of the visit."""

    def __init__(self, shelf: Shelf, memory: RunMemory, now: datetime, today: str) -> None:
        self._shelf, self._memory, self._now, self._today = shelf, memory, now.replace(microsecond=0), today
        self._asked: set[tuple[Window, int]] = set()

    def note(self, page: RunPage) -> None:
        """Makes a page that was read a block, if its runs may still be started again."""
        window, number = page.window, page.number
        if window.until < self._begin or not page.runs:
            return
        lowest = page.oldest if page.more and page.oldest else window.since
        block = Block(window.since, window.until, page.answer.etag, lowest, len(page.runs), self._today, number)
        others = (other for other in self._memory.blocks if (other.window, other.page) != (window, number))
        self._memory.blocks = [*others, block]
        self._asked.add((window, number))

    @property
    def due(self) -> bool:
        """Whether they are to be gone through: once a day, and when there are few and something has changed."""
        changed = self._shelf.changed and len(self._memory.blocks) <= FEW
        return self._memory.revisited != self._today or changed

    def revisit(self) -> None:
        """Asks for every run of the last thirty days that the newest page does not show."""
        self._memory.forget_the_old(self._now)
        for block in list(self._memory.blocks):
            if (block.window, block.page) not in self._asked and (self._shelf.changed or block.visited != self._today):
                self._ask(block)
        for gap in self._gaps():
            for page in self._shelf.descent(gap):
                self._shelf.keep(page.runs, page.answer)
                self.note(page)
        self._memory.revisited = self._today

    def _ask(self, block: Block) -> None:
        answer = self._shelf.ask(block.window, block.etag, block.page)
        block.visited = self._today
        if answer.status == 304:
            return
        page = RunPage.of(block.window, answer)
        self._shelf.keep(page.runs, page.answer)
        block.etag, block.runs = answer.etag, len(page.runs)
        block.lowest = page.oldest if page.more and page.oldest else block.since

    def _gaps(self) -> list[Window]:
        """What lies between the blocks, and between them and the newest page."""
        head = self._memory.head_oldest
        if head is None or head <= self._begin:
            return []
        self._open_the_small(head)
        gaps, since = [], max(self._begin, self._memory.floor or self._begin)
        for block in sorted(self._memory.blocks, key=lambda block: block.lowest):
            if block.lowest > since:
                gaps.append(Window(since, min(block.lowest, head) - SECOND))
            since = max(since, block.until + SECOND)
        if since < head:
            gaps.append(Window(since, head))
        return [gap for gap in gaps if not gap.is_empty]

    def _open_the_small(self, head: datetime) -> None:
        """Takes away the newest block if it is small and has a gap above it, which then takes it in."""
        newest = max(self._memory.blocks, key=lambda block: block.until, default=None)
        if newest is None or newest.until + SECOND >= head or newest.since < self._begin:
            return
        if newest.runs < SMALL and (newest.window, newest.page) not in self._asked:
            self._memory.blocks.remove(newest)

    @property
    def _begin(self) -> datetime:
        return self._now - RERUN_TIME
