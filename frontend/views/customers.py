"""Customers: who is at risk, what for, which way they are going, and what each did last."""

import streamlit as st

from frontend import data, filters
from frontend.components.customers import (
    draw_activity,
    draw_customer_link,
    draw_customer_links,
    draw_customer_order,
    draw_lost,
)
from frontend.components.empty import draw_empty
from frontend.components.health import draw_history
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.customers import customer_health, listed, tiers_and_scores
from frontend.first_row.at_risk import customers as customers_figures
from frontend.layouts.customers import CUSTOMERS, HISTORY

scope = filters.chosen().scope
health = customer_health(scope)
if health.empty:
    draw_empty("customers")
    st.stop()

trend = data.metric("customer_health_trend", scope)
draw_metric_row(data.kept(customers_figures, data.kept(tiers_and_scores, health), trend), "scores of 7 days before")

st.subheader("Worst first", anchor=False)
draw_customer_links(health)

left, right = st.columns(2, gap="medium")
with left:
    draw_lost(health, scope)
with right:
    draw_history(scope, trend, "Median score over time", "customer_health_trend", HISTORY)
draw_activity(scope, "What customers did")

draw_heading("Every customer", "customer_health", scope, place="table")
order, text = draw_customer_order()
rows = listed(scope, order, text)
if rows.empty:
    st.info("No customer has all of these words.", icon=":material/search_off:")
    st.stop()
alt = "Customers by health score, lowest first" if order == "health" else "Customers by name"
chosen = draw_table(rows, CUSTOMERS, "customers", alt, selection=f"{order} {hash(text)}", one=True)
draw_customer_link(rows, *chosen)
