"""Before and after: both sides against plain sums, and the z values against the textbook's tests."""

from datetime import datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.workflows.before_after import BEFORE_AFTER, FEW
from shared.metrics.workflows.outcomes import FAILURES
from tests.builders import NOW, Row, run
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.history import known_at
from tests.unit.shared.metrics.plain import quantile, rounded
from tests.unit.shared.metrics.strategies import runs

DAYS = 60
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPLIT = NOW - DAYS * DAY


def side(rows: list[Row], since: datetime, until: datetime) -> list[Row]:
    """The runs of a side, as they were at its end."""
    return [row for row in known_at(rows, until) if row["is_latest_attempt"] and row["created_at"] >= since]


def verdicts(rows: list[Row]) -> tuple[int, int]:
    """Successes and failures."""
    ends = [row["conclusion"] for row in rows]
    return ends.count("success"), sum(end in FAILURES for end in ends)


def lengths(rows: list[Row]) -> list[float]:
    return [row["duration_s"] for row in rows if row["duration_s"] is not None]


def plain(before: list[Row], after: list[Row]) -> list[Row]:
    zs = {"success_rate_z": proportions_z(before, after), "duration_z": rank_sum_z(lengths(before), lengths(after))}
    nothing = dict.fromkeys(zs)
    named = (("before", before, nothing), ("after", after, zs))
    return [{"side": name, **_facts(rows), **z} for name, rows, z in named if rows]


def _facts(rows: list[Row]) -> Row:
    successes, failures = verdicts(rows)
    lasted = lengths(rows)
    return {
        "runs": len(rows),
        "runs_per_day": len(rows) / DAYS,
        "successes": successes,
        "failures": failures,
        "success_rate": successes / (successes + failures) if successes + failures else None,
        "n": len(lasted),
        "p50_s": quantile(lasted, 0.5),
        "p95_s": quantile(lasted, 0.95),
    }


def proportions_z(before: list[Row], after: list[Row]) -> float | None:
    (won, lost), (won_after, lost_after) = verdicts(before), verdicts(after)
    n, n_after = won + lost, won_after + lost_after
    if not n or not n_after:
        return None
    share = (won + won_after) / (n + n_after)
    if min(side * part for side in (n, n_after) for part in (share, 1 - share)) < FEW:
        return None
    return (won_after / n_after - won / n) / sqrt(share * (1 - share) * (1 / n + 1 / n_after))


def rank_sum_z(before: list[float], after: list[float]) -> float | None:
    """The Mann-Whitney test with each value ranked, equal ones alike."""
    if min(len(before), len(after)) < FEW:
        return None
    both = sorted([*before, *after])
    n, a, b = len(both), len(after), len(before)
    ranks = {value: both.index(value) + (both.count(value) + 1) / 2 for value in both}
    wins = sum(ranks[value] for value in after) - a * (a + 1) / 2
    ties = sum(both.count(value) ** 3 - both.count(value) for value in set(both))
    variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)))
    return (wins - a * b / 2) / sqrt(variance) if variance > 1e-9 else None


def some(count: int, at: datetime, *, first: int, **values: object) -> list[Row]:
    """So many runs a minute apart."""
    return [run(run_id=first + n, created_at=at + timedelta(minutes=n), **values) for n in range(count)]


def lasting(minutes: list[float], at: datetime, first: int) -> list[Row]:
    return [
        run(run_id=first + n, created_at=at, run_started_at=at, completed_at=at + timedelta(minutes=length))
        for n, length in enumerate(minutes)
    ]


@settings(max_examples=5)
@given(runs(70))
def test_both_sides_and_their_z_equal_those_in_plain_python(ask: Ask, rows: list[Row]) -> None:
    before, after = side(rows, SPLIT - DAYS * DAY, SPLIT), side(rows, SPLIT, NOW)
    assert rounded(ask("before_after", scope(DAYS), workflow_runs=rows)) == rounded(plain(before, after))


@settings(max_examples=3)
@given(runs(40), st.integers(0, 60 * 24))
def test_what_happens_later_and_the_order_of_rows_change_nothing(ask: Ask, rows: list[Row], hours: int) -> None:
    then = NOW - hours * HOUR
    now, as_was = (
        rounded(ask("before_after", scope(DAYS, then), workflow_runs=some))
        for some in (rows[::-1], known_at(rows, then))
    )
    assert now == as_was


def test_every_figure_of_both_sides(ask: Ask) -> None:
    rows = [
        *some(30, SPLIT - 9 * DAY, first=1),
        *some(10, SPLIT - 8 * DAY, first=100, conclusion="failure"),
        *some(20, NOW - 9 * DAY, first=200),
        *some(20, NOW - 8 * DAY, first=300, conclusion="timed_out"),
        *some(5, NOW - 7 * DAY, first=400, conclusion="cancelled"),
    ]
    before, after = ask("before_after", scope(DAYS), workflow_runs=rows)
    assert (before["side"], before["runs"], before["success_rate"]) == ("before", 40, 0.75)
    assert (before["success_rate_z"], before["duration_z"]) == (None, None)
    assert rounded([after]) == rounded(
        [
            {
                "side": "after",
                "runs": 45,
                "runs_per_day": 45 / DAYS,
                "successes": 20,
                "failures": 20,
                "success_rate": 0.5,
                "n": 45,
                "p50_s": 300.0,
                "p95_s": 300.0,
                "success_rate_z": -0.25 / sqrt(0.625 * 0.375 * 2 / 40),
                "duration_z": None,  # All took alike.
            }
        ]
    )
    assert list(after) == list(BEFORE_AFTER.columns)


