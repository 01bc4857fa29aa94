"""Chart: a figure with its alternative text, and the table behind it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from frontend.columns import Column
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from shared.scope import Scope

_CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True}


def draw_chart(
    figure: Any,  # noqa: ANN401  (Plotly ships no types)
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    title: str,
    name: str,
    alt: str,
    metric: str,
    scope: Scope,
    **switches: bool,
) -> None:
    """Draws a chart of a metric under its title; the table behind it and the metric's receipt are one click away."""
    draw_heading(title, metric, scope, place=name, **switches)
    st.plotly_chart(figure, theme="streamlit", config=_CONFIG, key=f"chart_{name}", alt=alt)
    # A closed table is not drawn: it would cost more than the chart.
    behind = st.expander(
        "The numbers behind this chart",
        icon=":material/table_rows:",
        type="compact",
        key=f"numbers_{name}",
        on_change="rerun",
    )
    if behind.open:
        with behind:
            draw_table(frame, columns, name, f"{title}: the numbers")
