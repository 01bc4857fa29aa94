"""Timing pages: all questions of a page one after another, ours and theirs in turn."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from frontend import data
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.benchmarks.by_sql import BySql, counterpart
from tests.benchmarks.questions_of_pages import Opened, Question

TIMES = 3


def p95(taken: Sequence[float]) -> float:
    """The 95th percentile (nearest rank), which is the worst of less than twenty."""
    return sorted(taken)[math.ceil(0.95 * len(taken)) - 1]


@dataclass
class Times:
    """Seconds by the clock and of the processor, one of each for every time that something was done."""

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)

    def take(self, way: Callable[[], object]) -> None:
        """Does something once."""
        wall, cpu = time.perf_counter(), time.process_time()
        way()
        self.wall_s.append(time.perf_counter() - wall)
        self.cpu_s.append(time.process_time() - cpu)

    @property
    def median_s(self) -> float:
        """The median by the clock."""
        return statistics.median(self.wall_s)

    @property
    def median_cpu_s(self) -> float:
        """The median of the processor's time, of all threads together."""
        return statistics.median(self.cpu_s)


@dataclass(frozen=True)
class Compared:
    """A page and what its questions take on both sides. apart: question -> its median, ours and theirs."""

    opened: Opened
    ours: Times
    theirs: Times
    apart: dict[str, tuple[float, float]]
    unpaired: tuple[str, ...]


def compare_page(opened: Opened, by_sql: BySql, times: int = TIMES) -> Compared:
    """Asks the page's questions both ways in turn, once unmeasured and then some times."""
    paired = [question for question in opened.questions if counterpart(question)]
    unpaired = sorted({question.name for question in opened.questions} - {question.name for question in paired})
    ours, theirs = Times(), Times()
    each = [(Times(), Times()) for _ in paired]

    def ask_ours() -> None:
        current = data.edition()
        for question, (mine, _) in zip(paired, each, strict=True):
            mine.take(lambda question=question: question.ask(current))  # type: ignore[misc]

    def ask_theirs() -> None:
        for question, (_, other) in zip(paired, each, strict=True):
            other.take(lambda question=question: by_sql.ask(question))  # type: ignore[misc]

    ask_ours()
    ask_theirs()
    for _ in range(times):
        ours.take(ask_ours)
        theirs.take(ask_theirs)
    labels = [_label(place, question) for place, question in enumerate(paired)]
    apart = {label: (a.median_s, b.median_s) for label, (a, b) in zip(labels, each, strict=True)}
    return Compared(opened, ours, theirs, apart, tuple(unpaired))


def _label(place: int, question: Question) -> str:
    return f"{place + 1}. {question.name}"


def time_histories(
    stores: Sequence[Path], now: str, questions: Sequence[Question], caches: Path, times: int = TIMES
) -> list[Times]:
    """The same questions to several stores in turn, in one process."""
    end = datetime.fromisoformat(now)
    lakes = [Lake(LocalStore(store), caches / store.name, lambda: end) for store in stores]
    tables = [lake.tables("demo") for lake in lakes]
    found = [Times() for _ in stores]

    def ask(place: int) -> None:
        for question in questions:
            question.function(tables[place], *question.details)

    for _ in range(2):
        for place in range(len(stores)):
            ask(place)
    for _ in range(times):
        for place, one in enumerate(found):
            one.take(lambda place=place: ask(place))  # type: ignore[misc]
    for lake in lakes:
        lake.close()
    return found
