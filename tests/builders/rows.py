"""What all builders of rows share: the time, and the columns that follow from others."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 7, 1, tzinfo=UTC)
"""The time at which tests take place."""

Row = dict[str, Any]


def row_of(values: Row, **defaults: Any) -> Row:
    """What a test gives, before defaults; a row of acme/api, read from GitHub at NOW."""
    repo = values.get("repo", "acme/api")
    common = {"repo": repo, "org": repo.split("/")[0], "collected_at": NOW, "source": "github"}
    return {**common, **defaults, **values}


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """The time from one to the other, if both are known."""
    return (end - start).total_seconds() if start and end else None
