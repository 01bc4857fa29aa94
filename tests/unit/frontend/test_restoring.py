"""Restoring: the page's figures are those of the metric time_to_restore."""

from datetime import timedelta
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.periods import two_periods
from frontend.restoring import broken_at, summary, within
from shared.datasets import WORKFLOW_RUNS
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.scope import Scope
from tests.builders import NOW, run

DAY = timedelta(days=1)


def episodes(*spans: tuple[float, float | None]) -> pd.DataFrame:
    """Episodes by begin and end in days before NOW; without an end they are still open."""
    rows = [(NOW - begin * DAY, None if end is None else NOW - end * DAY) for begin, end in spans]
    frame = pd.DataFrame(rows, columns=["failed_at", "restored_at"])
    frame = frame.astype("datetime64[us, UTC]")
    return frame.assign(duration_s=(frame.restored_at - frame.failed_at).dt.total_seconds())


VERDICTS = ["ffssfs", "sfsfsfsfsfsfsfsfsfsfsf", "ssss", "ffff", "sffffffffffffsssssfsfffs"]


@pytest.mark.parametrize(
    ("verdicts", "days"),
    [
        pytest.param(*one, marks=() if one[1] == 5 or one == (VERDICTS[-1], None) else pytest.mark.slow)
        for one in product(VERDICTS, [None, 5, 20])
    ],
)
def test_summary_is_the_metric(lake: Lake, verdicts: str, days: int | None) -> None:
    runs = [
        run(run_id=n, created_at=NOW - n * DAY, conclusion={"s": "success", "f": "failure"}[verdict])
        for n, verdict in enumerate(verdicts, start=1)
    ]
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(runs))
    tables, scope = lake.tables(), Scope(until=NOW, since=NOW - days * DAY if days else None)
    asked_once = METRICS["restore_episodes"].compute(tables, two_periods(scope)).to_pyarrow().to_pandas()
    for part in filter(None, (scope, scope.previous())):
        wanted = METRICS["time_to_restore"].compute(tables, part).to_pyarrow().to_pandas().iloc[0]
        found = summary(asked_once, part.since, part.until)
        for name in ("n", "mean_s", "median_s", "p90_s"):
            assert found[name] == pytest.approx(wanted[name], nan_ok=True), name
        if part is scope:
            assert found.open == wanted.open


def test_episode_restored_before_the_range_is_not_in_it() -> None:
    found = within(episodes((10, 8), (4, 2), (1, None)), NOW - 5 * DAY, NOW)
    assert len(found) == 2


def test_broken_at_counts_those_begun_and_not_restored() -> None:
    times = [NOW - 9 * DAY, NOW - 5 * DAY, NOW]
    assert broken_at(episodes((10, 8), (4, 2), (1, None)), times) == (1, 0, 1)
    assert broken_at(episodes((5, 5), (5, None), (9, 0), (0, 9)), times) == (1, 2, 1), (
        "restored at that time is restored"
    )
    assert broken_at(episodes((1, None)), []) == ()
    assert broken_at(episodes(), times) == (0, 0, 0)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9) | st.none()), max_size=12),
    st.lists(st.integers(0, 9), max_size=6),
)
def test_broken_at_is_what_comparing_gives(spans: list[tuple[int, int | None]], days: list[int]) -> None:
    expected = [sum(begin >= day and not (end is not None and end >= day) for begin, end in spans) for day in days]
    assert list(broken_at(episodes(*spans), [NOW - day * DAY for day in days])) == expected
