"""What happens to Copilot's tasks: the moves that tests make."""

from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Any
from uuid import UUID

from tests.standins.github.examples import DATA, example
from tests.standins.github.moments import Moment, epoch, iso
from tests.standins.github.store import Store


class TaskMoves(Store):
    """Adds and changes tasks. tasks: those of each repository, by its id and theirs."""

    def __init__(self, data: Path = DATA, clock: Callable[[], float] = time) -> None:
        super().__init__(data, clock)
        self.tasks: dict[int, dict[str, dict[str, Any]]] = {}

    def new_task(self, full_name: str, *, at: Moment | None = None, **fields: Any) -> dict[str, Any]:
        """A task that was just begun; `fields` override the object."""
        repo = self.repo(full_name)
        with self.change(repo):
            when = iso(epoch(self.clock() if at is None else at))
            made: dict[str, Any] = example("agents_tasks", self.data)["tasks"][0]
            made |= {"id": str(UUID(int=self.next_id())), "state": "in_progress", "artifacts": []}
            made |= {
                "created_at": when,
                "updated_at": when,
                "owner": {"id": repo.owner.id},
                "repository": {"id": repo.id},
            }
            self.tasks.setdefault(repo.id, {})[made["id"]] = made | fields
            return self.tasks[repo.id][made["id"]]

    def change_task(self, full_name: str, task: str, *, at: Moment | None = None, **fields: Any) -> None:
        """Overrides fields of a task, which is thereby updated."""
        repo = self.repo(full_name)
        with self.change(repo):
            when = iso(epoch(self.clock() if at is None else at))
            self.tasks[repo.id][task] = {**self.tasks[repo.id][task], "updated_at": when, **fields}
