"""Choosing: what one page is about or how it shows it, besides the filters, which every page has."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from frontend import data
from frontend.filters import ANALYSED, PART, REPOSITORY, SPLIT, linked, tell_unknown
from frontend.words import as_text, one_line
from shared.scope import Scope


def draw_repository(names: Sequence[str]) -> str | None:
    """The one repository that the page is about; None until one is chosen."""
    chosen: str | None = st.selectbox(
        "Repository", names, index=None, key=REPOSITORY, bind="query-params", placeholder="Choose one", width=420
    )
    return chosen


def draw_parts(*titles: str) -> Sequence[TabContainer]:
    """Parts of a page of which one is open; the others are not even asked for."""
    return st.tabs(titles, key=PART, on_change="rerun", bind="query-params")


def log_scale(chart: str) -> bool:
    """Whether a chart of durations has a logarithmic axis."""
    return st.toggle("Logarithmic scale", key="log", bind="query-params", help=chart)


def log_scale_is_on() -> bool:
    """Whether the page's log_scale, drawn before, is on."""
    return bool(st.session_state.get("log", False))


def workflow_label(repo: str, workflow: str) -> str:
    """What a workflow is called where one is chosen, and in the URL."""
    return f"{repo}: {workflow}"


def draw_workflow(states: pd.DataFrame) -> tuple[str, str]:
    """The one workflow to look at, as repository and name; the first at first. states: workflow_state, not empty."""
    offered = data.kept(_by_label, states)
    wanted = linked(ANALYSED)
    if wanted in offered:
        st.session_state[ANALYSED] = wanted
    elif wanted is not None:
        st.warning(f"{as_text(one_line(wanted))} has no runs with these filters.", icon=":material/link_off:")
    elif ANALYSED not in st.session_state:  # later it is only filtered out
        tell_unknown(ANALYSED, offered)
    if st.session_state.get(ANALYSED) not in (None, *offered):  # filtered out
        del st.session_state[ANALYSED]
    label = st.selectbox(
        "Workflow",
        tuple(offered),
        key=ANALYSED,
        bind="query-params",
        width=480,
        help="What needs attention comes first.",
    )
    return offered[label]


def _by_label(states: pd.DataFrame) -> dict[str, tuple[str, str]]:
    pairs = [(str(repo), str(name)) for repo, name in zip(states.repo, states.workflow_name, strict=True)]
    return {workflow_label(*pair): pair for pair in pairs}


def draw_split(scope: Scope) -> datetime:
    """The date that a comparison is about, at its midnight in UTC; the middle of the range unless one is chosen."""
    st.date_input(
        "What changed on (UTC)",
        value=None,
        min_value=date(1970, 1, 1),
        max_value=(scope.until - timedelta(microseconds=1)).date(),
        key=SPLIT,
        bind="query-params",
        width=240,
        format="YYYY-MM-DD",
        help="The time since then is compared with as long a time before it; without a date, the range is halved.",
    )
    return chosen_split(scope)


def chosen_split(scope: Scope) -> datetime:
    """What draw_split says, for those who want to know before it is drawn."""
    middle = scope.until - timedelta(days=30) if scope.since is None else scope.since + (scope.until - scope.since) / 2
    return datetime.combine(st.session_state.get(SPLIT) or middle.date(), time(), UTC)
