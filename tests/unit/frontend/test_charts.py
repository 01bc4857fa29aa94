"""Charts as pure functions: what is drawn where, with which words."""

from typing import Any

import pandas as pd
import pytest

from frontend.charts.health import lost_bars
from frontend.charts.parts import duration_bars, severity_bars
from frontend.charts.template import FAILURE, SEVERITY_COLORS, SUCCESS, faded
from frontend.charts.trends import alert_trend, duration_trend, remediation_by_month, success_trend

DAYS = pd.date_range("2026-06-01", periods=3, freq="D", tz="UTC")


def alerts(**values: Any) -> pd.DataFrame:
    figures = {"period_start": DAYS, "opened": [3, 0, 1], "closed": [1, 2, 0], "open_at_end": [7, 5, 6]}
    return pd.DataFrame({**figures, **values})


def runs(rate: list[float | None], starts: Any = DAYS) -> pd.DataFrame:
    return pd.DataFrame({"period_start": starts, "successes": 9, "failures": 1, "success_rate": rate})


def plain(at: pd.Timestamp) -> Any:
    return at.tz_localize(None).to_pydatetime()


def test_opened_stand_up_and_closed_hang_down() -> None:
    backlog, opened, closed = alert_trend(alerts(), "UTC").data
    assert list(backlog.y) == [7, 5, 6]
    assert (list(opened.y), opened.marker.color) == ([3, 0, 1], FAILURE)
    assert (list(closed.y), closed.marker.color) == ([-1, -2, 0], SUCCESS)
    assert list(closed.customdata) == [1, 2, 0]


def test_no_tick_says_that_there_are_negative_alerts() -> None:
    ticks = alert_trend(alerts(), "UTC").layout.yaxis2.ticktext
    assert not any(tick.startswith("-") for tick in ticks)


def test_days_stay_utc_days_and_hours_move_to_the_viewers_zone() -> None:
    by_day = success_trend(runs([0.9, 0.9, 0.9]), "America/New_York").data[0].x
    hours = pd.date_range("2026-06-01", periods=3, freq="h", tz="UTC")
    by_hour = success_trend(runs([0.9, 0.9, 0.9], hours), "America/New_York").data[0].x
    assert pd.Timestamp(by_day[0]) == pd.Timestamp("2026-06-01")
    assert pd.Timestamp(by_hour[0]) == pd.Timestamp("2026-05-31 20:00")


def test_bucket_without_verdicts_is_a_gap() -> None:
    line = success_trend(runs([0.9, None, 0.5]), "UTC").data[0]
    assert line.connectgaps is False
    assert pd.isna(line.y[1])
    assert "%{y:.1f} %" in line.hovertemplate


def unknown(*missing: int, of: int = 4) -> pd.DataFrame:
    return pd.DataFrame({"missing": missing, "sources": of})


def test_time_that_nothing_covers_is_shaded_and_named() -> None:
    (before,) = success_trend(runs([0.9, 0.9, 0.9]), "UTC", unknown(4, 4, 0)).layout.shapes
    chart = success_trend(runs([0.9, 0.9, 0.9]), "UTC", unknown(0, 0, 4))
    (after,) = chart.layout.shapes
    half_a_day = pd.Timedelta(hours=12)
    assert (before.x0, before.x1) == (plain(DAYS[0] - half_a_day), plain(DAYS[1] + half_a_day))
    assert (after.x0, after.x1) == (plain(DAYS[2] - half_a_day), plain(DAYS[2] + half_a_day))
    (label,) = chart.layout.annotations
    assert (label.text, label.xanchor, label.x) == ("Not collected", "right", after.x1)


def test_time_that_some_sources_cover_is_shaded_less_and_hovering_tells_how_many() -> None:
    chart = alert_trend(alerts(), "UTC", unknown(4, 1, 0))
    opaque = {shape.x0: float(shape.fillcolor.rstrip(")").split(",")[-1]) for shape in chart.layout.shapes}
    assert list(opaque.values()) == sorted(opaque.values(), reverse=True)
    assert len(chart.layout.shapes) == 4  # two stretches on each of the two axes
    assert [label.text for label in chart.layout.annotations] == ["Not collected", "Partly collected"]
    assert list(chart.data[-1].text) == ["4 of 4 sources not collected", "1 of 4 sources not collected"]


def test_few_missing_sources_are_told_on_hovering_alone() -> None:
    chart = success_trend(runs([0.9, 0.9, 0.9]), "UTC", unknown(1, 1, 1, of=5_000))
    assert not chart.layout.shapes
    assert chart.data[-1].text[0] == "1 of 5,000 sources not collected"


def test_time_that_is_covered_is_left_alone() -> None:
    chart = success_trend(runs([0.9, 0.9, 0.9]), "UTC", unknown(0, 0, 0))
    assert not chart.layout.shapes
    assert len(chart.data) == 1


def test_stretches_are_as_few_as_the_tenths_that_are_missing() -> None:
    days = pd.date_range("2026-06-01", periods=90, freq="D", tz="UTC")
    chart = success_trend(runs([0.9] * 90, days), "UTC", unknown(*range(1_000, 910, -1), of=1_000))
    assert len(chart.layout.shapes) == 1


