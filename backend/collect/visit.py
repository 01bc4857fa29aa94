"""A visit: one source of one repository (or of a whole account) being read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from backend.collect.answers import Answer
from backend.collect.buffer import Buffer
from backend.collect.cursors import cursor_name
from backend.collect.github import GitHub
from backend.collect.problems import Unavailable
from backend.collect.selection import Selection
from backend.mapping.stamp import Raw, Row, Stamp, map_rows
from shared.datasets.dataset import Dataset
from shared.lake.documents import Document
from shared.lake.tables import Lake


@dataclass(frozen=True)
class Repo:
    """A repository as GitHub names it now; `id` survives renaming and transfer."""

    name: str
    id: int

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return f"/repos/{self.name}"


@dataclass(frozen=True)
class Desk:
    """What all visits of a collection share."""

    lake: Lake
    github: GitHub
    buffer: Buffer
    selection: Selection
    stamp: Stamp

    def visit(self, dataset: str, repo: Repo) -> "Visit":
        """A visit with a tally of its own."""
        return Visit(self, dataset, repo, self.github.separate())


class Visit:
    """What a source gets: GitHub, where it stopped last time, and where to put what it reads."""

    def __init__(self, desk: Desk, dataset: str, repo: Repo, github: GitHub) -> None:
        self.dataset, self.repo, self.github = dataset, repo, github
        self.since, self.full = desk.selection.since, desk.selection.full
        self.stamp = desk.stamp
        self.started_at = desk.lake.clock()
        self.rows = 0
        self._desk = desk
        self._name = cursor_name(repo.name, dataset)

    @cached_property
    def cursor(self) -> Document:
        """Where the last visit stopped.

        Empty at first, if all is to be read again, or if the name belongs to another repository now.
        """
        if self.full:
            return {}
        document = self._desk.lake.document(self._name)
        return document if document.get("repo_id", self.repo.id) == self.repo.id else {}

    @property
    def now(self) -> datetime:
        """GitHub's clock, which watermarks are taken from."""
        return self.github.now or self._desk.lake.clock()

    def keep(self, dataset: Dataset, mapper: Callable[[Raw], Row], raws: Iterable[Any]) -> None:
        """Puts objects on their way into the lake, and those that cannot be rows into quarantine."""
        rows, rejects = map_rows(dataset, mapper, raws)
        self.rows += rows.num_rows
        if rejects:
            self._desk.lake.quarantine(dataset, rejects, self.stamp.source)
        if rows.num_rows:
            self._desk.buffer.add(dataset, rows)

    def save(self, document: Document) -> None:
        """Makes `document` the cursor once all that was kept so far is stored."""
        texts = {key: at.isoformat() for key, at in document.items() if isinstance(at, datetime)}
        saved = {"repo_id": self.repo.id, **document, **texts}
        self._desk.buffer.change(self._name, lambda _: saved)


def items(answer: Answer, key: str | None = None) -> list[Any]:
    """The objects of a page: the body itself, or what is under `key`. Raises Unavailable if it is no list."""
    found = answer.data.get(key) if key and isinstance(answer.data, dict) else answer.data
    if not isinstance(found, list):
        raise Unavailable("GitHub answered with something else than a list; check GITHUB_API_URL.")
    return found
