"""GitHub's clock, for what must not depend on ours."""

import time
from collections.abc import Callable, Mapping

from backend.collect.limits import server_time


class ServerClock:
    """GitHub's time as its last answer said, and moved on since; this machine's until there was one.

    local: this machine's time in seconds since 1970.  monotonic: seconds on a clock that never jumps.
    """

    def __init__(self, local: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._local, self._monotonic = local, monotonic
        self._seen: tuple[float, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Takes the time from an answer's Date header, if it has one."""
        if moment := server_time(headers):
            self._seen = (moment.timestamp(), self._monotonic())

    def now(self) -> float:
        """GitHub's time in seconds since 1970."""
        if self._seen is None:
            return self._local()
        said, at = self._seen
        return said + self._monotonic() - at
