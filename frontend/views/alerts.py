"""Alerts: every alert and finding with how far it is, who decided what on it, and the form to decide."""

import streamlit as st

from frontend import data, filters
from frontend.alert_filters import draw_alert_filters, draw_list_choice
from frontend.alert_rows import arranged
from frontend.components.drawer import draw_list
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.first_row.period import period_of
from frontend.first_row.triage import listed_words, triage
from frontend.layouts.alert_list import LAYOUTS

scope = filters.chosen().scope

listed = draw_list_choice()
if data.metric(listed.states, scope).empty:
    draw_empty(listed.dataset)
    st.stop()

draw_metric_row(data.kept(triage, scope, listed), period_of(scope))

draw_heading(f"{listed.label} in this range", listed.metric, scope)
text, states = draw_alert_filters()
rows = data.listing(listed.metric, scope, text, states, listed.since)
if rows.empty:
    st.info(f"No {listed.noun} has all of these words and states.", icon=":material/search_off:")
    st.stop()
counts = data.states_of(listed.metric, scope, text) if text.strip() else data.metric(listed.states, scope)
if cut := listed_words(counts, states, len(rows), listed):
    st.caption(cut)
draw_list(data.kept(arranged, rows), LAYOUTS[listed.metric], listed.metric, listed.noun, scope)
