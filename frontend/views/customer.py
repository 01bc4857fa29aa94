"""Customer: one customer's score with its signals and history, what they did, and the form to record an event."""

from dataclasses import replace

import streamlit as st

from frontend import data, filters
from frontend.components.customers import draw_activity, draw_customer, draw_customer_links, draw_events, draw_facts
from frontend.components.empty import draw_empty
from frontend.components.event_form import draw_event_form
from frontend.components.health import draw_history
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.customers import customer_health, customer_signals
from frontend.first_row.customer import customer as customer_figures
from frontend.layouts.customers import HISTORY
from frontend.layouts.repository import SIGNALS

everything = filters.chosen().scope
health = customer_health(everything)
if health.empty:
    draw_empty("customers")
    st.stop()

chosen = draw_customer(health)
if chosen is None:
    st.markdown("Choose a customer, or one of those with the lowest scores:")
    draw_customer_links(health)
    st.stop()

scope = replace(everything, customers=(chosen,))
mine = health[health.customer_id == chosen].reset_index(drop=True)
trend = data.metric("customer_health_trend", scope)
draw_facts(mine.iloc[0])
draw_metric_row(data.kept(customer_figures, mine, trend), "")

left, right = st.columns([3, 2], gap="medium")
with left:
    draw_heading("What makes up the score", "customer_signals", scope)
    draw_table(customer_signals(mine), SIGNALS, "customer_signals", "Each signal of the score with what is known of it")
with right:
    draw_history(scope, trend, "Score over time", "customer_health_trend", HISTORY)

draw_activity(scope, "Activity")
draw_events(scope)

st.subheader("Record an event", anchor=False)
with st.container(border=True):
    draw_event_form(chosen)