@pytest.mark.parametrize(
    ("before", "after", "z"),
    [
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 12.5 / sqrt(25 * 11 / 12)),
        ([6, 7, 8, 9, 10], [1, 2, 3, 4, 5], -12.5 / sqrt(25 * 11 / 12)),
        ([1, 1, 1, 2, 2], [1, 2, 2, 2, 2], 5 / sqrt(25 / 12 * (11 - (4**3 - 4 + 6**3 - 6) / 90))),
        ([1, 2, 3, 4], [6, 7, 8, 9, 10], None),
        ([1, 2, 3, 4, 5], [6, 7, 8, 9], None),
        ([3, 3, 3, 3, 3], [3, 3, 3, 3, 3], None),
    ],
)
def test_z_of_durations_is_known_by_hand(ask: Ask, before: list[float], after: list[float], z: float | None) -> None:
    rows = [*lasting(before, SPLIT - DAY, 1), *lasting(after, NOW - DAY, 100)]
    found = ask("before_after", scope(DAYS), workflow_runs=rows)[1]["duration_z"]
    assert found == (None if z is None else pytest.approx(z))


@pytest.mark.parametrize(("failures", "known"), [(4, False), (5, True), (15, True), (16, False)])
def test_no_z_of_the_rate_below_five_expected_successes_or_failures_on_a_side(
    ask: Ask, failures: int, known: bool
) -> None:
    """Twenty runs on a side; with as many failures on either, so many are expected."""
    rows = [
        one
        for place, at in enumerate((SPLIT - DAY, NOW - DAY))
        for one in (
            *some(failures, at, first=1 + 100 * place, conclusion="failure"),
            *some(20 - failures, at, first=50 + 100 * place),
        )
    ]
    found = ask("before_after", scope(DAYS), workflow_runs=rows)[1]["success_rate_z"]
    assert found == (0.0 if known else None)


def test_sides_are_swapped_and_so_are_the_signs(ask: Ask) -> None:
    quick, slow = [float(n) for n in range(1, 9)], [float(n) for n in range(5, 13)]
    zs = [
        ask(
            "before_after",
            scope(DAYS),
            workflow_runs=[*lasting(first, SPLIT - DAY, 1), *lasting(second, NOW - DAY, 100)],
        )[1]["duration_z"]
        for first, second in ((quick, slow), (slow, quick))
    ]
    assert zs[0] == pytest.approx(-zs[1])
    assert zs[0] > 0


def test_each_side_is_judged_as_of_its_own_end(ask: Ask) -> None:
    """One that ended after the date is unfinished before it; one tried again after it is what its first attempt was."""
    began = SPLIT - 2 * HOUR
    rows = [
        run(run_id=1, created_at=began, completed_at=SPLIT),
        run(run_id=2, created_at=began, conclusion="failure", is_latest_attempt=False),
        run(run_id=2, created_at=began, run_attempt=2, run_started_at=SPLIT + HOUR),
        run(run_id=3, created_at=SPLIT),
        run(run_id=4, created_at=NOW - HOUR, completed_at=NOW),
    ]
    before, after = ask("before_after", scope(DAYS), workflow_runs=rows)
    assert (before["runs"], before["successes"], before["failures"], before["n"]) == (2, 0, 1, 1)
    assert (after["runs"], after["successes"], after["failures"], after["n"]) == (2, 1, 0, 1)


def test_runs_that_neither_succeeded_nor_failed_have_no_part_in_the_rate(ask: Ask) -> None:
    ends = ("success", "cancelled", "skipped", "neutral", "action_required", "stale")
    rows = [run(run_id=n, conclusion=end) for n, end in enumerate(ends)]
    (after,) = ask("before_after", scope(DAYS), workflow_runs=rows)
    assert (after["side"], after["runs"], after["success_rate"], after["n"]) == ("after", 6, 1.0, 6)


def test_earlier_attempts_and_runs_before_both_sides_do_not_count(ask: Ask) -> None:
    first = run(conclusion="failure", is_latest_attempt=False)
    beyond = run(run_id=2, created_at=SPLIT - DAYS * DAY - timedelta(microseconds=1))
    (after,) = ask("before_after", scope(DAYS), workflow_runs=[first, run(run_attempt=2), beyond])
    assert (after["runs"], after["failures"]) == (1, 0)


def test_a_range_without_a_beginning_has_no_before(ask: Ask) -> None:
    assert ask("before_after", scope(None), workflow_runs=some(3, NOW - DAY, first=1)) == []
