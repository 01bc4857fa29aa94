"""Asked: what a collection that somebody starts is to read, and which have run."""

import re
import signal
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["poll", "refresh", "backfill"]
Status = Literal["running", "done", "partial", "failed", "stopped"]

INTERRUPTED = 130
"""What a collection ends with that was told to end and has kept what it read."""


class Asked(BaseModel):
    """What is to be read. Whoever makes one has checked the names.

    kind: `poll` reads what is new, `refresh` reads all again, `backfill` reaches back to `since`.
    datasets: as `collect --only` takes them; none means all.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    since: date | None = None
    full: bool = False

    def arguments(self) -> list[str]:
        """The command that reads it. Each value is one word with its option, so that no name can be taken for one."""
        return [
            "collect",
            *(f"--org={org}" for org in self.orgs),
            *(f"--repo={repo}" for repo in self.repos),
            *(f"--only={name}" for name in self.datasets),
            *([f"--since={self.since.isoformat()}"] if self.since else []),
            *(["--full"] if self.full else []),
        ]

    @property
    def named(self) -> str:
        """The organisations and repositories that are named, as the audit log has them."""
        return ", ".join((*self.orgs, *self.repos))

    @property
    def details(self) -> dict[str, object]:
        """What else is asked for, as the audit log has it."""
        return {"datasets": ", ".join(self.datasets), "since": self.since, "full": self.full}


class Collecting(Asked):
    """A collection that was started, with what became of it.

    status: `partial` if some sources failed and the rest is kept, `stopped` if it was told to end and kept what it had.
    lines: the last that it printed, of one that runs at most BEAT_S (see runner.py) old.
    exit_code: of its process; none where that was killed with what had started it.
    stopped_by: who told it to end, if somebody did.
    """

    id: str
    by: str
    started_at: datetime
    alive_until: datetime
    status: Status = "running"
    finished_at: datetime | None = None
    exit_code: int | None = None
    stopped_by: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def progress(self) -> tuple[int, int] | None:
        """Steps done, and how many are known of so far, as its newest line with news says; None before that."""
        found = next(filter(None, map(_STEP.match, reversed(self.lines))), None)
        return (int(found[1]), int(found[2])) if found else None

    def ended(self, code: int, lines: tuple[str, ...], now: datetime) -> "Collecting":
        """The same with what became of it. code: its exit code."""
        status = _STATUS.get(code, "failed")
        return self.model_copy(update={"status": status, "exit_code": code, "finished_at": now, "lines": lines})


_STEP = re.compile(r"\[(\d{1,9})/(\d{1,9})\] ")
"""How a line with news begins; see backend/collect/progress.py."""

_STATUS: Mapping[int, Status] = {0: "done", 2: "partial", INTERRUPTED: "stopped", -signal.SIGTERM: "stopped"}


class Started(BaseModel):
    """Which collection runs, and those that ended last, the newest first."""

    running: Collecting | None = None
    ended: tuple[Collecting, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any], now: datetime | None = None) -> "Started":
        """From the state document. What has not been heard of in time runs no more: what started it was killed."""
        found, now = cls.model_validate(document), now or datetime.now(UTC)
        lost = found.running
        if lost is None or lost.alive_until > now:
            return found
        gone = lost.model_copy(update={"status": "stopped", "finished_at": lost.alive_until, "lines": (LOST,)})
        return cls(running=None, ended=(gone, *found.ended)[:REMEMBERED])


LOST = "The process that started it was killed; what was read by then is kept, and the next collection goes on."

REMEMBERED = 10
"""Collections that ended."""
