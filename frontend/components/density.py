"""Density: how closely a page is set, as people who look at much of it at once want it."""

import streamlit as st

COMPACT = "compact"

_STYLE = """<style>
.stMainBlockContainer { padding-bottom: 1.5rem; }
.stMain .stVerticalBlock { gap: 0.5rem; }
.stMain .stGridCell .stVerticalBlock { gap: 0.125rem; padding: 0.5rem; }
</style>"""


def draw_density() -> None:
    """The switch between the usual and the compact page, in the sidebar and in the URL; compact halves the padding."""
    with st.sidebar:
        compact = st.toggle(
            "Compact", key=COMPACT, bind="query-params", help="More on a screen, with half the padding."
        )
    if compact:
        st.html(_STYLE)


def is_compact() -> bool:
    """Whether the page is compact; draw_density comes first."""
    return bool(st.session_state.get(COMPACT, False))
