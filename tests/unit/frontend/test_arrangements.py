"""Arrangements of frames and figures: pure functions between metrics and page."""

import pandas as pd

from frontend.figures import count_figure, duration_figure, rate_figure
from frontend.first_row.workflows import tally
from frontend.ledger import freshness, incomplete_first
from frontend.remediating import compared
from tests.builders import NOW


def states(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"state": list(names)})


def duration_row(n: int, median_s: float | None) -> "pd.Series[float]":
    return pd.Series({"n": n, "median_s": median_s})


def test_tally_shows_states_that_no_workflow_is_in() -> None:
    assert tally(states("failing", "healthy"), ("failing", "never_run")) == {"failing": 1, "never_run": 0}


def test_parts_without_a_past_have_no_change() -> None:
    now = pd.DataFrame({"repo": ["a", "b"], "n": [9, 2], "median_s": [10.0, 20.0]})
    before = pd.DataFrame({"repo": ["a"], "n": [5], "median_s": [4.0]})
    found = compared(now, before, "repo")
    assert found.change_s[0] == 6.0
    assert pd.isna(found.change_s[1])
    assert found.note.tolist() == ["", "too few to judge"]
    assert compared(now, None, "repo").change_s.isna().all()


def test_alert_kinds_are_sources_of_the_alerts() -> None:
    ledger = pd.DataFrame(
        {"dataset": ["dependabot", "code_scanning"], "outcome": ["ok", "failed"], "last_good_at": [NOW, None]}
    ).astype({"last_good_at": "datetime64[us, UTC]"})
    files = pd.DataFrame({"dataset": ["alerts", "workflows"], "files": [1, 0], "bytes": [10, 0]})
    found = freshness(ledger, {"alerts": 7, "workflows": 0}, files)
    assert found.rows.tolist() == [7, 0]
    assert found.incomplete[0] == 1
    assert found.last_good_at[0] == NOW
    assert pd.isna(found.last_good_at[1])


def test_incomplete_sources_come_first_and_keep_their_order() -> None:
    ledger = pd.DataFrame({"outcome": ["ok", "failed", "unchanged", "partial"]})
    assert incomplete_first(ledger).outcome.tolist() == ["failed", "partial", "ok", "unchanged"]


def test_what_is_switched_off_comes_between_incomplete_and_complete() -> None:
    ledger = pd.DataFrame({"outcome": ["ok", "disabled", "forbidden"]})
    assert incomplete_first(ledger).outcome.tolist() == ["forbidden", "disabled", "ok"]


def test_figure_of_few_cases_shows_no_change() -> None:
    few = duration_figure(
        "T", "median_s", duration_row(4, 60), duration_row(9, 30), text="", noun="fix", plural="fixes"
    )
    many = duration_figure(
        "T", "median_s", duration_row(5, 60), duration_row(9, 30), text="", noun="fix", plural="fixes"
    )
    assert (few.change, few.note) == ("", "n = 4, too few")
    assert (many.change, many.note) == ("+0.5 min", "of 5 fixes")


def test_figure_without_cases_is_unknown_with_the_reason() -> None:
    figure = duration_figure("T", "median_s", duration_row(0, None), None, text="", noun="fix", plural="fixes")
    assert (figure.shown, figure.note) == ("—", "no fixes in the range")


def test_rate_changes_by_points() -> None:
    now = pd.Series({"successes": 9, "failures": 1, "success_rate": 0.9})
    before = pd.Series({"successes": 4, "failures": 4, "success_rate": 0.5})
    assert rate_figure("R", now, before, text="").change == "+40.0 points"
    assert rate_figure("R", now, now, text="").change == 0


def test_count_that_stays_the_same_changed_by_zero() -> None:
    assert count_figure("C", 1_200, 1_200, better="lower", text="").change == 0
    assert count_figure("C", 1_200, 100, better="lower", text="").change == "+1,100"
    assert count_figure("C", 5, None, better="lower", text="").change == ""