def durations(days: pd.DatetimeIndex, p95_s: float = 600.0) -> pd.DataFrame:
    return pd.DataFrame({"day": days, "n": 4, "p50_s": 60.0, "p95_s": p95_s})


def test_durations_are_minutes_and_the_band_is_between_the_lines() -> None:
    median, p95 = duration_trend(durations(DAYS[:2]), "day").data
    assert (median.y[0], p95.y[0], p95.fill) == (1.0, 10.0, "tonexty")


def test_a_quiet_day_breaks_the_lines_and_the_band() -> None:
    band, median, p95 = duration_trend(durations(DAYS[[0, 2]]), "day").data
    assert pd.isna(median.y[1])
    assert (band.fill, p95.fill) == ("toself", None)
    filled = [None if pd.isna(day) else day.day for day in pd.to_datetime(band.x)]
    assert filled == [DAYS[0].day, DAYS[0].day, None, DAYS[2].day, DAYS[2].day, None]
    assert list(band.y[:2]) == [10.0, 1.0]


def test_long_durations_are_hours() -> None:
    figure = duration_trend(durations(DAYS[:2], p95_s=90_000.0), "day")
    assert figure.data[1].y[0] == 25.0
    assert figure.layout.yaxis.ticksuffix == " h"
    assert " h" in figure.data[1].hovertemplate


def test_lines_are_named_at_their_ends_on_either_scale() -> None:
    frame = pd.DataFrame({"month": ["2026-04", "2026-06"], "n": [5, 5], "median_s": 86_400.0, "p90_s": 864_000.0})
    linear, log = remediation_by_month(frame), remediation_by_month(frame, log=True)
    assert [(mark.text, mark.y) for mark in linear.layout.annotations] == [("median", 1.0), ("p90", 10.0)]
    assert [(mark.text, mark.y) for mark in log.layout.annotations] == [("median", 0.0), ("p90", 1.0)]
    assert log.layout.yaxis.type == "log"


def test_lines_that_end_at_one_place_have_one_label() -> None:
    frame = pd.DataFrame(
        {"month": ["2026-04", "2026-05"], "n": 5, "median_s": 86_400.0, "p90_s": [864_000.0, 87_000.0]}
    )
    for log in (False, True):
        (mark,) = remediation_by_month(frame, log=log).layout.annotations
        assert mark.text == "p90<br>median"


def test_a_day_with_too_few_runs_to_judge_is_no_outlier_where_others_have_enough() -> None:
    frame = runs([0.9, 0.0, 0.9]).assign(successes=[90, 0, 90], failures=[10, 1, 10])
    line = success_trend(frame, "UTC").data[0]
    assert pd.isna(line.y[1])
    assert line.y[0] == 90.0
    few = frame.assign(successes=[2, 0, 2], failures=[0, 1, 0])
    assert success_trend(few, "UTC").data[0].y[1] == 0.0


def test_severities_keep_their_colours_and_order() -> None:
    bars = severity_bars(pd.DataFrame({"severity": ["critical", "low", "odd"], "n": [1, 2_000, 3]})).data[0]
    assert list(bars.y) == ["◆ Critical", "● Low", "Odd"]
    assert list(bars.marker.color) == [SEVERITY_COLORS[name] for name in ("critical", "low", "unknown")]
    assert list(bars.text) == ["1", "2,000", "3"]


def test_repositories_come_slowest_first_and_severities_worst_first() -> None:
    figures = {"n": [5, 5, 0], "median_s": [86_400.0, 172_800.0, None], "p90_s": [172_800.0, 259_200.0, None]}
    by_repo = duration_bars(pd.DataFrame({"repo": ["a/a", "a/b", "a/c"], **figures}), "repo").data[0]
    by_severity = duration_bars(pd.DataFrame({"severity": ["high", "low", "unknown"], **figures}), "severity").data[0]
    assert list(by_repo.y) == ["a/b", "a/a"]
    assert list(by_severity.y) == ["▲ High", "● Low"]
    assert list(by_severity.x) == [1.0, 2.0]


def test_a_signal_that_is_unknown_leaves_the_others_their_place_in_the_bar() -> None:
    lost = {
        "lost_security": [30.0, 2.0],
        "lost_sla": [20.0, 18.0],
        "lost_ci": [1.0, None],
        "lost_freshness": [0.0, 10.0],
    }
    rest = {"lost_remediation": [None, 3.0], "lost_flow": [None, None]}
    health = pd.DataFrame({"repo": ["a/x", "b/y"], "score": [49.0, 67.0], **lost, **rest})
    bars = lost_bars(health).data
    assert [list(bar.x) for bar in bars] == [[30, 2], [20, 18], [1, 0], [0, 10], [0, 3], [0, 0]]


@pytest.mark.parametrize("rows", [0, 1])
def test_no_rows_and_one_row_draw(rows: int) -> None:
    for figure in (
        alert_trend(alerts().head(rows), "UTC", unknown(4, 4, 4).head(rows)),
        success_trend(runs([0.9, 0.9, 0.9]).head(rows), "UTC", unknown(4, 4, 4).head(rows)),
    ):
        assert figure.data
        assert {len(trace.x) for trace in figure.data if trace.x is not None} <= {0, rows}


def test_faded_keeps_the_colour() -> None:
    assert faded("#17B26A", 0.5) == "rgba(23,178,106,0.5)"
