"""The list of ten thousand customers by health, over seven hundred thousand events, beside the same in plain SQL.

`make bench` prints the figures; FETTLE_BENCH_REPORT names the page to write.
"""

import json
import os
import platform
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from frontend import questions
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from shared.policy import Policy
from shared.scope import Scope
from tests.benchmarks.by_sql import BySql
from tests.benchmarks.customers import NOW, fill
from tests.benchmarks.measure import seconds_of
from tests.benchmarks.processes import run_measured
from tests.benchmarks.questions_of_pages import Question
from tests.benchmarks.report import write_section
from tests.benchmarks.sameness import differences
from tests.benchmarks.visits import VISITS, Visits

CUSTOMERS, EVENTS = 10_000, 700_000
LONGEST_S = 0.5
"""What the median of several may take."""

TIMES = 15

SECTION = """
## Customers
Written by `FETTLE_BENCH_REPORT=docs/benchmarks.md make bench` on {day}: {cores} cores, {system}, Python {python}.
{customers:,} customers and {events:,} events of the last 180 days, {size:.0f} MB of Parquet.

- **List by health**: every customer with the score of now and of a week ago, its signals and latest events, lowest
  score first, as of another second each time, so that no answer is at hand. **Fettle** is the app's own way from the
  question to a frame, **SQL** the same by hand on the same files, in turn in one process.
- **Page**: the script of the page Customers, whole list included, opened {visits} times by another visitor each in a
  process that is warm, and run again with nothing changed.

| | fastest ms | median ms | slowest ms |
| --- | --: | --: | --: |
| List by health, Fettle | {ours} |
| List by health, SQL | {theirs} |
| Page, opened | {opened} |
| Page, unchanged | {again} |
"""

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Big:
    """A lake with all of the customers. folder: that it is in."""

    folder: Path
    lake: Lake
    by_sql: BySql


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Big]:
    folder = tmp_path_factory.mktemp("customers")
    lake = Lake(LocalStore(folder / "store"), folder / "cache", lambda: NOW)
    fill(lake, CUSTOMERS, EVENTS)
    yield Big(folder, lake, BySql(folder / "store", NOW))
    lake.close()


@pytest.fixture(scope="module")
def measured(big: Big) -> Iterator[dict[str, Sequence[float]]]:
    """What the tests have measured; the section of the documentation is written once all of it is there."""
    found: dict[str, Sequence[float]] = {}
    yield found
    if len(found) == 4:
        write_section(section(big, found))


def asked(seconds: int) -> Question:
    """The whole list at some time, so that no answer is the one before."""
    return Question(
        questions.metric, ("customer_health", Scope(until=NOW + timedelta(seconds=seconds)), None, Policy(), ())
    )


def test_list_sorted_by_health(big: Big, measured: dict[str, Sequence[float]]) -> None:
    tables, seconds = big.lake.tables("auto"), count()
    question = asked(next(seconds))
    ours = question.function(tables, *question.details)
    assert len(ours) == CUSTOMERS
    assert ours.score.is_monotonic_increasing
    assert differences(ours, big.by_sql.ask(question)) == []

    def by_us() -> object:
        one = asked(next(seconds))
        return one.function(tables, *one.details)

    taken = [(seconds_of(by_us), seconds_of(lambda: big.by_sql.ask(asked(next(seconds))))) for _ in range(TIMES)]
    ours_s, theirs_s = ([pair[side] for pair in taken] for side in (0, 1))
    print(f"\n{CUSTOMERS:,} customers by health over {EVENTS:,} events: {_ms(ours_s)} ms, plain SQL {_ms(theirs_s)} ms")
    measured.update(ours=ours_s, theirs=theirs_s)
    assert statistics.median(ours_s) <= LONGEST_S


def test_page_in_a_warm_process(big: Big, measured: dict[str, Sequence[float]]) -> None:
    where = [str(big.folder / name) for name in ("store", "page-cache")]
    command = ["-m", "tests.benchmarks.visits", *where, NOW.isoformat(), str(big.folder / "policy.toml"), "90d"]
    spent = run_measured([*command, "customers"], {}, big.folder / "visits.txt")
    (line,) = re.findall(r"^visited (.+)$", spent.said, re.MULTILINE) or [spent.said]
    visits = Visits(**json.loads(line))
    print(f"\npage opened: {_ms(visits.opened_s)} ms")
    measured.update(opened=visits.opened_s, again=visits.again_s)
    assert statistics.median(visits.opened_s) <= LONGEST_S


def section(big: Big, measured: Mapping[str, Sequence[float]]) -> str:
    """The section of the documentation. measured: seconds, by what the table calls them."""
    size = sum(path.stat().st_size for path in (big.folder / "store" / "tables").glob("**/*.parquet"))
    return SECTION.format(
        day=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count(),
        system=platform.system(),
        python=platform.python_version(),
        customers=CUSTOMERS,
        events=EVENTS,
        size=size / 1e6,
        visits=VISITS,
        **{name: _ms(seconds) for name, seconds in measured.items()},
    )


def _ms(seconds: Sequence[float]) -> str:
    """The fastest, the median and the slowest in milliseconds, as cells of a table."""
    return " | ".join(f"{1_000 * one:,.0f}" for one in (min(seconds), statistics.median(seconds), max(seconds)))
