"""Workers: the threads that ask the engine, and the questions that they have begun before their answers are wanted."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from frontend.edition import Edition
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.scope import Scope

THREADS = 2

MOST_BEGUN = 64
"""Answers that wait to be wanted; the oldest are given up beyond that."""

MOST_KNOWN = 4_096
"""Questions remembered as answered, whose answers the caches have."""

T = TypeVar("T")
_Key = tuple[str, str, str]


class Workers:
    """Threads over a lake. Each keeps its own cursor, which a page's short-lived thread could not."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="questions")
        self._of_thread = threading.local()
        self._lock = threading.Lock()
        self._begun: OrderedDict[_Key, Future[Any]] = OrderedDict()
        self._known: OrderedDict[_Key, None] = OrderedDict()

    @property
    def begun(self) -> int:
        """How many answers nobody has wanted so far."""
        return len(self._begun)

    def run(self, work: Callable[[], T]) -> T:
        """What some work gives, done on one of the threads."""
        return self._pool.submit(work).result()

    def ask(self, current: Edition, question: Callable[..., T], *details: object) -> T:
        """The answer to a question on an edition's tables, worked out on one of the threads."""
        key = _key(current, question, details)
        with self._lock:
            self._remember(key)
            begun: Future[T] | None = self._begun.pop(key, None)
        return (begun or self._submit(current, question, details)).result()

    def begin(self, current: Edition, question: Callable[..., Any], *details: object) -> None:
        """Has a question worked on that will be asked soon, unless it was asked before."""
        key = _key(current, question, details)
        with self._lock:
            if key in self._known or key in self._begun:
                return
            self._begun[key] = self._submit(current, question, details)
            while len(self._begun) > MOST_BEGUN:
                self._begun.popitem(last=False)[1].cancel()

    def close(self) -> None:
        """Waits for what is worked on; nothing may be asked afterwards."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _remember(self, key: _Key) -> None:
        self._known[key] = None
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def _submit(self, current: Edition, question: Callable[..., T], details: tuple[object, ...]) -> Future[T]:
        return self._pool.submit(lambda: question(self._tables(current, *_about(details)), *details))

    def _tables(self, current: Edition, *repos: str) -> Tables:
        """The tables of an edition for the calling thread, made once. repos: what a question is about, unless all."""
        mine, version = self._of_thread, (current.rows, current.snapshot.version)
        if getattr(mine, "version", None) != version:
            mine.tables, mine.version = self._lake.tables(current.rows, current.snapshot), version
        tables: Tables = mine.tables.limited_to(current.repos)
        return tables.of_repository(repos[0]) if len(repos) == 1 else tables


def _about(details: tuple[object, ...]) -> tuple[str, ...]:
    return next((detail.repos for detail in details if isinstance(detail, Scope)), ())


def _key(current: Edition, question: Callable[..., Any], details: tuple[object, ...]) -> _Key:
    return current.version, question.__qualname__, repr(details)
