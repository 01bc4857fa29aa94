"""Alert filters: what the Alerts page lists, and which part of it; all of it lives in the URL."""

from dataclasses import dataclass

import streamlit as st

from frontend.words import state as state_word
from shared.metrics.findings.derived_state import DERIVED_STATES

LIST, SEARCHED, STATES = "list", "q", "state"

MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Listed:
    """One of the lists. metric: whose rows it shows.  states: the metric that counts them.  since: how old a row is."""

    label: str
    metric: str
    states: str
    since: str
    dataset: str
    noun: str


LISTS = (
    Listed("Alerts", "alert_list", "alert_states", "created_at", "alerts", "alert"),
    Listed("Findings", "finding_list", "finding_states", "first_seen", "findings", "finding"),
)


def draw_list_choice() -> Listed:
    """Whether alerts or findings of scans are listed."""
    labels = tuple(listed.label for listed in LISTS)
    label = st.segmented_control(
        "List",
        labels,
        default=labels[0],
        required=True,
        key=LIST,
        bind="query-params",
        help="Alerts are GitHub's; findings are those of imported SARIF, followed from scan to scan.",
        label_visibility="collapsed",
    )
    return next(listed for listed in LISTS if listed.label == label)


def draw_alert_filters() -> tuple[str, tuple[str, ...]]:
    """The text that is searched for, and the derived states that are wanted (none means all)."""
    words = {state_word(code): code for code in DERIVED_STATES}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search",
            key=SEARCHED,
            bind="query-params",
            max_chars=MOST_CHARACTERS,
            placeholder="Rule, message, path, package, GHSA, CVE, CWE, repository",
            icon=":material/search:",
            help="All words must occur, in any order; case makes no difference.",
        )
        chosen = st.multiselect("States", tuple(words), key=STATES, bind="query-params", placeholder="All", width=320)
    return text or "", tuple(words[word] for word in chosen)
