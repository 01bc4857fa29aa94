"""The metric row: a page's figures side by side; where they do not fit, in rows of as many each.

Streamlit's grid puts as many into a row as fit and leaves what remains for the next: of six five and one. ROW_STYLE
says how many instead, by how many there are and how wide the row is.
"""

from collections.abc import Sequence

import streamlit as st

from frontend import drawn
from frontend.figures import Figure

MOST = 8

_LEAST_PX, _GAP_PX = 165, 8
"""The least width of a figure, and what Streamlit leaves between two at "xsmall"."""

_ROWS = {2: (2,), 3: (3, 1), 4: (4, 2), 5: (5, 3, 2), 6: (6, 3, 2), 7: (4, 2), 8: (4, 2)}
"""How many may stand side by side, by how many figures there are; the first that fits does."""

_COLORS = {"higher": "normal", "lower": "inverse", "neither": "off"}


def draw_metric_row(figures: Sequence[Figure], period: str) -> None:
    """Draws up to eight figures. period: what changes are against, such as "previous 90 days"; "" for none."""
    if period:
        st.caption(f"Changes are against the {period}: green is better, red is worse.")
    drawn.draw(_draw_all, tuple(figures[:MOST]), period)


def _draw_all(figures: tuple[Figure, ...], period: str) -> None:
    with st.grid(columns=max(len(figures), 1), min_column_width=_LEAST_PX, gap="xsmall"):
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


def row_style() -> str:
    """The style sheet of the rows of figures."""
    rows = [_rule(figures, across) for figures, fits in _ROWS.items() for across in reversed(fits)]
    return "\n".join((_HOLDER, *rows, _five_in_rows_of_three(), _five_in_rows_of_two(), _CARDS))


_GRID = ".stGrid:has(.stMetric, .stSkeleton)"
"""Also while the figures are still on their way, so that nothing jumps when they come."""

# What holds a grid is asked for its width, and Streamlit's own number of columns gives way.
_HOLDER = f"""
[data-testid="stLayoutWrapper"]:has(> [data-testid="stGridScrollBody"] > * > .stGrid :is(.stMetric, .stSkeleton)) {{
  container-type: inline-size; width: 100%;
}}
{_GRID} {{ grid-template-columns: minmax(0, 1fr); }}"""

# Sparklines and notes stand on one line, whether a figure has a change or not.
_CARDS = """
.stVerticalBlock:has(> * > .stMetric) > :has(> .stMetric) { display: flex; flex: 1 1 auto; }
.stGrid .stMetric { display: flex; flex: 1; flex-direction: column; min-width: 0; }
.stGrid .stMetric > :last-child:has(.stMetricChart) { margin-top: auto; }
"""


def _of(figures: int) -> str:
    """The grid of so many figures."""
    return f"{_GRID}:has(> :nth-child({figures}):last-child)"


def _width(across: int) -> int:
    """How wide a row of so many is at least."""
    return across * _LEAST_PX + (across - 1) * _GAP_PX


def _rule(figures: int, across: int) -> str:
    columns = f"grid-template-columns: repeat({across}, minmax(0, 1fr));"
    return f"@container (min-width: {_width(across)}px) {{ {_of(figures)} {{ {columns} }} }}"


def _five_in_rows_of_three() -> str:
    """The two in the second row are as wide as the three above them."""
    five, least, most = _of(5), _width(3), _width(5) - 0.02
    return f"""@container (min-width: {least}px) and (max-width: {most}px) {{
  {five} {{ grid-template-columns: repeat(6, minmax(0, 1fr)); }}
  {five} > * {{ grid-column: span 2; }}
  {five} > :nth-child(n + 4) {{ grid-column: span 3; }}
}}"""


def _five_in_rows_of_two() -> str:
    """The last is as wide as the two above it."""
    least, most = _width(2), _width(3) - 0.02
    last = f"{_of(5)} > :last-child {{ grid-column: 1 / -1; }}"
    return f"@container (min-width: {least}px) and (max-width: {most}px) {{ {last} }}"


ROW_STYLE = row_style()
"""The style sheet of the rows of figures, which is on every page."""
