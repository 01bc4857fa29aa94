"""Chart: a figure with its alternative text, and the table behind it."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from frontend.columns import Column
from frontend.components.table import draw_table

_CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True}


def draw_chart(
    figure: Any,  # noqa: ANN401  (Plotly ships no types)
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    title: str,
    name: str,
    alt: str,
    help: str | None = None,  # noqa: A002  (Streamlit's word for it)
) -> None:
    """Draws a chart under its title; the table behind it is one click away."""
    st.subheader(title, anchor=False, help=help)
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
