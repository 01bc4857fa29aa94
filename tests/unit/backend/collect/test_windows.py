from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collect import windows
from backend.collect.windows import SECOND, Window, small_windows, window

START = datetime(2026, 1, 1, tzinfo=UTC)

moments = st.lists(st.integers(0, 100_000), max_size=300).map(sorted)


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


@given(moments, st.integers(1, 20))
def test_windows_hold_every_moment_exactly_once_and_are_small(seconds: list[int], limit: int) -> None:
    created = [at(second) for second in seconds]
    counted: list[Window] = []

    def count(part: Window) -> int:
        counted.append(part)
        return bisect_right(created, part.until) - bisect_left(created, part.since)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "SEARCH_LIMIT", limit)
        found = list(small_windows(window(at(0), at(100_000)), count))
    assert (found[0].since, found[-1].until) == (at(0), at(100_000))
    assert all(later.since == earlier.until + SECOND for earlier, later in pairwise(found))
    assert all(count(part) < limit or part.since == part.until for part in found)
    assert len(set(counted)) <= 2 * len(found) - 1


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_halves_share_no_second_and_leave_none_out(since: int, length: int) -> None:
    halves = Window(at(since), at(since + length)).halves()
    if halves is None:
        assert length == 0
        return
    first, second = halves
    assert (first.since, second.until) == (at(since), at(since + length))
    assert second.since - first.until == SECOND
    assert first.since <= first.until
    assert second.since <= second.until


def test_window_is_written_as_github_reads_it() -> None:
    part = window(datetime(2026, 1, 1, 1, 2, 3, 999_999, UTC), datetime(2026, 1, 2, tzinfo=UTC))
    assert part.created == "2026-01-01T01:02:03Z..2026-01-02T00:00:00Z"


def test_window_that_would_end_before_it_begins_is_one_second() -> None:
    assert window(at(5), at(1)) == Window(at(5), at(5))
