"""The duration histogram: its quantiles beside exact ones, and that histograms add up."""

from datetime import timedelta
from math import floor

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.datasets.workflow_daily import DURATION_BOUNDS_S, DURATION_BUCKETS, WORKFLOW_DAILY
from shared.metrics.workflows.duration_histogram import ERROR, histogram, merged, quantile_s
from tests.builders import NOW
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask, tables_of
from tests.unit.shared.metrics.plain import quantile

FIRST, LAST = DURATION_BOUNDS_S[0], timedelta(days=35).total_seconds()

durations = st.lists(
    st.one_of(
        st.floats(0, LAST),
        st.floats(0, 3_600),
        st.sampled_from((*DURATION_BOUNDS_S, 0.0, 1.0, 60.0, 21_600.0)),
    ),
    min_size=1,
    max_size=60,
)


def counted(values: list[float]) -> list[int]:
    """The histogram in plain Python."""
    numbers = [sum(bound <= value for bound in DURATION_BOUNDS_S) for value in values]
    return [numbers.count(number) for number in range(len(DURATION_BUCKETS))]


@few(200)
@given(durations, st.sampled_from((0.0, 0.5, 0.9, 0.95, 1.0)))
def test_a_quantile_is_off_by_no_more_than_the_bound(values: list[float], share: float) -> None:
    exact, found = quantile(values, share), quantile_s(counted(values), share)
    assert exact is not None
    assert found is not None
    closest = sorted(values)[floor((len(values) - 1) * share)]
    slack = FIRST / 2 if closest < FIRST else 0.0
    assert abs(found - exact) <= exact * ERROR * (1 + 1e-12) + slack


def test_the_bound_is_reached_and_no_smaller_one_holds() -> None:
    starts = DURATION_BOUNDS_S[20]
    assert quantile_s(counted([starts]), 0.5) == pytest.approx(starts * (1 + ERROR))
    assert pytest.approx(0.122, abs=0.0005) == ERROR


def test_the_last_bound_is_below_the_longest_run_that_github_lets_be() -> None:
    assert DURATION_BOUNDS_S[-2] < LAST < DURATION_BOUNDS_S[-1] * 10**0.1


def test_no_runs_have_no_quantile() -> None:
    assert quantile_s([0] * len(DURATION_BUCKETS), 0.5) is None


@settings(max_examples=5)
@given(st.lists(durations, min_size=1, max_size=4))
def test_histograms_add_up_to_that_of_all(ask: Ask, parts: list[list[float]]) -> None:
    days = [
        {
            **dict.fromkeys(WORKFLOW_DAILY.schema.names, "x"),
            **dict.fromkeys(("day", "collected_at"), NOW + timedelta(days=number)),
            **dict.fromkeys(("workflow_id", "runs", "successes", "failures", "cancelled", "other"), 0),
            **dict.fromkeys(("duration_count", "duration_sum_s"), 0),
            **dict(zip(DURATION_BUCKETS, counted(part), strict=True)),
        }
        for number, part in enumerate(parts)
    ]
    table = tables_of({"workflow_daily": days})["workflow_daily"]
    (whole,) = ask.rows(merged(table))
    assert list(whole.values()) == counted([value for part in parts for value in part])
    assert quantile_s(whole, 0.95) == quantile_s(list(whole.values()), 0.95)
    assert len(ask.rows(merged(table, "day"))) == len(parts)


@settings(max_examples=5)
@given(durations)
def test_the_engine_counts_as_plain_python_does(ask: Ask, values: list[float]) -> None:
    rows = ibis.memtable(pa.table({"lasted_s": [*values, -1.0]}))
    (found,) = ask.rows(rows.aggregate(**histogram(rows.lasted_s)))
    assert list(found.values()) == counted([*values, -1.0])
