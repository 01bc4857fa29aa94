"""Health: the parts that the At risk and the Repository page have in common."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend import data, drawn, filters
from frontend.charts.health import score_history
from frontend.columns import Column
from frontend.components.chart import draw_chart, plot
from frontend.components.links import draw_place_link
from frontend.health import in_a_line
from frontend.layouts.at_risk import HISTORY
from frontend.words import as_text
from shared.scope import Scope

LINKS = 5
"""Repositories that have a link of their own."""


def draw_history(
    scope: Scope,
    trend: pd.DataFrame,
    title: str,
    metric: str = "health_trend",
    columns: Sequence[Column] = HISTORY,
) -> None:
    """The kept scores over time, or how they come to be kept. trend: of the metric, in a table with these columns."""
    if trend.empty:
        st.subheader(title, anchor=False)
        st.info("No history is kept yet. A collection keeps it, and so does this command:", icon=":material/info:")
        st.code("python -m backend rollup", language="bash")
        return
    limits = data.policy().health
    draw_chart(
        plot(score_history, trend, (limits.at_risk, limits.watch, limits.good)),
        trend,
        columns,
        title=title,
        name=metric,
        alt="Median health score by day",
        metric=metric,
        scope=scope,
    )


def draw_repository_links(health: pd.DataFrame) -> None:
    """The worst repositories (of health.with_cause), each with a link to its page."""
    drawn.draw(_draw_links, health)


def draw_repository_link(health: pd.DataFrame, place: int | None = None) -> None:
    """A link to the page of the repository in a row of repository_health; without one, how to get it."""
    if place is None:
        st.caption("Select a row to open the repository's page.")
        return
    repo = str(health.repo.iloc[place])
    draw_place_link("repository", repo, None, f"Open **{as_text(repo)}**")


def _draw_links(health: pd.DataFrame) -> None:
    with st.container(gap="xxsmall"):
        for _, row in health.head(LINKS).iterrows():
            st.page_link(
                "views/repository.py",
                label=in_a_line(row),
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=filters.narrowed(**{filters.REPOSITORY: str(row.repo)}),
            )
