"""Jobs: the step that reads workflow jobs, where they are asked for, once all runs are stored."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from backend.collect.crew import Task
from backend.collect.ledger import Covered
from backend.collect.recorder import Recorder
from backend.collect.sources.workflow_jobs import due_runs, ended_runs, read
from backend.collect.visit import Desk, Repo, Visit
from shared.collecting.choices import WORKFLOW_JOBS
from shared.datasets import WORKFLOW_RUNS
from shared.policy import Patterns, matches


class Jobs:
    """Reads the jobs of repositories that the command line or the policy chooses."""

    def __init__(self, desk: Desk, recorder: Recorder) -> None:
        self._desk, self._recorder = desk, recorder
        self._chosen: list[Repo] = []
        default = desk.lake.clock() - timedelta(days=desk.policy.collect.jobs_days)
        self._since = desk.selection.since or default

    def tasks(self, repos: list[Repo]) -> Iterator[tuple[str, Task]]:
        """What is to be done, with labels."""
        self._chosen = [repo for repo in repos if matches(repo.name, self._patterns)]
        if not self._chosen:
            return
        self._desk.buffer.flush()  # the runs that were just read are looked for in the lake
        due = due_runs(self._desk.lake, self._chosen, self._since)
        for repo in self._chosen:
            visit = self._desk.visit(WORKFLOW_JOBS, repo)
            reading = partial(read, visit, due.get(repo.name, []), self._since)
            yield f"{repo.name} {WORKFLOW_JOBS}", partial(self._watch, visit, reading)

    def tell_runs(self) -> None:
        """Corrects the ends of runs by those of their jobs, once these are stored. Raises StoreError."""
        if self._chosen and self._desk.buffer.stored[WORKFLOW_JOBS]:
            ended = ended_runs(self._desk.lake, self._chosen, self._since)
            if ended.num_rows:
                self._desk.lake.upsert(WORKFLOW_RUNS, ended)

    def _watch(self, visit: Visit, reading: Callable[[], Covered]) -> None:
        self._recorder.watch(visit, reading)

    @property
    def _patterns(self) -> Patterns:
        selection = self._desk.selection
        if selection.names(WORKFLOW_JOBS):
            return ("*",)
        return () if selection.only else self._desk.policy.collect.jobs
