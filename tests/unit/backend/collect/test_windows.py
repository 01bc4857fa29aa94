from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.collect.windows import SECOND, Window, window

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_halves_share_no_second_and_leave_none_out(since: int, length: int) -> None:
    halves = Window(at(since), at(since + length)).halves()
    if halves is None:
        assert length == 0
        return
    first, second = halves
    assert (first.since, second.until) == (at(since), at(since + length))
    assert second.since - first.until == SECOND
    assert not first.is_empty
    assert not second.is_empty


def test_window_that_is_halved_again_and_again_comes_to_single_seconds() -> None:
    whole, parts = Window(at(0), at(20)), []
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        halves = part.halves()
        waiting += halves or ()
        parts += [] if halves else [part]
    assert sorted(part.since for part in parts) == [at(second) for second in range(21)]


def test_window_without_a_second_is_empty() -> None:
    assert Window(at(1), at(0)).is_empty
    assert Window(at(1), at(0)).halves() is None
    assert not Window(at(1), at(1)).is_empty


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_window_holds_both_moments_to_the_second(since: datetime, until: datetime) -> None:
    part = window(since, until)
    assert part.since <= since < part.since + SECOND
    assert part.until <= max(since, until) < part.until + SECOND
    assert (part.since.microsecond, part.until.microsecond, part.is_empty) == (0, 0, False)


def test_window_is_written_as_github_reads_it() -> None:
    part = window(datetime(2026, 1, 1, 1, 2, 3, 999_999, UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert part.created == "2026-01-01T01:02:03Z..2026-01-02T00:00:00Z"


def test_window_that_would_end_before_it_begins_is_one_second() -> None:
    assert window(at(5), at(1)) == Window(at(5), at(5))
