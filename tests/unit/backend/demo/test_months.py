from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.demo.columns import hexes, position_in_group, rank_in_group
from backend.demo.months import Span, share_out, span_of
from backend.demo.stories import DAY_S

spans = st.builds(span_of, st.integers(1, 800), st.integers(10**8, 4 * 10**9))


@given(spans)
def test_months_cover_a_span_without_gap_or_overlap(span: Span) -> None:
    months = span.months()

    assert (months[0].since, months[-1].until) == (span.since, span.until)
    assert all(earlier.until == later.since for earlier, later in pairwise(months))
    for month in months:
        first, last = (datetime.fromtimestamp(second, UTC) for second in (month.since, month.until - 1))
        assert month.since < month.until
        assert (first.year, first.month) == (last.year, last.month)
        assert month.month == first.year * 12 + first.month - 1


@given(spans)
def test_moments_lie_inside_their_span(span: Span) -> None:
    drawn = span.moments(np.random.default_rng(1), 200)

    assert drawn.min() >= span.since
    assert drawn.max() < span.until


def test_people_are_busier_on_weekdays_than_on_weekends() -> None:
    monday = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp())
    days = (Span(monday, monday + 7 * DAY_S).moments(np.random.default_rng(1), 10_000) - monday) // DAY_S

    assert np.bincount(days, minlength=7)[5:].sum() < 0.1 * len(days)


@given(st.integers(0, 10**7), st.lists(st.floats(0.01, 1e6), min_size=1, max_size=200))
def test_shares_sum_to_the_whole_and_follow_the_weights(total: int, weights: list[float]) -> None:
    shares = share_out(total, np.array(weights))

    exact = total * np.array(weights) / sum(weights)
    assert int(shares.sum()) == total
    assert np.all(np.abs(shares - exact) <= 1 + 1e-6)


@given(st.lists(st.integers(0, 5), min_size=1))
def test_rank_in_group_counts_earlier_rows_of_the_group(groups: list[int]) -> None:
    expected = [groups[:position].count(group) for position, group in enumerate(groups)]

    assert rank_in_group(np.array(groups, dtype=np.int64)).tolist() == expected


def test_position_in_group_starts_anew_with_each_group() -> None:
    assert position_in_group(np.array([2, 0, 3])).tolist() == [0, 1, 0, 1, 2]


def test_bytes_become_lower_case_hexadecimal() -> None:
    raw = np.array([[0, 255], [16, 171]], dtype=np.uint8)

    assert hexes(raw).to_pylist() == ["00ff", "10ab"]
