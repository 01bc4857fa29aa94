"""Table: a frame as people act on it, with its downloads."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from frontend import data
from frontend.columns import Column, Kind, as_parquet, mapped, shown
from frontend.components.density import is_compact
from frontend.components.freshness import viewer_zone
from frontend.words import UNKNOWN, count
from frontend.words import severity as severity_word
from frontend.words import state as state_word
from frontend.words import tier as tier_word
from shared.csv import csv_of
from shared.datasets.alerts import SEVERITIES
from shared.metrics.health.scores import TIERS

ROW_PX, COMPACT_ROW_PX = 35, 26

_CHIPS = ("state", "severity", "tier")

MOST_SENT = 5_000
"""Rows that go to the browser, where more take seconds to arrive; the downloads have all."""

# Darker than on charts, where no white text stands on them.
_STATE_COLORS = {
    "failing": "#C4281C",
    "stale": "#B54708",
    "inactive": "#667085",
    "healthy": "#067647",
    "never_run": "#667085",
    "breached": "#C4281C",
    "at_risk": "#B54708",
    "on_track": "#067647",
    "met": "#067647",
    "unknown": "#667085",
    "7 days": "#B54708",
    "14 days": "#A15C07",
    "new": "#C4281C",
    "recurring": "#C4281C",
    "session_dispatched": "#4E5BA6",
    "pr_open": "#4E5BA6",
    "pr_merged": "#B54708",
    "verified_fixed": "#067647",
    "fixed": "#067647",
    "false_positive": "#667085",
    "wont_fix": "#667085",
    "risk_accepted": "#667085",
    "dismissed": "#667085",
    "overdue": "#C4281C",
    "paid_late": "#B54708",
    "open": "#4E5BA6",
    "unpaid": "#4E5BA6",
    "closed": "#067647",
    "resolved": "#067647",
    "paid": "#067647",
}
_SEVERITY_COLORS = dict(zip(SEVERITIES, ("#B42318", "#B54708", "#A15C07", "#4E5BA6", "#667085"), strict=True))

_TIER_COLORS = dict(zip(TIERS, ("#C4281C", "#B54708", "#067647", "#067647", "#667085"), strict=True))


def draw_table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    name: str,
    alt: str,
    *,
    most_rows: int = 14,
    selection: str | None = None,
    one: bool = False,
) -> list[int]:
    """Draws a table with its number of rows and its downloads; returns the places of the rows that are selected.

    name: of the downloaded file and of the widgets.  alt: what the table is, for those who do not see it.
    most_rows: how many are visible without scrolling.
    selection: what the selection belongs to, where rows can be selected; another text and nothing is selected.
    one: whether only one row can be selected at a time.
    """
    row_px = COMPACT_ROW_PX if is_compact() else ROW_PX
    columns = [column for column in columns if column.kind != "link" or frame[column.name].notna().any()]
    drawn = st.dataframe(
        data.kept(_sent, frame, tuple(columns)),
        hide_index=True,
        key=f"table_{name}_{selection or ''}".rstrip("_"),
        on_select="ignore" if selection is None else "rerun",
        column_config={column.name: _config(column) for column in columns},
        height=row_px * min(max(len(frame), 1), most_rows) + ROW_PX + 3,
        row_height=row_px,
        placeholder="—",
        alt=alt,
        selection_mode="single-row" if one else "multi-row",
    )
    _draw_downloads(frame, name)
    return [] if isinstance(drawn, DeltaGenerator) else [row for row in drawn.selection.rows if row < len(frame)]


def _draw_downloads(frame: pd.DataFrame, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        cut = f", the first {count(MOST_SENT)} shown" if len(frame) > MOST_SENT else ""
        st.caption(count(len(frame), "row") + cut, width="content")
        _draw_download("CSV", f"{name}.csv", "text/csv", partial(csv_of, frame))
        _draw_download("Parquet", f"{name}.parquet", "application/vnd.apache.parquet", partial(as_parquet, frame))


def _draw_download(label: str, file_name: str, mime: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        label,
        data=make,
        file_name=f"fettle-{file_name}",
        mime=mime,
        key=f"download_{file_name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _sent(frame: pd.DataFrame, columns: Sequence[Column]) -> pa.Table:
    """What goes to the browser, in the form in which it goes."""
    return pa.Table.from_pandas(_chips(shown(frame.head(MOST_SENT), columns), columns), preserve_index=False)


def _chips(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """States and severities as lists of one word, which Streamlit shows as a chip; where there is none, as nothing."""
    chips = [column.name for column in columns if column.kind in _CHIPS]
    return frame.assign(**{name: mapped(frame[name], _chip) for name in chips})


def _chip(word: object) -> list[object] | None:
    return None if word in (None, UNKNOWN) else [word]


def _config(column: Column) -> Any:  # noqa: ANN401  (Streamlit has no public name for it)
    make, options = _KINDS.get(column.kind, (st.column_config.TextColumn, {}))
    told = column.help
    if column.kind in ("since", "time"):
        zone = viewer_zone()
        options = {**options, "timezone": zone}
        told = " ".join(filter(None, (told, f"Times are those of {zone}.")))
    if column.width is not None:
        options = {**options, "width": column.width}
    return make(column.label, help=told, pinned=column.pinned or None, **options)


def _of_words(words: Callable[[object], str], colors: Mapping[str, str]) -> tuple[Callable[..., Any], dict[str, Any]]:
    chips = {"options": [words(code) for code in colors], "color": list(colors.values())}
    return st.column_config.MultiselectColumn, chips


_DECIMAL = (st.column_config.NumberColumn, {"format": "%,.1f"})
_KINDS: Mapping[Kind, tuple[Callable[..., Any], dict[str, Any]]] = {
    "count": (st.column_config.NumberColumn, {"format": "localized"}),
    "number": _DECIMAL,
    "money": (st.column_config.NumberColumn, {"format": "%,.2f"}),
    "share": _DECIMAL,
    "minutes": _DECIMAL,
    "hours": _DECIMAL,
    "days": _DECIMAL,
    "bytes": _DECIMAL,
    "since": (st.column_config.DatetimeColumn, {"format": "distance"}),
    "time": (st.column_config.DatetimeColumn, {"format": "YYYY-MM-DD HH:mm"}),
    "utc": (st.column_config.DatetimeColumn, {"format": "YYYY-MM-DD HH:mm", "timezone": "UTC"}),
    "day": (st.column_config.DatetimeColumn, {"format": "YYYY-MM-DD", "timezone": "UTC"}),
    "state": _of_words(state_word, _STATE_COLORS),
    "severity": _of_words(severity_word, _SEVERITY_COLORS),
    "tier": _of_words(tier_word, _TIER_COLORS),
    "link": (st.column_config.LinkColumn, {"display_text": ":material/open_in_new:", "width": "small"}),
}
"""How Streamlit shows each kind of column; the others are text."""
