"""Live: pages that are drawn again by themselves, with what has arrived since."""

import streamlit as st

from frontend import data, filters
from shared.scope import Scope

REFRESH_S = 30
"""Seconds between two looks at a live page."""


def rerun_once_moved_on(scope: Scope) -> None:
    """Runs the whole page again once its range, which ends now, ends later than the page was drawn for."""
    if data.as_of() > scope.until and filters.chosen().range != filters.CUSTOM:
        st.rerun()
