"""Reading for routes: one edition of the lake for some seconds, asked on few threads, as each has its own cursor.

A route gets a Reader, which knows who asks: there is no other way for it to rows, and no way to rows that the caller
may not see.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Any, TypeVar

import ibis.expr.types as ir
import pyarrow as pa

from backend.api.errors import ApiError
from shared.access.reach import OutOfReach, check_reach
from shared.access.roles import Caller
from shared.datasets import DATASETS
from shared.lake.cache import cache_errors
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.lake.snapshot import Snapshot
from shared.lake.tables import Lake
from shared.metrics import Metric, metric
from shared.policy import Policy, load_policy
from shared.scope import Scope
from shared.settings import Settings

LISTED_S = 2.0
"""Seconds for which a listing of the store is good."""

THREADS = 3
"""Questions worked on at a time; each takes its share of the engine's memory."""

LONGEST_S = 60.0
"""A question that takes longer is given up by who asked."""

LONGEST_WORK_S = 600.0
"""The same for what writes, such as loading the sample."""

T = TypeVar("T")


class Readers:
    """Answers questions about the lake for all callers. Safe to use from several tasks and threads."""

    def __init__(self, settings: Settings, lake: Lake) -> None:
        self.settings, self.lake = settings, lake
        self._pool = ThreadPoolExecutor(THREADS, "reader")
        self._own = threading.local()
        self._lock = threading.Lock()
        self._listed: tuple[float, Snapshot] | None = None

    def of(self, caller: Caller) -> "Reader":
        """What answers a caller."""
        return Reader(self, caller)

    async def read(self, question: Callable[[Tables], T], repos: frozenset[str] | None) -> T:
        """What a function makes of the tables as they are now. Raises StoreError or TimeoutError.

        repos: those whose rows it is given; None: all rows.
        """
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(
            loop.run_in_executor(self._pool, copy_context().run, self._on_thread, question, repos), LONGEST_S
        )

    async def do(self, work: Callable[[], T]) -> T:
        """Does something with the lake, such as a decision, on one of the threads."""
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(self._pool, copy_context().run, work), LONGEST_WORK_S)

    def changed(self) -> None:
        """Has the store listed anew for the next question, as something was written."""
        with self._lock:
            self._listed = None

    def policy(self) -> Policy:
        """What the people who run Fettle decided. Raises SettingsError."""
        return load_policy(self.settings.policy)

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _on_thread(self, question: Callable[[Tables], T], repos: frozenset[str] | None) -> T:
        with cache_errors(self.lake.cache):
            return question(self._tables().limited_to(repos))

    def _tables(self) -> Tables:
        """The thread's own tables of the current edition, which are made anew when it is another."""
        with self._lock:
            now = time.monotonic()
            if self._listed is None or now - self._listed[0] > LISTED_S:
                self._listed = (now, self.lake.snapshot())
            snapshot = self._listed[1]
        kept: tuple[str, Tables] | None = getattr(self._own, "kept", None)
        if kept is None or kept[0] != snapshot.version:
            kept = (snapshot.version, self.lake.tables(self.settings.rows, snapshot))
            self._own.kept = kept
        return kept[1]


class Reader:
    """Answers one caller, by rows of repositories that they may see.

    What is of all repositories at once (the lake itself, the settings) is refused to who sees only some.
    """

    def __init__(self, readers: Readers, caller: Caller) -> None:
        self._readers, self._caller = readers, caller

    @property
    def lake(self) -> Lake:
        """The lake, to write to and for what is of no repository. Raises ApiError."""
        sees_all(self._caller)
        return self._readers.lake

    @property
    def settings(self) -> Settings:
        """The settings. Raises ApiError."""
        sees_all(self._caller)
        return self._readers.settings

    def lake_of(self, repo: str) -> Lake:
        """The lake, to write what is of this repository alone. Raises ApiError where the caller may not see it."""
        _check(self._caller, repo)
        return self._readers.lake

    def check(self, entry: Metric) -> None:
        """Raises ApiError for a metric of what is of no repository, whose zeros would be taken for figures."""
        if any(DATASETS[name].reach == "nobody" for name in entry.inputs):
            sees_all(self._caller)

    def clock(self) -> datetime:
        """The time now, in UTC."""
        return self._readers.lake.clock()

    async def read(self, question: Callable[[Tables], T]) -> T:
        """What a function makes of the tables as they are now. Raises StoreError or TimeoutError."""
        return await self._readers.read(question, self._caller.repos)

    async def do(self, work: Callable[[], T]) -> T:
        """Does something with the lake, such as a decision, on one of the threads."""
        return await self._readers.do(work)

    def changed(self) -> None:
        """Has the store listed anew for the next question, as something was written."""
        self._readers.changed()

    def policy(self) -> Policy:
        """What the people who run Fettle decided. Raises SettingsError."""
        return self._readers.policy()


def sees_all(caller: Caller) -> None:
    """Raises ApiError for a caller who may see some repositories alone."""
    _check(caller)


def _check(caller: Caller, *repos: str) -> None:
    try:
        check_reach(caller, repos)
    except OutOfReach as error:
        raise ApiError(403, str(error)) from error


def answer(
    tables: Tables,
    name: str,
    scope: Scope,
    by: str | None,
    policy: Policy,
    switches: Mapping[str, bool] | None = None,
) -> pa.Table:
    """A metric of the registry, by SQL that is made once. Raises FettleError for a grouping that it does not know."""
    entry = metric(name)
    entry.labels(by)
    own = policy.model_dump_json() if entry.uses_policy else ""
    on = {switch: True for switch, wanted in (switches or {}).items() if wanted}

    def build(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return entry.compute(given, asked, by, policy, on)

    return ask(tables, ("api", name, by, tuple(sorted(on)), own), build, scope)


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as JSON has them: times in ISO 8601."""
    found: list[dict[str, Any]] = table.to_pylist()
    return found
