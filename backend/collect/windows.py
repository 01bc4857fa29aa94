"""Windows of time: cut a span into parts small enough that GitHub lists all there is in each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

SEARCH_LIMIT = 1_000
"""GitHub lists no more runs than this for one question, whatever its total_count says."""

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Window:
    """The whole seconds from `since` to `until`, both included."""

    since: datetime
    until: datetime

    @property
    def created(self) -> str:
        """The window as GitHub's `created` parameter."""
        return f"{self.since:%Y-%m-%dT%H:%M:%SZ}..{self.until:%Y-%m-%dT%H:%M:%SZ}"

    def halves(self) -> "tuple[Window, Window] | None":
        """Two windows that share no second and leave none out, earlier first; None for a single second."""
        if self.until <= self.since:
            return None
        half = timedelta(seconds=(self.until - self.since) // SECOND // 2)
        middle = self.since + half
        return Window(self.since, middle), Window(middle + SECOND, self.until)


def window(since: datetime, until: datetime) -> Window:
    """A window that holds both moments, in whole seconds."""
    return Window(since.replace(microsecond=0), max(since, until).replace(microsecond=0))


def small_windows(whole: Window, count: Callable[[Window], int]) -> Iterator[Window]:
    """Cuts `whole` into windows of fewer than SEARCH_LIMIT items each, the earliest first.

    count: how many items a window holds, asked once for each window just before it is cut or given out.
    A single second that holds more is given out as it is: nothing smaller can be asked for.
    """
    halves = whole.halves() if count(whole) >= SEARCH_LIMIT else None
    if halves is None:
        yield whole
        return
    for half in halves:
        yield from small_windows(half, count)
