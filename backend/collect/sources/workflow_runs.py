"""Workflow runs: every attempt of every run of a repository.

GitHub lists the newest attempt of each run by the time the run was created, so a visit asks for three things:
runs created since the last visit; runs that may have been started again, which GitHub allows for thirty days;
and runs that were not finished last time, however old. Earlier attempts are read one by one.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from backend.collect.answers import Answer
from backend.collect.cursors import latest, time_in
from backend.collect.ledger import Covered
from backend.collect.problems import NotFound, Unprocessable
from backend.collect.visit import Visit, items
from backend.collect.windows import SEARCH_LIMIT, Window, small_windows, window
from backend.mapping.values import moment
from backend.mapping.workflow_runs import run_row
from shared.datasets import WORKFLOW_RUNS

BEGINNING = datetime(2018, 10, 1, tzinfo=UTC)
"""GitHub Actions began in this month: no run is older. Empty years cost a few requests, and only once."""

RERUN_TIME = timedelta(days=30)
"""How long after its creation GitHub lets a run be started again."""

SKEW = timedelta(days=1)
"""The last window ends in the future, so that a clock that is wrong hides no run."""


def read(visit: Visit) -> Covered:
    """Reads what is new and what may have changed; the cursor moves on with each window that is stored."""
    return _Reading(visit).read()


@dataclass
class _Reading:
    """One visit's state: what was seen, and what the cursor is to remember.

    attempts: run id -> newest attempt that was read together with all before it, where it is not the first.
    """

    visit: Visit
    unfinished: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    newest: datetime | None = None

    def __post_init__(self) -> None:
        self.watermark = time_in(self.visit.cursor, "watermark")
        self.covered_since = time_in(self.visit.cursor, "covered_since")
        self.newest = time_in(self.visit.cursor, "newest")
        self.start = self._start()
        self.unfinished.update(self.visit.cursor.get("unfinished", []))
        self.attempts.update({int(run): n for run, n in self.visit.cursor.get("attempts", {}).items()})
        self._first_pages: dict[Window, Answer] = {}

    def read(self) -> Covered:
        """See the module."""
        until = self.visit.now
        for part in small_windows(window(self.start, until + SKEW), self._count):
            self._read_window(part)
            self._save(min(part.until, until))
        for run_id in sorted(self.unfinished - self.seen):
            self._look_again(run_id)
        if self.visit.since is None:
            self.attempts = {run: number for run, number in self.attempts.items() if run in self.seen}
        self._save(until)
        since = min(self.start, self.covered_since or self.start)
        return Covered(until, None if since <= BEGINNING else since, gap="; ".join(self.gaps) or None)

    def _start(self) -> datetime:
        if self.visit.since is not None:
            return max(self.visit.since, BEGINNING)
        if self.watermark is None:
            return BEGINNING
        # A repository at rest has few runs: looking back from its newest one costs nothing.
        looked_at = min(self.watermark, self.newest or self.watermark)
        return max(looked_at - RERUN_TIME, self.covered_since or BEGINNING)

    def _count(self, part: Window) -> int:
        """How many runs a window holds; the page that tells is kept, as it is the window's first."""
        try:
            answer = self._ask(part)
        except Unprocessable:  # GitHub's word for a question that is too large
            if part.halves() is None:
                raise
            return SEARCH_LIMIT
        self._first_pages = {part: answer}
        return _total(answer)

    def _read_window(self, part: Window) -> None:
        first = self._first_pages.pop(part)
        found = self._read_pages(first)
        if len(found) < min(_total(first), SEARCH_LIMIT):
            # Runs may have been deleted meanwhile, or a page was wrong: a second look tells.
            first = self._ask(part)
            found |= self._read_pages(first)
        if len(found) < _total(first):
            self.gaps.append(
                f"GitHub counts {_total(first)} runs created in {part.created} and lists {len(found)} of them"
            )

    def _ask(self, part: Window) -> Answer:
        return self.visit.github.get(f"{self._path}/runs", {"created": part.created, "per_page": 100})

    def _read_pages(self, first: Answer) -> set[str]:
        found: set[str] = set()
        for answer in chain((first,), self.visit.github.pages_after(first)):
            runs = items(answer, "workflow_runs")
            self._keep(runs)
            found.update(map(_identity, runs))
        return found

    def _look_again(self, run_id: int) -> None:
        try:
            self._keep([self.visit.github.get(f"{self._path}/runs/{run_id}").data])
        except NotFound:  # deleted on GitHub; what was stored stays
            self.unfinished.discard(run_id)

    def _keep(self, runs: list[Any]) -> None:
        self._store(runs)
        for run in runs:
            if isinstance(run, dict) and isinstance(run.get("id"), int):
                self._remember(run["id"], run)

    def _remember(self, run_id: int, run: dict[str, Any]) -> None:
        self.seen.add(run_id)
        self.newest = latest(self.newest, moment(run.get("created_at")))
        if run.get("status") == "completed":
            self.unfinished.discard(run_id)
        else:
            self.unfinished.add(run_id)
        newest, known = run.get("run_attempt"), self.attempts.get(run_id, 1)
        if isinstance(newest, int) and newest > known:
            # The attempt that was the newest may have been under way when it was read: it is read once more.
            for number in range(known, newest):
                self._read_attempt(run_id, number)
            self.attempts[run_id] = newest

    def _read_attempt(self, run_id: int, number: int) -> None:
        try:
            answer = self.visit.github.get(f"{self._path}/runs/{run_id}/attempts/{number}")
        except NotFound:  # no longer kept by GitHub
            return
        self._store([answer.data])

    def _store(self, runs: list[Any]) -> None:
        self.visit.keep(WORKFLOW_RUNS, lambda raw: run_row(raw, self.visit.repo.name, self.visit.stamp), runs)

    def _save(self, until: datetime) -> None:
        """Moves the cursor on, unless `--since` has left out a stretch of time that nobody has read yet."""
        if self.watermark is not None and self.start > self.watermark:
            return
        self.watermark = latest(self.watermark, until)
        since = min(self.start, self.covered_since or self.start)
        self.visit.save(
            {
                "watermark": self.watermark,
                "newest": self.newest,
                "covered_since": since,
                "unfinished": sorted(self.unfinished),
                "attempts": {str(run): number for run, number in self.attempts.items()},
            }
        )

    @property
    def _path(self) -> str:
        return f"{self.visit.repo.path}/actions"


def _total(answer: Answer) -> int:
    total = answer.data.get("total_count") if isinstance(answer.data, dict) else None
    return total if isinstance(total, int) else 0


def _identity(run: object) -> str:
    """What tells a run from others on the pages of a listing, also one that cannot become a row."""
    known = run.get("id") if isinstance(run, dict) else None
    return repr(run if known is None else known)
