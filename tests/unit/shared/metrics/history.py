"""History: rows as they were known at an earlier time, for the law that what happens later changes no answer."""

from datetime import datetime

from tests.builders import Row

_ENDS = ("conclusion", "completed_at", "duration_s")


def known_at(rows: list[Row], time: datetime) -> list[Row]:
    """Runs or jobs as they were then: what was created later is missing, what ended then or later had not ended."""
    return [_at(row, time) for row in rows if row["created_at"] < time]


def _at(row: Row, time: datetime) -> Row:
    over = row["completed_at"] is None or row["completed_at"] < time
    return row if over else {**row, **dict.fromkeys(_ENDS), "status": "in_progress"}
