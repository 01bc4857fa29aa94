"""GitHub's rate limits: how long an answer asks us to wait, and the gate that makes every thread wait."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from backend.collect.problems import BudgetSpent, GitHubError, Interrupted, RateLimited

SECONDARY_WAIT_S = 60.0
"""GitHub's advice for a secondary limit without a header: at least a minute, then longer each time."""

LONGEST_WAIT_S = 3_700.0
"""The primary limit starts anew every hour; a longer wait means that something else is wrong."""

RESET_MARGIN_S = 1.0
"""`x-ratelimit-reset` does not say in which part of its second the hour begins."""


@dataclass(frozen=True)
class Time:
    """The passing of time, so that tests need not wait: seconds on a clock that never jumps, and a sleep."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None


def is_limited(status: int, message: str, headers: Mapping[str, str]) -> bool:
    """Whether an answer means "too fast" rather than "not for you"."""
    if status == 429:
        return True
    spent = headers.get("x-ratelimit-remaining") == "0"
    words = message.lower()
    return status == 403 and ("retry-after" in headers or spent or "rate limit" in words or "abuse detection" in words)


def wait_s(headers: Mapping[str, str], earlier: int) -> float:
    """Seconds to wait after a limited answer; `earlier` counts the limited answers just before it."""
    asked = _number(headers.get("retry-after"))
    if asked is not None:
        return max(asked, RESET_MARGIN_S)
    return spent_s(headers) or SECONDARY_WAIT_S * 2.0**earlier


def spent_s(headers: Mapping[str, str]) -> float:
    """Seconds until the primary limit starts anew; 0 while requests are left.

    Both ends are read from GitHub's own clock, since ours may be wrong.
    """
    reset, now = _number(headers.get("x-ratelimit-reset")), server_time(headers)
    if headers.get("x-ratelimit-remaining") != "0" or reset is None:
        return 0.0
    return max(reset - (now or datetime.now(UTC)).timestamp(), 0.0) + RESET_MARGIN_S


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """GitHub's clock, from the Date header; None if there is none."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


class Gate:
    """Lets a limited number of requests through at a time, and none while GitHub wants us to wait.

    `say` is told when and why all wait; `passed` counts the requests.
    budget: how many requests there may be; None for any number.
    """

    def __init__(self, at_once: int, clock: Time) -> None:
        self._slots = threading.BoundedSemaphore(at_once)
        self.budget: int | None = None
        self._stopped = threading.Event()
        self._why: GitHubError | None = None
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._clock = clock
        self.say: Callable[[str], None] = lambda _: None
        self.passed = 0

    def __enter__(self) -> None:
        self._slots.acquire()
        try:
            self._until_open()
            self._count()
        except BaseException:
            self._slots.release()
            raise

    def __exit__(self, *_: object) -> None:
        self._slots.release()

    def close_for(self, seconds: float, why: str) -> None:
        """Makes every thread wait. Raises RateLimited if that were longer than LONGEST_WAIT_S."""
        if seconds > LONGEST_WAIT_S:
            minutes = f"{seconds / 60:.0f} minutes"
            raise RateLimited(f"{why}: GitHub asks to wait {minutes}; collect again after that.")
        with self._lock:
            until = self._clock.monotonic() + seconds
            news = until > self._resume_at + RESET_MARGIN_S
            self._resume_at = max(self._resume_at, until)
        if news:
            self.say(f"{why}: waiting {seconds:.0f} s, as GitHub asks")

    def pause(self, seconds: float) -> None:
        """Lets this thread alone wait. Raises Interrupted if the collection is stopped meanwhile."""
        if self._clock.sleep is not None:
            self._clock.sleep(seconds)
        elif self._stopped.wait(seconds):
            self._refuse()
        if self._stopped.is_set():
            self._refuse()

    def stop(self, why: GitHubError | None = None) -> None:
        """From now on every request and every wait ends with an error of the same kind and text, or Interrupted."""
        self._why = self._why or why
        self._stopped.set()

    def _count(self) -> None:
        with self._lock:
            if self.budget is not None and self.passed >= self.budget:
                raise BudgetSpent(
                    f"The budget of {self.budget:,} requests is used up; run the same command again to go on."
                )
            self.passed += 1

    def _until_open(self) -> None:
        if self._stopped.is_set():
            self._refuse()
        while (left := self._resume_at - self._clock.monotonic()) > 0:
            self.pause(left)

    def _refuse(self) -> None:
        if self._why is not None:
            raise type(self._why)(str(self._why))
        raise Interrupted("The collection was interrupted; run the same command again to go on.")


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
