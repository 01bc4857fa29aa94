"""Moments in time as the stand-in takes them (datetime, text, epoch) and as GitHub writes them."""

from datetime import UTC, datetime

Moment = datetime | str | int | float


def epoch(moment: Moment) -> int:
    """Whole seconds since 1970; text without a zone is UTC."""
    if isinstance(moment, int | float):
        return int(moment)
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def iso(moment: Moment) -> str:
    """`2026-03-01T06:00:00Z`, the only form GitHub itself writes for runs and alerts."""
    return datetime.fromtimestamp(epoch(moment), UTC).isoformat().replace("+00:00", "Z")
