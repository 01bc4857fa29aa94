"""Windows of time, in whole seconds, as GitHub filters by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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

    @property
    def is_empty(self) -> bool:
        """Whether it holds no second at all."""
        return self.until < self.since

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
