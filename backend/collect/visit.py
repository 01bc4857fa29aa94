"""A visit: one source of one repository (or of a whole account) being read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.collect.answers import Answer, Tally
from backend.collect.buffer import Buffer
from backend.collect.cursors import NAME, account_cursor, repository_cursor
from backend.collect.github import GitHub
from backend.collect.ledger import Covered
from backend.collect.problems import Unavailable
from backend.collect.selection import Selection
from backend.collect.turn import Stretch, Turn
from backend.mapping.stamp import Raw, Row, Stamp, map_rows
from shared.collecting.choices import WHOLE_ORG
from shared.datasets.dataset import Dataset
from shared.lake.documents import Document
from shared.lake.tables import Lake
from shared.policy import Policy


@dataclass(frozen=True)
class Repo:
    """A repository as GitHub names it now; `id` survives renaming and transfer, and is 0 for a whole account."""

    name: str
    id: int

    @property
    def path(self) -> str:
        """Where the API keeps it."""
        return f"/repos/{self.name}"

    @property
    def owner(self) -> str:
        """The account that it belongs to."""
        return self.name.partition("/")[0]

    @property
    def document(self) -> str:
        """The name of its cursors' document."""
        return repository_cursor(self.id) if self.id else account_cursor(self.owner)


def whole(login: str) -> Repo:
    """Stands for all repositories of an account."""
    return Repo(f"{login}/{WHOLE_ORG}", 0)


@dataclass(frozen=True)
class Switch:
    """Whether a feature of a repository is on, as far as that is known without asking. off: why it is not."""

    on: bool = False
    off: str | None = None


@dataclass(frozen=True)
class Desk:
    """What all visits of a collection share."""

    lake: Lake
    github: GitHub
    buffer: Buffer
    selection: Selection
    stamp: Stamp
    turn: Turn
    policy: Policy = field(default_factory=Policy)

    def visit(self, dataset: str, repo: Repo, document: Document | None = None) -> "Visit":
        """A visit with a tally of its own. document: the cursors of the repository, where they are known already."""
        if document is None:
            document = self.lake.document(repo.document)
        return Visit(self, dataset, repo, document)


class Visit:
    """What a source gets: GitHub, where it stopped last time, and where to put what it reads.

    cursor: where the last visit stopped; empty at first, or if all is to be read again.
    covered: what is certain to have been read so far, for the ledger if the visit ends early.
    switch: what something else that was read tells of the feature.
    wanted: whether the rows are; repositories are read in any case, as all else depends on them.
    stretch: what is to be remembered until the turn is over; None if nothing is.
    """

    def __init__(self, desk: Desk, dataset: str, repo: Repo, document: Document) -> None:
        self.stretch: Stretch | None = desk.turn.stretch(repo.document)
        self.dataset, self.repo, self.github = dataset, repo, desk.github.separate(self.stretch)
        self.tally: Tally = self.github.tally
        self.since, self.full = desk.selection.since, desk.selection.full
        self.stamp = desk.stamp
        self.started_at = desk.lake.clock()
        self.rows = 0
        self.covered: Covered | None = None
        self.switch = Switch()
        self.document = document
        self.wanted = desk.selection.wants(dataset)
        self.cursor: Document = self.section(dataset)
        self.desk = desk

    def section(self, name: str) -> Document:
        """Where the last visit of a dataset stopped; empty if all of it is to be read again."""
        found: Document = {} if self.full and not self.has_begun(name) else self.document.get(name, {})
        return found

    def has_begun(self, name: str) -> bool:
        """Whether an earlier collection of the same turn has written the cursor of a dataset."""
        return self.stretch is not None and name in self.stretch.begun

    @property
    def now(self) -> datetime:
        """GitHub's clock, which watermarks are taken from; where answers were remembered, their time."""
        return self.github.now or self.desk.lake.clock()

    def keep(
        self,
        dataset: Dataset,
        mapper: Callable[[Raw], Row],
        raws: Iterable[Any],
        whole: Callable[[], Iterable[Any]] | None = None,
    ) -> None:
        """Puts objects on their way into the lake, and those that cannot be rows into quarantine.

        whole: the same objects with all their fields, where `raws` have only some; quarantine keeps them whole.
        """
        if not self.wanted:
            return
        rows, rejects = map_rows(dataset, mapper, raws)
        if rejects and whole is not None:
            rows, rejects = map_rows(dataset, mapper, whole())
        self.rows += rows.num_rows
        if rejects:
            self.desk.buffer.reject(dataset, rejects, self.stamp.source)
        if rows.num_rows:
            self.desk.buffer.add(dataset, rows)

    def save(self, section: Mapping[str, Any]) -> None:
        """Makes `section` the cursor once all that was kept so far is stored; not of what was read but not kept."""
        if not self.wanted:
            return
        self.cursor = {key: _plain(value) for key, value in section.items()}
        change = _Section(self.dataset, self.cursor, self.repo.name if self.repo.id else None)
        self.desk.buffer.change(self.repo.document, change)
        if self.stretch:
            self.stretch.begun.add(self.dataset)


@dataclass(frozen=True)
class _Section:
    """A change of a document: one section is replaced, and the name under which its rows are."""

    dataset: str
    cursor: Document
    name: str | None

    def __call__(self, document: Document) -> Document:
        named = {NAME: self.name} if self.name else {}
        return {**document, **named, self.dataset: self.cursor}


def items(answer: Answer, key: str | None = None) -> list[Any]:
    """The objects of a page: the body itself, or what is under `key`. Raises Unavailable if it is no list."""
    found = answer.data.get(key) if key and isinstance(answer.data, dict) else answer.data
    if not isinstance(found, list):
        raise Unavailable("GitHub answered with something else than a list; check GITHUB_API_URL.")
    return found


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
