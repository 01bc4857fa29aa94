"""Plan: the requests that a collection would make, found out by rehearsing it.

Only the repositories are really asked for, since all else depends on them. To everything else the rehearsal answers
as GitHub does where nothing is new: 304 to a question with an ETag, else an empty list.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pyarrow as pa

from backend.collect.buffer import Buffer, Change
from backend.collect.connection.line import Reply
from backend.collect.github import Sender
from shared.datasets.dataset import Dataset
from shared.lake.quarantine import Reject

_LISTED = re.compile(r"/(orgs|users)/[^/]+/repos|/user(/repos)?|/repos/[^/]+/[^/]+|/repositories/\d+")
_UNDER_A_KEY = b'{"total_count":0,"workflow_runs":[],"workflows":[],"jobs":[],"tasks":[]}'


@dataclass(frozen=True)
class Planned:
    """A request. conditional: it has an ETag, so that it costs nothing of the rate limit while nothing has changed.

    made: it has been made for the plan already.
    """

    path: str
    params: Mapping[str, str | int]
    conditional: bool
    made: bool

    def __str__(self) -> str:
        query = f"?{urlencode(self.params, safe=':.>=*')}" if self.params else ""
        notes = ", ".join(
            note for note, holds in (("if changed", self.conditional), ("made for this plan", self.made)) if holds
        )
        return f"GET {self.path}{query}" + (f"  ({notes})" if notes else "")


class Rehearsal:
    """A wire that asks for repositories alone, and keeps what else it was to ask for."""

    def __init__(self, wire: Sender) -> None:
        self._wire = wire
        self._lock = threading.Lock()
        self.planned: list[Planned] = []

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        """See Wire.ask."""
        made = _LISTED.fullmatch(path) is not None
        with self._lock:
            self.planned.append(Planned(path, params, etag is not None, made))
        if made:
            return self._wire.ask(path, params, etag)
        if etag is not None:
            return Reply(304, {"etag": etag}, b"")
        return Reply(200, {}, _UNDER_A_KEY if re.search(r"/actions/|^/agents/", path) else b"[]")

    def redirected(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire.redirected."""
        return self._wire.redirected(address)

    def target(self, address: str) -> tuple[str, dict[str, str | int]]:
        """See Wire.target."""
        return self._wire.target(address)


class Discarding(Buffer):
    """A buffer that keeps and writes nothing."""

    def add(self, dataset: Dataset, rows: pa.Table) -> None:
        """See Buffer."""

    def change(self, name: str, change: Change) -> None:
        """See Buffer."""

    def reject(self, dataset: Dataset, rejects: list[Reject], source: str) -> None:
        """See Buffer."""


def plan_lines(planned: list[Planned]) -> Iterator[str]:
    """The plan as lines: every request, then how many there are."""
    yield from map(str, planned)
    kinds = Counter(request.conditional for request in planned)
    yield (
        f"{len(planned):,} requests, {kinds[True]:,} of them conditional (free while nothing has changed); and one "
        "more for each further 100 items of a list, and for each earlier attempt of a run that was started again"
    )
