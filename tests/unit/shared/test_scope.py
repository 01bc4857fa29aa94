"""Scope: ranges as people write them, and the rows that are inside."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import FettleError
from shared.scope import DEFAULT_RANGE, RANGES, Scope, parse_range
from tests.builders import NOW

ROWS = ibis.table({"org": "string", "repo": "string", "at": "timestamp('UTC')"}, name="rows")


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("1y", NOW - timedelta(days=365)),
        ("all", None),
    ],
)
def test_a_relative_range_ends_now(text: str, since: datetime | None) -> None:
    assert parse_range(text, NOW) == (since, NOW)


def test_both_days_of_a_custom_range_are_inside() -> None:
    expected = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    assert parse_range("2026-04-01..2026-06-30", NOW) == expected


def test_the_ranges_on_offer_are_understood() -> None:
    assert DEFAULT_RANGE in RANGES
    for text in RANGES:
        parse_range(text, NOW)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not understood; use one of 24h"),
        ("30 days", "'30 days' is not understood"),
        ("-7d", "not understood"),
        ("2026-02-30..2026-03-01", "a day that does not exist"),
        ("2026-03-02..2026-03-01", "ends before it begins"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused_with_what_does(text: str, complaint: str) -> None:
    with pytest.raises(FettleError, match=complaint):
        parse_range(text, NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_range_or_a_complaint(text: str) -> None:
    with suppress(FettleError):
        since, until = parse_range(text, NOW)
        assert since is None or since <= until


def test_the_previous_range_ends_where_this_one_begins() -> None:
    scope = Scope(until=NOW, since=NOW - timedelta(days=30), orgs=("acme",))
    previous = scope.previous()
    assert previous == Scope(until=NOW - timedelta(days=30), since=NOW - timedelta(days=60), orgs=("acme",))


def test_all_time_has_no_previous_range() -> None:
    assert Scope(until=NOW).previous() is None


def test_filters_on_columns_that_are_not_there_let_everything_through() -> None:
    scope = Scope(until=NOW, severities=("high",), kinds=("dependabot",), workflows=("build",), bots=False)
    assert scope.filter(ROWS).equals(ROWS)


def test_the_range_is_half_open() -> None:
    backend = ibis.duckdb.connect()
    since = NOW - timedelta(days=1)
    second = timedelta(seconds=1)
    times = [since - second, since, NOW - second, NOW, None]
    rows = ibis.memtable({"at": times}, schema={"at": "timestamp('UTC')"})
    kept = backend.to_pyarrow(Scope(until=NOW, since=since).within(rows, "at")).to_pylist()
    assert [row["at"] for row in kept] == [since, NOW - second]
    backend.disconnect()
