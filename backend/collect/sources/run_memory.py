"""What is remembered of a repository's runs between two visits: the cursor of `workflow_runs`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from backend.collect.cursors import latest
from backend.collect.windows import Window
from backend.mapping.values import moment

RERUN_TIME = timedelta(days=30)
"""How long after its creation GitHub lets a run be started again."""


@dataclass
class Block:
    """A question about the past whose answer changes only if one of its runs does.

    page: which page of the window it is.  lowest: down to where it reaches.  runs: how many it brought.
    visited: the day (ISO) it was asked on last.
    """

    since: datetime
    until: datetime
    etag: str | None
    lowest: datetime
    runs: int
    visited: str
    page: int = 1

    @property
    def window(self) -> Window:
        """The window it asks about."""
        return Window(self.since, self.until)


@dataclass
class Known:
    """What is known of a run that is not done, or that was started again.

    attempt: those before it have been read.  newest: the newest attempt.  etag: of the run asked for by itself.
    """

    created: datetime | None
    attempt: int = 1
    newest: int = 1
    etag: str | None = None


@dataclass
class RunMemory:
    """The cursor of a repository's runs.

    floor: nothing older is asked for.  newest: the newest run that was seen; None before the first visit.
    head_etag: of the newest hundred runs;  head_oldest: the oldest of these, None if there are no others.
    unread: windows that are still to be read.  blocks: what to ask for re-runs of runs below the head.
    revisited: the day (ISO) on which the blocks were gone through.
    unfinished: runs that were under way.  attempts: runs that were started again.
    """

    floor: datetime | None = None
    newest: datetime | None = None
    head_etag: str | None = None
    head_oldest: datetime | None = None
    revisited: str | None = None
    unread: list[Window] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    unfinished: dict[int, Known] = field(default_factory=dict)
    attempts: dict[int, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Mapping[str, Any]) -> Self:
        """The memory in a cursor."""
        return cls(
            floor=moment(cursor.get("floor")),
            newest=moment(cursor.get("newest")),
            head_etag=cursor.get("head_etag"),
            head_oldest=moment(cursor.get("head_oldest")),
            revisited=cursor.get("revisited"),
            unread=[Window(*_span(part)) for part in cursor.get("unread", [])],
            blocks=[
                Block(*_span(part), part["etag"], _moment(part["lowest"]), part["runs"], part["visited"], part["page"])
                for part in cursor.get("blocks", [])
            ],
            unfinished=_runs(cursor, "unfinished"),
            attempts=_runs(cursor, "attempts"),
        )

    def cursor(self) -> dict[str, Any]:
        """The memory as a cursor."""
        document = asdict(self)
        for part in ("unfinished", "attempts"):
            document[part] = {str(run_id): known for run_id, known in document[part].items()}
        return {key: _as_texts(value) for key, value in document.items()}

    def read_down_to(self, window: Window, until: datetime | None) -> None:
        """What is left of an unread window is the part up to `until`; None: nothing."""
        left = [] if until is None else [Window(window.since, until)]
        self.unread = [part for other in self.unread for part in (left if other == window else [other])]

    def forget_the_old(self, now: datetime) -> None:
        """Drops what can no longer change, or is seen anyway among the newest runs."""
        since = now - RERUN_TIME
        self.blocks = [block for block in self.blocks if block.until >= since]
        seen_again = since if self.head_oldest is None else min(since, self.head_oldest)
        self.attempts = {
            run_id: known
            for run_id, known in self.attempts.items()
            if known.attempt < known.newest or (known.created or now) >= seen_again
        }

    @property
    def complete_since(self) -> datetime | None:
        """The time since which every run was read; None before anything was."""
        return latest(self.floor, *(part.until for part in self.unread))


def _span(part: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return _moment(part["since"]), _moment(part["until"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _runs(cursor: Mapping[str, Any], part: str) -> dict[int, Known]:
    return {
        int(run_id): Known(moment(known["created"]), known["attempt"], known["newest"], known["etag"])
        for run_id, known in cursor.get(part, {}).items()
    }


def _as_texts(value: Any) -> Any:  # noqa: ANN401  (JSON holds anything)
    if isinstance(value, dict):
        return {key: _as_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
