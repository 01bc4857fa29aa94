"""Comparison: the words and numbers for what changed on a date."""

from typing import Any

import pandas as pd
import pytest

from frontend.comparison import COLUMNS, changes
from shared.metrics.workflows.before_after import BEFORE_AFTER, CHANCE_Z

FIGURES = {
    "runs": 40,
    "runs_per_day": 1.25,
    "successes": 30,
    "failures": 10,
    "success_rate": 0.75,
    "n": 38,
    "p50_s": 300.0,
    "p95_s": 7_200.0,
    "success_rate_z": None,
    "duration_z": None,
}


def sides(after: dict[str, Any] | None = None, **before: Any) -> pd.DataFrame:
    """The answer of before_after, with what differs on either side."""
    rows = [{"side": "before", **FIGURES, **before}, {"side": "after", **FIGURES, **(after or {})}]
    return pd.DataFrame(rows, columns=list(BEFORE_AFTER.columns))


def row(frame: pd.DataFrame, figure: str) -> tuple[Any, ...]:
    """Before, after, change and reading of a figure."""
    (found,) = frame[frame.figure == figure].itertuples(index=False)
    return found.before, found.after, found.change, found.reading


def test_every_figure_has_a_row_with_both_sides_and_n() -> None:
    after = {
        "runs": 2_400,
        "runs_per_day": 1_234.56,
        "successes": 36,
        "failures": 4,
        "success_rate": 0.9,
        "n": 1_000,
        "p50_s": 360.0,
        "p95_s": 5_400.0,
        "success_rate_z": 2.5,
        "duration_z": -3.0,
    }
    found = changes(sides(after))
    assert tuple(found.columns) == COLUMNS
    assert [tuple(one) for one in found.itertuples(index=False)] == [
        ("Runs per day", "1.2", "1,234.6", "", "n = 40 and 2,400"),
        ("Success rate", "75.0 %", "90.0 %", "+15.0 points", "higher after, unlikely by chance (n = 40 and 40)"),
        ("Duration, median", "5.0 min", "6.0 min", "+20 %", "shorter after, unlikely by chance (n = 38 and 1,000)"),
        ("Duration, p95", "2.0 h", "1.5 h", "-25 %", "n = 38 and 1,000"),
    ]


@pytest.mark.parametrize(
    ("z", "rate", "lasted"),
    [
        (CHANCE_Z + 0.001, "higher after, unlikely by chance", "longer after, unlikely by chance"),
        (CHANCE_Z, "no difference beyond chance", "no difference beyond chance"),
        (0.0, "no difference beyond chance", "no difference beyond chance"),
        (-CHANCE_Z, "no difference beyond chance", "no difference beyond chance"),
        (-CHANCE_Z - 0.001, "lower after, unlikely by chance", "shorter after, unlikely by chance"),
        (None, "too few to tell", "too few to tell"),
        (float("nan"), "too few to tell", "too few to tell"),
    ],
)
def test_how_a_z_reads_in_either_direction(z: float | None, rate: str, lasted: str) -> None:
    found = changes(sides({"success_rate_z": z, "duration_z": z}))
    assert row(found, "Success rate")[3].startswith(f"{rate} (")
    assert row(found, "Duration, median")[3].startswith(f"{lasted} (")


def test_the_direction_is_that_of_the_z_and_not_of_the_median() -> None:
    """Medians may fall while the durations as a whole rise."""
    found = row(changes(sides({"p50_s": 240.0, "duration_z": 4.0})), "Duration, median")
    assert found[2:] == ("-20 %", "longer after, unlikely by chance (n = 38 and 38)")


def test_a_side_of_few_says_so_and_five_are_enough() -> None:
    found = changes(sides({"n": 5, "successes": 4, "failures": 1}, n=4, successes=4, failures=0, success_rate=1.0))
    assert row(found, "Success rate")[:2] == ("100.0 %, too few", "75.0 %")
    assert row(found, "Duration, median")[:2] == ("5.0 min, too few", "5.0 min")
    assert row(found, "Duration, p95")[:2] == ("2.0 h, too few", "2.0 h")
    assert row(found, "Success rate")[3].endswith("(n = 4 and 5)")


def test_what_is_not_known_is_a_dash_without_a_change() -> None:
    unknown: dict[str, Any] = {
        "success_rate": None,
        "successes": 0,
        "failures": 0,
        "n": 0,
        "p50_s": None,
        "p95_s": None,
    }
    for frame in (changes(sides(unknown)), changes(sides(**unknown)).rename(columns={"before": "after", "after": "b"})):
        for figure in ("Success rate", "Duration, median", "Duration, p95"):
            (found,) = frame[frame.figure == figure].itertuples(index=False)
            assert (found.after, found.change) == ("—", "")


@pytest.mark.parametrize("missing", ["before", "after"])
def test_a_side_without_runs_is_missing(missing: str) -> None:
    both = sides({"runs": 7, "n": 7}, runs=7, n=7)
    found = changes(both[both.side != missing])
    at = ("before", "after").index(missing)
    for figure in found.figure:
        shown = row(found, figure)
        assert (shown[at], shown[2]) == ("0.0" if figure == "Runs per day" else "—", "")
        assert shown[1 - at] not in ("—", "0.0")
    assert row(found, "Runs per day")[3] == ("n = 0 and 7" if missing == "before" else "n = 7 and 0")
    assert row(found, "Success rate")[3].startswith("too few to tell")


def test_without_any_side_all_is_unknown() -> None:
    found = changes(sides().iloc[:0])
    assert set(found.before) | set(found.after) == {"—"}
    assert set(found.change) == {""}
    assert row(found, "Runs per day")[3] == "n = 0 and 0"


@pytest.mark.parametrize(
    ("after", "change"), [(300.9, "0 %"), (299.1, "0 %"), (300.0, "0 %"), (302.0, "+1 %"), (298.0, "-1 %")]
)
def test_a_change_that_rounds_to_nothing_has_no_sign(after: float, change: str) -> None:
    assert row(changes(sides({"p50_s": after})), "Duration, median")[2] == change


def test_a_rate_that_changes_by_next_to_nothing_has_no_sign_either() -> None:
    assert row(changes(sides({"success_rate": 0.7499})), "Success rate")[2] == "0.0 points"


def test_a_duration_of_nothing_is_not_divided_by() -> None:
    assert row(changes(sides(p50_s=0.0)), "Duration, median")[:3] == ("0.0 min", "5.0 min", "")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(30.0, "0.5 min"), (3_599.0, "60.0 min"), (3_600.0, "1.0 h"), (172_800.0, "2.0 days")]
)
def test_durations_are_in_the_unit_that_reads_best(seconds: float, shown: str) -> None:
    assert row(changes(sides({"p95_s": seconds})), "Duration, p95")[1] == shown
