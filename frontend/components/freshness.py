"""Freshness: how old the data is, and what it does not hold."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from frontend import data, drawn
from frontend.words import ago, count, dataset, outcome
from shared.metrics.coverage import GOOD
from shared.scope import Scope

STALE_S = 2 * 86_400.0
"""Age in seconds beyond which the data is called old."""


def viewer_zone() -> str:
    """The viewer's time zone, UTC where the browser does not say."""
    try:
        return ZoneInfo(st.context.timezone or "UTC").key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def draw_freshness(head: DeltaGenerator, title: str, scope: Scope, *, collected: bool = True) -> None:
    """The page's title with the age of the data and, one click away, the sources that are incomplete.

    collected: whether what the page shows is collected; what services send has no sources that could be incomplete.
    """
    with head:
        drawn.draw(_draw_head, title, scope if collected else None, data.as_of())


def _draw_head(title: str, scope: Scope | None, now: datetime) -> None:
    st.title(title, anchor=False, width="content")
    if data.edition().rows == "demo" and any(data.row_counts().values()):
        st.badge("Sample data", icon=":material/science:", color="violet", help=_SAMPLE)
    if scope is not None:
        ledger = data.coverage(scope)
        _draw_age(ledger, now)
        _draw_incomplete(ledger[~ledger.outcome.isin((*GOOD, "disabled"))])  # what is off is not missing


_SAMPLE = "These rows are generated. They give way to real ones as soon as there are any: see the Data page."


def _draw_age(ledger: pd.DataFrame, now: datetime) -> None:
    newest = ledger.last_good_at.max()
    if pd.isna(newest):
        st.badge("Nothing collected yet", icon=":material/cloud_off:", color="gray")
        return
    old = (now - newest).total_seconds() > STALE_S
    st.badge(
        f"Collected {ago(newest, now)}",
        icon=":material/history:" if old else ":material/check_circle:",
        color="orange" if old else "green",
        help=f"The newest collection that ended well did so on {newest:%d %b %Y at %H:%M} UTC.",
    )


def _draw_incomplete(bad: pd.DataFrame) -> None:
    if bad.empty:
        return
    with st.popover(count(len(bad), "incomplete source"), icon=":material/warning:", type="tertiary"):
        st.markdown("What these sources would say is **unknown**, not zero.")
        shown = bad[["repo", "dataset", "outcome", "reason"]].head(50)
        shown = shown.assign(dataset=shown.dataset.map(dataset), outcome=shown.outcome.map(outcome))
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            alt="Sources that are incomplete",
            column_config={"repo": "Repository", "dataset": "Source", "outcome": "Outcome", "reason": "Reason"},
        )
        st.page_link("views/data.py", label="Open the ledger")
