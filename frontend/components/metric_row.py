"""The metric row: a page's figures side by side, fewer to a row where the window is narrow."""

from collections.abc import Sequence

import streamlit as st

from frontend import drawn
from frontend.figures import Figure

MOST = 8

_IN_A_ROW = {7: 4, 8: 4}
"""How many stand side by side where there is room: of more than six, half."""

_COLORS = {"higher": "normal", "lower": "inverse", "neither": "off"}


def draw_metric_row(figures: Sequence[Figure], period: str) -> None:
    """Draws up to eight figures. period: what changes are against, such as "previous 90 days"; "" for none."""
    if period:
        st.caption(f"Changes are against the {period}: green is better, red is worse.")
    drawn.draw(_draw_all, tuple(figures[:MOST]), period)


def _draw_all(figures: tuple[Figure, ...], period: str) -> None:
    with st.grid(columns=_IN_A_ROW.get(len(figures), len(figures)), min_column_width=165, gap="xsmall"):
        for figure in figures:
            _draw(figure, period)


def _draw(figure: Figure, period: str) -> None:
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.metric(
            figure.title,
            figure.shown,
            figure.change if period else None,
            delta_color=_COLORS[figure.better] if figure.change else "off",  # type: ignore[arg-type]
            help=figure.help,
            chart_data=list(figure.sparkline) or None,
            chart_type="line",
        )
        st.caption(figure.note or "\u00a0")
