"""SLA charts and comparisons as pure functions."""

from typing import Any

import pandas as pd

from frontend.charts.sla import backlog_forecast, compliance_bars, compliance_by_month, compliance_side_by_side
from frontend.what_if import side_by_side, total
from shared.policy.sla import SlaPolicy


def summary(**values: Any) -> pd.DataFrame:
    columns = {
        "severity": ["critical", "high", "unknown"],
        "compliance": [0.75, 0.5, None],
        "met": [3, 1, 0],
        "breached_closed": [1, 1, 0],
        "breached_open": [2, 0, 0],
        "at_risk": [1, 1, 0],
        "on_track": [0, 3, 0],
        "unknown": [0, 0, 4],
        "closed": [4, 2, 1],
        "n": [7, 6, 4],
    }
    return pd.DataFrame({**columns, **values})


def days(low: float | None = 8.0) -> pd.DataFrame:
    at = pd.date_range("2026-07-02", periods=30, freq="D", tz="UTC")
    known = None if low is None else 12.0
    return pd.DataFrame({"at": at, "low": low, "expected": known, "high": known and 16.4, "open_now": 10})


HISTORY = pd.DataFrame(
    {"period_start": pd.date_range("2026-06-28", periods=3, freq="D", tz="UTC"), "open_at_end": [9, 11, 10]}
)


def test_total_is_the_share_of_all_closed_alerts_and_not_the_mean_of_shares() -> None:
    assert total(summary())["compliance"] == 4 / 6
    assert total(summary())["unknown"] == 4
    nothing = total(summary().head(0))
    assert (nothing["judged"], pd.isna(nothing["compliance"])) == (0, True)


def test_side_by_side_has_the_levels_that_either_policy_limits() -> None:
    own, other = SlaPolicy.model_validate({"high": False}), SlaPolicy.model_validate({"critical": False, "high": "5d"})
    both = side_by_side(summary(), summary(breached_open=[0, 9, 0]), own, other)
    assert both.severity.tolist() == ["critical", "high"]
    assert both.limit_s.fillna(0).tolist() == [48 * 3600.0, 0.0]
    assert both.limit_then_s.fillna(0).tolist() == [0.0, 5 * 86_400.0]
    assert both.breached_open_then.tolist() == [0, 9]


def test_bars_say_how_many_they_are_of_and_where_nothing_was_closed() -> None:
    (bars,) = compliance_bars(summary(met=[30, 1, 0])).data
    assert list(bars.text) == ["75.0 % (n = 31)", "50.0 % (n = 2, too few)", "— none closed with a limit"]
    assert list(bars.x) == [75.0, 50.0, 0.0]


def test_month_without_a_closed_alert_is_a_gap() -> None:
    frame = summary(month=["2026-03", "2026-04", "2026-06"], compliance=[0.75, 0.5, 0.9], met=[9, 1, 9])
    (line,) = compliance_by_month(frame).data
    assert [None if pd.isna(value) else value for value in line.y] == [75.0, 50.0, None, 90.0]
    assert list(line.marker.symbol) == ["circle", "circle-open", "circle-open", "circle"]
    assert line.connectgaps is False


def test_both_policies_are_named_at_their_bars() -> None:
    own = SlaPolicy()
    both = side_by_side(summary(), summary(compliance=[1.0, None, None]), own, own)
    now, then = compliance_side_by_side(both).data
    assert list(now.text) == ["now: 75.0 % (too few)", "now: 50.0 % (too few)"]
    assert list(then.text) == ["then: 100.0 % (too few)", "then: —"]


def test_forecast_goes_on_from_the_last_day_with_its_range_written_at_the_end() -> None:
    figure = backlog_forecast(HISTORY, days())
    past, low, high, expected = figure.data
    assert pd.Timestamp(past.x[-1]) == pd.Timestamp("2026-07-01") == pd.Timestamp(low.x[0])
    assert (low.y[0], low.y[-1], high.y[-1], expected.y[-1]) == (10, 8.0, 16.4, 12.0)
    assert (low.fill, high.fill) == (None, "tonexty")
    assert [note.text for note in figure.layout.annotations] == ["8 to 16"]


def test_unknown_forecast_draws_the_past_alone() -> None:
    assert len(backlog_forecast(HISTORY, days(None)).data) == 1
