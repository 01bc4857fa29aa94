"""Deployments: how many there are over time and by part, and how many of them failed."""

import pandas as pd

from frontend.charts.template import FAILURE, SUCCESS, Chart, chart

MOST_PARTS = 12


def deployment_trend(frame: pd.DataFrame, at: str) -> Chart:
    """Successful and failed deployments per week or month, the failed ones on top. frame: delivery by `at`."""
    figure = chart()
    times = pd.to_datetime(frame[at], utc=True).dt.tz_localize(None)
    for column, color, words in _SERIES:
        figure.add_bar(
            x=times, y=frame[column], marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{y:,}} {words}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="stack")
    figure.update_yaxes(rangemode="tozero", title_text=f"Deployments a {at}", tickformat=",d")
    if at == "month":
        figure.update_xaxes(tickformat="%b %Y", hoverformat="%B %Y", **({"dtick": "M1"} if len(frame) <= 12 else {}))
    return figure


def deployment_bars(frame: pd.DataFrame, part: str) -> Chart:
    """Deployments by part, the most first, with those that failed at the end. frame: delivery by `part`."""
    rows = frame[frame.deployments > 0].head(MOST_PARTS)
    figure = chart(max(140, 60 + 34 * len(rows)))
    for column, color, words in _SERIES:
        figure.add_bar(
            y=rows[part], x=rows[column], orientation="h", marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"%{{x:,}} {words}<extra>%{{y}}</extra>",
        )  # fmt: skip
    figure.add_scatter(
        y=rows[part],
        x=rows.deployments,
        mode="text",
        text=[_said(n, failed) for n, failed in zip(rows.deployments, rows.failed, strict=True)],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.35)
    figure.update_xaxes(
        showgrid=False, range=[0, 1.35 * rows.deployments.max()], title_text="Deployments", tickformat=",d"
    )
    figure.update_yaxes(showgrid=False, autorange="reversed", zeroline=False, nticks=None)
    return figure


def _said(deployments: int, failed: int) -> str:
    return f" {deployments:,}, {failed:,} failed" if failed else f" {deployments:,}"


_SERIES = (("successes", SUCCESS, "succeeded"), ("failed", FAILURE, "failed"))
