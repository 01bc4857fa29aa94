"""The shelf: GitHub's runs of one repository at hand, and what a visit has taken from it so far."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from backend.collect.answers import Answer, parsed
from backend.collect.github import Params
from backend.collect.problems import NotFound
from backend.collect.sources.run_memory import Known, RunMemory
from backend.collect.sources.run_pages import Descent, created_at
from backend.collect.visit import Visit
from backend.collect.windows import Window
from backend.mapping.run_fields import runs_page
from backend.mapping.stamp import Raw, Row
from backend.mapping.values import nested
from backend.mapping.workflow_runs import run_row
from shared.datasets import WORKFLOW_RUNS


class Shelf:
    """Asks for runs and keeps them, each with its earlier attempts. changed: whether anything was new or different."""

    def __init__(self, visit: Visit, memory: RunMemory) -> None:
        self.visit, self.memory = visit, memory
        self.seen: set[int] = set()
        self.changed = False

    def ask(self, window: Window, etag: str | None = None, page: int = 1) -> Answer:
        """The newest runs of a window, or a later page of them."""
        return self.newest(window.created, etag, page)

    def newest(self, created: str, etag: str | None = None, page: int = 1) -> Answer:
        """The newest runs that GitHub's filter lets through."""
        params: Params = {"created": created, "per_page": 100, **({"page": page} if page > 1 else {})}
        return self.visit.github.get(f"{self._path}/runs", params, etag, runs_page)

    def descent(self, window: Window, expected: int | None = None, known: frozenset[str] = frozenset()) -> Descent:
        """The way through a window. See Descent."""
        follow = partial(self.visit.github.pages_after, parse=runs_page)
        return Descent(self.ask, follow, window, expected, set(known))

    def keep(self, runs: list[Any], answer: Answer | None = None) -> None:
        """Stores runs, and remembers what is still to be read of them. answer: that they come from."""
        self.changed = True
        whole = partial(_whole_runs, answer) if answer else None
        self.visit.keep(WORKFLOW_RUNS, self._row, runs, whole)
        for run in runs:
            if isinstance(run, dict) and isinstance(run.get("id"), int):
                self._remember(run["id"], run)

    def look_again(self, head_is_known: bool) -> None:
        """Asks for runs that were not finished, unless the newest page has just said that they still are not."""
        for run_id, known in self._to_ask_for(head_is_known):
            try:
                answer = self.visit.github.get(f"{self._path}/runs/{run_id}", etag=known.etag)
            except NotFound:  # deleted on GitHub; what was stored stays
                del self.memory.unfinished[run_id]
                continue
            if answer.status != 304:
                self.keep([answer.data])
                if run_id in self.memory.unfinished:
                    self.memory.unfinished[run_id].etag = answer.etag

    def read_attempts(self) -> None:
        """Reads the earlier attempts of runs that were started again."""
        for run_id, known in sorted(self.memory.attempts.items()):
            while known.attempt < known.newest:
                self._read_attempt(run_id, known.attempt)
                known.attempt += 1

    def _to_ask_for(self, head_is_known: bool) -> Iterator[tuple[int, Known]]:
        head = self.memory.head_oldest
        for run_id, known in sorted(self.memory.unfinished.items()):
            on_head = head is None or (known.created is not None and known.created > head)
            if run_id not in self.seen and not (head_is_known and on_head):
                yield run_id, known

    def _remember(self, run_id: int, run: dict[str, Any]) -> None:
        self.seen.add(run_id)
        if run.get("status") == "completed":
            self.memory.unfinished.pop(run_id, None)
        else:
            self.memory.unfinished.setdefault(run_id, Known(created_at(run)))
        newest = run.get("run_attempt")
        if isinstance(newest, int) and newest > 1:
            known = self.memory.attempts.setdefault(run_id, Known(created_at(run)))
            # The attempt that was the newest may have been under way when it was read: it is read once more.
            known.newest = max(known.newest, newest)

    def _read_attempt(self, run_id: int, number: int) -> None:
        try:
            answer = self.visit.github.get(f"{self._path}/runs/{run_id}/attempts/{number}")
        except NotFound:  # no longer kept by GitHub
            return
        self.visit.keep(WORKFLOW_RUNS, self._row, [answer.data])

    @property
    def _row(self) -> Callable[[Raw], Row]:
        return partial(run_row, repo=self.visit.repo.name, stamp=self.visit.stamp)

    @property
    def _path(self) -> str:
        return f"{self.visit.repo.path}/actions"


def _whole_runs(answer: Answer) -> list[Any]:
    """The runs of a page with all their fields."""
    found = nested(parsed(answer.body), "workflow_runs")
    return found if isinstance(found, list) else []
