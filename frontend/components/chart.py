"""Chart: a figure with its alternative text, and the table behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from frontend import drawn
from frontend.columns import Column
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from shared.scope import Scope

_CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True}


@dataclass(frozen=True)
class Plot:
    """A figure that is made when it is drawn first. make: gives a Plotly figure of details and options."""

    make: Callable[..., Any]
    details: tuple[object, ...]
    options: dict[str, object]


def plot(make: Callable[..., Any], *details: object, **options: object) -> Plot:
    """What a function of frontend.charts makes of frames and other details, which tell one figure from another."""
    return Plot(make, details, options)


def draw_chart(
    figure: Plot,
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
    draw_plot(figure, name, alt)
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


def draw_plot(figure: Plot, name: str, alt: str) -> None:
    """Draws a figure alone. name: tells it from others on the page.  alt: what it shows, where it is not seen."""
    drawn.draw(_draw_plot, figure.make, figure.details, figure.options, name=name, alt=alt)


def _draw_plot(
    make: Callable[..., Any], details: tuple[object, ...], options: dict[str, object], *, name: str, alt: str
) -> None:
    figure = make(*details, **options)
    st.plotly_chart(figure, theme="streamlit", config=_CONFIG, key=f"chart_{name}", alt=alt)
