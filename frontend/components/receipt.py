"""Receipt: what stands behind a figure, one click away: its definition, its inputs, its rows and those left out."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from frontend import data
from frontend.columns import Column, Kind
from frontend.components.table import draw_table
from frontend.figures import metric_text
from frontend.words import count, readable
from frontend.words import dataset as title_of
from shared.metrics import METRICS
from shared.metrics.grouping import GROUP_COLUMNS
from shared.scope import Scope

_KINDS: dict[str, Kind] = {
    "severity": "severity",
    "kind": "code",
    "cwe_family": "family",
    "state": "code",
    "close_reason": "code",
    "html_url": "link",
}


_LABELS = {name: words for columns in GROUP_COLUMNS.values() for name, words in columns.items()}


def draw_heading(title: str, metric: str, scope: Scope, *, place: str = "", **switches: bool) -> None:
    """Draws a heading with the metric's definition on hover and its receipt one click away.

    place: tells several headings of one metric on a page apart.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, help=metric_text(metric), width="content")
        draw_receipt_button(metric, scope, place, **switches)


def draw_receipt_button(metric: str, scope: Scope, place: str = "", **switches: bool) -> None:
    """Draws the button that opens the receipt of a metric."""
    if st.button(
        "Receipt",
        key=f"receipt_{metric}_{place}",
        type="tertiary",
        icon=":material/receipt_long:",
        help="Definition, rows behind the figure, and what was left out",
    ):
        _show(metric, scope, dict(switches))


@st.dialog("Receipt", width="large", icon=":material/receipt_long:")
def _show(metric: str, scope: Scope, switches: dict[str, bool]) -> None:
    entry, receipt = METRICS[metric], data.receipt(metric, scope, **switches)
    st.markdown(f"**{entry.title}** ({entry.unit}). {entry.definition}")
    st.markdown(f"**Left out:** {entry.exclusions}")
    since = f"{scope.since:%Y-%m-%d %H:%M}Z" if scope.since else "the beginning"
    st.caption(
        f"Range: from {since} to {scope.until:%Y-%m-%d %H:%M}Z, which is also the time as of which it is judged."
    )
    rows = data.row_counts()
    st.caption("Inputs: " + ", ".join(f"{title_of(name)} ({count(rows[name], 'row')})" for name in entry.inputs))
    on = [entry.switches[name] for name, value in switches.items() if value]
    if on:
        st.caption("Switched on: " + " ".join(on))
    _draw_excluded(receipt.counted, receipt.excluded)
    if receipt.rows.empty:
        st.info("No row counts in this scope.", icon=":material/info:")
        return
    draw_table(
        receipt.rows, columns_of(receipt.rows), f"receipt_{metric}", f"The rows behind {entry.title}", most_rows=10
    )
    if receipt.counted > len(receipt.rows):
        st.caption(
            f"The first {count(len(receipt.rows), 'row')} are here; all of them: "
            f"`python -m backend metrics {metric} --rows --format csv`."
        )


def _draw_excluded(counted: int, excluded: Mapping[str, int]) -> None:
    st.markdown(f"**{count(counted, 'row')}** behind the figure.")
    if excluded:
        told = pd.DataFrame({"reason": list(excluded), "n": list(excluded.values())})
        columns = (Column("reason", "Not counted because"), Column("n", "Rows", "count"))
        draw_table(told, columns, "receipt_excluded", "Rows that do not count, by reason", most_rows=5)


def columns_of(frame: pd.DataFrame) -> tuple[Column, ...]:
    """How the columns of any frame are shown: units from their names, times and links by what they hold."""
    return tuple(_column(frame, str(name)) for name in frame.columns)


def _column(frame: pd.DataFrame, name: str) -> Column:
    label = _LABELS.get(name) or readable(name.removesuffix("_s"))
    if name in _KINDS:
        return Column(name, label, _KINDS[name])
    if name.endswith("_s"):
        return Column(name, f"{label} (h)", "hours")
    if pd.api.types.is_datetime64_any_dtype(frame[name]):
        return Column(name, label, "time")
    return Column(name, label)
