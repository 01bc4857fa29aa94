"""Threats and feedback: what somebody should look at, and what users think of the answers they get."""

import streamlit as st

from frontend import data, filters
from frontend.components.empty import draw_empty
from frontend.components.live import REFRESH_S, rerun_once_moved_on
from frontend.components.metric_row import draw_metric_row
from frontend.components.threats import draw_feedback, draw_ratings, draw_threat_types, draw_threats
from frontend.first_row.period import period_of
from frontend.first_row.usage import threats_and_feedback

scope = filters.chosen().scope


@st.fragment(run_every=REFRESH_S)
def draw_live() -> None:
    """Draws all of the page, and again with what has arrived since; the page itself once the range has moved on."""
    rerun_once_moved_on(scope)
    if data.metric("threat_summary", scope).n.iloc[0] + data.metric("feedback_ratings", scope).n.iloc[0] == 0:
        draw_empty("threats", "feedback")
        return
    draw_metric_row(data.kept(threats_and_feedback, scope), period_of(scope))
    draw_threats(scope)
    left, right = st.columns(2, gap="medium")
    with left:
        draw_threat_types(scope)
    with right:
        draw_ratings(scope)
    draw_feedback(scope)


draw_live()
