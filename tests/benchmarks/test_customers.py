"""The list of ten thousand customers by health, over seven hundred thousand events, beside the same in plain SQL."""

from collections.abc import Iterator
from datetime import timedelta
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
from tests.benchmarks.measure import compare
from tests.benchmarks.questions_of_pages import Question
from tests.benchmarks.sameness import differences

CUSTOMERS, EVENTS = 10_000, 700_000
LONGEST_S = 0.5

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[Lake, BySql]]:
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: NOW)
    fill(lake, CUSTOMERS, EVENTS)
    yield lake, BySql(tmp_path / "store", NOW)
    lake.close()


def asked(seconds: int) -> Question:
    """The whole list at some time, so that no answer is the one before."""
    return Question(
        questions.metric, ("customer_health", Scope(until=NOW + timedelta(seconds=seconds)), None, Policy(), ())
    )


def test_list_sorted_by_health(store: tuple[Lake, BySql]) -> None:
    lake, by_sql = store
    tables, seconds = lake.tables("auto"), count()
    question = asked(next(seconds))
    ours = question.function(tables, *question.details)
    assert len(ours) == CUSTOMERS
    assert ours.score.is_monotonic_increasing
    assert differences(ours, by_sql.ask(question)) == []

    def by_us() -> object:
        one = asked(next(seconds))
        return one.function(tables, *one.details)

    found = compare(by_us, lambda: by_sql.ask(asked(next(seconds))))
    print(f"\n{CUSTOMERS:,} customers by health over {EVENTS:,} events: {found} (plain SQL)")
    assert found.ours_s <= LONGEST_S
