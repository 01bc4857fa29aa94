from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collect.problems import BudgetSpent
from backend.collect.sources.listing import Listing
from backend.collect.visit import Visit
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.properties import few
from tests.unit.backend.collect.sources.served import PATH, Reader, Served

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The lake's clock, which stands for GitHub's where an answer has none."""

Thing = dict[str, str | int]


def thing(number: int, updated_at: datetime) -> Thing:
    return {"id": number, "updated_at": updated_at.isoformat(), "created_at": "2020-01-01T00:00:00Z"}


def daily(count: int) -> list[Thing]:
    """What changed last first, a day apart."""
    return [thing(number, NOW - timedelta(days=1 + number)) for number in range(count)]


def read(visit: Visit) -> tuple[dict[int, str], Listing]:
    """When what a visit brings had changed, by id, and the listing as it is afterwards; the cursor is stored.

    A budget that is spent ends it early.
    """
    listing, found = Listing(visit, PATH, {}), {}
    with suppress(BudgetSpent):
        for raws in listing:
            found.update({raw["id"]: raw["updated_at"] for raw in raws})
    visit.desk.buffer.flush()
    return found, listing


@pytest.fixture
def reader(lake: Lake) -> Reader:
    return Reader(lake, Served(daily(450)))


def test_listing_is_read_whole_and_then_only_asked_whether_it_changed(reader: Reader) -> None:
    assert len(read(reader.visit())[0]) == 450
    found, listing = read(reader.visit())
    assert (found, listing.unchanged, reader.served.asked) == ({}, True, [(1, 304)])
    assert (listing.covered().since, listing.covered().unchanged) == (None, True)


def test_listing_is_read_down_to_what_was_known(reader: Reader) -> None:
    read(reader.visit())
    reader.served.items[:0] = [thing(1_000 + number, NOW) for number in range(120)]
    found, _ = read(reader.visit())
    assert {number for number in found if number >= 1_000} == set(range(1_000, 1_120))
    assert reader.served.asked == [(1, 200), (2, 200)]


def test_what_is_listed_late_is_found_a_day_later(reader: Reader) -> None:
    read(reader.visit())
    late = thing(1_000, NOW - timedelta(days=1, hours=20))
    reader.served.items[:0] = [thing(number, NOW) for number in range(1_001, 1_101)]
    reader.served.items.insert(101, late)
    assert 1_000 in read(reader.visit())[0]


def test_item_that_is_dated_in_the_future_hides_none_that_comes_before_it(reader: Reader) -> None:
    reader.served.items.insert(0, thing(1_000, NOW + timedelta(days=300)))
    read(reader.visit())
    reader.served.items.insert(1, thing(1_001, NOW + timedelta(hours=1)))
    assert 1_001 in read(reader.visit())[0]


def test_items_without_a_time_do_not_end_a_reading(lake: Lake) -> None:
    reader = Reader(lake, Served([{"id": number} for number in range(230)]))
    listing = Listing(reader.visit(), PATH, {})
    assert sum(len(raws) for raws in listing) == 230


def test_reading_that_ended_early_says_that_nothing_is_certain_and_is_gone_on_with(reader: Reader) -> None:
    visit = reader.visit(budget=2)
    assert len(read(visit)[0]) == 200
    assert visit.covered is not None
    assert visit.covered.since == NOW
    reader.served.items.insert(0, thing(1_000, NOW))
    found, listing = read(reader.visit())
    assert reader.served.asked == [(1, 200), (3, 200), (4, 200), (5, 200)]
    assert {1_000, *range(200, 450)} <= set(found)
    assert listing.covered().since is None


def test_reading_that_ended_early_is_gone_on_with_although_nothing_has_changed(reader: Reader) -> None:
    read(reader.visit(budget=2))
    found, listing = read(reader.visit())
    assert reader.served.asked == [(1, 304), (3, 200), (4, 200), (5, 200)]
    assert (len(found), listing.unchanged) == (250, False)


def test_since_reads_no_further_and_says_so(reader: Reader) -> None:
    since = NOW - timedelta(days=50)
    visit = reader.visit(since=since)
    found, listing = read(visit)
    assert set(range(48)) <= set(found)
    assert reader.served.asked == [(1, 200)]
    assert listing.covered().since == since
    assert read(reader.visit())[1].covered().since == since


def test_since_reaches_back_further_than_what_was_read(reader: Reader) -> None:
    read(reader.visit(since=NOW - timedelta(days=50)))
    found, listing = read(reader.visit(since=NOW - timedelta(days=250)))
    assert set(range(248)) <= set(found)
    assert listing.covered().since == NOW - timedelta(days=250)


def test_since_after_what_is_known_leaves_the_cursor_as_it_is(reader: Reader) -> None:
    read(reader.visit())
    before = reader.visit().cursor
    reader.served.items.insert(0, thing(1_000, NOW))
    read(reader.visit(since=NOW - timedelta(hours=1)))
    assert reader.visit().cursor == before


def test_what_else_a_cursor_keeps_stays(reader: Reader) -> None:
    visit = reader.visit()
    listing = Listing(visit, PATH, {})
    listing.more["speaks_for"] = [1, 2]
    for _ in listing:
        pass
    visit.desk.buffer.flush()
    read(reader.visit())
    assert reader.visit().cursor["speaks_for"] == [1, 2]


@given(st.randoms(use_true_random=False), st.integers(0, 450), st.lists(st.integers(1, 6), max_size=6))
@few(12)
def test_readings_that_end_anywhere_bring_everything_together(chance: Random, count: int, budgets: list[int]) -> None:
    """Between them items change, and come to the front, and others are added."""
    with TemporaryDirectory() as folder:
        now = NOW
        lake = Lake(LocalStore(Path(folder) / "store"), Path(folder) / "cache", lambda: now)
        reader, known = Reader(lake, Served(daily(count))), {}
        for budget in [*budgets, None]:
            found, _ = read(reader.visit(budget))
            known.update(found)
            if budget is None:
                break
            now += timedelta(hours=chance.choice([1, 30]))
            items = reader.served.items
            moved = chance.sample(items, min(len(items), chance.choice([0, 1, 130])))
            fresh = range(10_000 + len(items), 10_000 + len(items) + chance.choice([0, 1, 130]))
            rest = [item for item in items if item not in moved]
            changed = [int(item["id"]) for item in moved] + list(fresh)
            reader.served.items = [thing(number, now - timedelta(minutes=1)) for number in changed] + rest
        lake.close()
    assert known == {item["id"]: item["updated_at"] for item in reader.served.items}
