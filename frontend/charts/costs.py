"""Costs: minutes or money over time and by part; what is estimated is fainter than what jobs tell."""

from typing import Any, TypeAlias

import pandas as pd

from frontend.charts.template import ACCENT, LARGE_PX, Chart, chart, faded

Series: TypeAlias = "pd.Series[Any]"

MOST_PARTS = 12

ESTIMATED = faded(ACCENT, 0.4)


def cost_trend(frame: pd.DataFrame, at: str, measure: str, unit: str) -> Chart:
    """Money or minutes per day, week or month, as told by jobs, and estimated on top of it.

    frame: run_cost by `at`.  measure: cost or minutes.  unit: of the measure, such as USD.
    """
    figure = chart(LARGE_PX)
    times = pd.to_datetime(frame[at], utc=True).dt.tz_localize(None)
    for column, color, words in _series(measure):
        figure.add_bar(
            x=times,
            y=frame[column].astype("float64"),
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y:,.2~f}} {unit} {words}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(rangemode="tozero", title_text=unit, tickformat=",~f")
    if at == "month":
        figure.update_xaxes(tickformat="%b %Y", hoverformat="%B %Y", **({"dtick": "M1"} if len(frame) <= 12 else {}))
    return figure


def cost_bars(frame: pd.DataFrame, names: Series, measure: str, unit: str) -> Chart:
    """Money or minutes by part, the most first, each with its sum; MOST_PARTS are shown.

    frame: run_cost by a part.  names: of the parts.  measure, unit: as in cost_trend.
    """
    total = _known(frame, measure) + _known(frame, f"estimated_{measure}")
    first = total.sort_values(ascending=False, kind="stable").head(MOST_PARTS).index
    rows, total = frame.loc[first], total.loc[first]
    figure = chart(max(160, 60 + 34 * len(rows)))
    for column, color, words in _series(measure):
        figure.add_bar(
            y=names.loc[first],
            x=_known(rows, column),
            orientation="h",
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{x:,.2~f}} {unit} {words}<extra>%{{y}}</extra>",
        )
    figure.add_scatter(
        y=names.loc[first],
        x=total,
        mode="text",
        text=[f" {value:,.2f}" if measure == "cost" else f" {value:,.0f}" for value in total],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.35)
    figure.update_xaxes(showgrid=False, range=[0, 1.2 * (total.max() or 1)], title_text=unit, tickformat=",~f")
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
    return figure


def _series(measure: str) -> tuple[tuple[str, str, str], ...]:
    return (measure, ACCENT, "from jobs"), (f"estimated_{measure}", ESTIMATED, "estimated")


def _known(frame: pd.DataFrame, column: str) -> Series:
    return frame[column].astype("float64").fillna(0.0)
