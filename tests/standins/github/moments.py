"""Moments in time as the stand-in takes them (datetime, text, epoch) and as GitHub writes them."""

from datetime import UTC, datetime
from functools import lru_cache

Moment = datetime | str | int | float
DAY_S = 86_400


def epoch(moment: Moment) -> int:
    """Whole seconds since 1970; text without a zone is UTC."""
    if isinstance(moment, int | float):
        return int(moment)
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def iso(moment: Moment) -> str:
    """`2026-03-01T06:00:00Z`, the only form GitHub itself writes for runs and alerts."""
    day, second = divmod(epoch(moment), DAY_S)
    return "%sT%02d:%02d:%02dZ" % (_date(day), second // 3_600, second // 60 % 60, second % 60)  # noqa: UP031 - fastest


@lru_cache(maxsize=1_024)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
