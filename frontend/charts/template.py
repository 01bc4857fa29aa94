"""The template of all charts: palette, axes and sizes, for light and dark alike.

Text and grid take their colours from the page's theme in the browser, hence no colours for them here.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import plotly.graph_objects as go

SEVERITY_COLORS: Mapping[str, str] = {
    "critical": "#B42318",
    "high": "#DC6803",
    "medium": "#CA8504",
    "low": "#4E5BA6",
    "unknown": "#98A2B3",
}
SUCCESS, FAILURE, NEUTRAL, ACCENT = "#17B26A", "#D92D20", "#98A2B3", "#5B7FDB"

LARGE_PX, MEDIUM_PX = 380, 300

Chart: TypeAlias = go.Figure


_LAYOUT: Mapping[str, object] = {
    "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
    "hovermode": "x unified",
    "bargap": 0.25,
    "separators": ".,",
    "dragmode": False,
}
_X: Mapping[str, object] = {"showgrid": False, "automargin": True, "fixedrange": True}
_Y: Mapping[str, object] = {"showgrid": True, "automargin": True, "fixedrange": True, "zeroline": True, "nticks": 5}


def chart(height: int = MEDIUM_PX) -> Chart:
    """An empty figure in the house style."""
    # Given at once, as each update of a figure takes Plotly longer than to make one.
    return go.Figure(layout={**_LAYOUT, "height": height, "xaxis": _X, "yaxis": _Y})


def dress(figure: Chart, height: int) -> None:
    """Puts the house style on a figure with several axes."""
    axes = {name: {"x": _X, "y": _Y}[name[0]] for name in figure.layout if name[1:].startswith("axis")}
    figure.update_layout({**_LAYOUT, "height": height, **axes})


def faded(color: str, opacity: float) -> str:
    """A hex colour as rgba with an opacity."""
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def label_end(figure: Chart, y: float, text: str, *, log: bool = False) -> None:
    """Writes a line's name beside its end, in place of a legend. log: whether the axis is logarithmic."""
    figure.update_layout(margin={"r": 60})
    figure.add_annotation(
        x=1,
        xref="paper",
        y=math.log10(y) if log else y,  # on such an axis Plotly takes places as exponents
        text=text,
        showarrow=False,
        xanchor="left",
        xshift=6,
    )


def shade(figure: Chart, x0: Any, x1: Any, share: float) -> None:  # noqa: ANN401
    """Shades a stretch of time, the darker the larger the share of what is not known of it."""
    figure.add_vrect(
        x0=x0, x1=x1, fillcolor=faded(NEUTRAL, round(0.2 * share, 3)), line_width=0, layer="below", row="all", col="all"
    )


def label_stretch(figure: Chart, x: Any, text: str, *, side: Literal["left", "right"]) -> None:  # noqa: ANN401
    """Writes what a shaded stretch means at one of its edges, inside it, in place of a legend."""
    figure.add_annotation(
        x=x, y=1, yref="paper", text=text, showarrow=False, xanchor=side, yanchor="top", font={"size": 11}
    )
