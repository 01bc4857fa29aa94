"""Data: what is known of each repository and source, how old it is, and what to do about the gaps."""

import streamlit as st

from frontend import data, filters, stored
from frontend.components.collecting import draw_collecting
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.next_steps import draw_next_steps
from frontend.components.table import draw_table
from frontend.figures import metric_text
from frontend.first_row.data import ledger as ledger_figures
from frontend.layouts.data import COLLECTIONS, DELIVERIES, FRESHNESS, LEDGER, QUARANTINE, SOURCES
from frontend.ledger import by_source, freshness, incomplete_first

scope = filters.chosen().scope
ledger = data.metric("coverage", scope)
datasets = data.kept(freshness, ledger, data.row_counts(), stored.files())
refused = stored.quarantined()

draw_metric_row(data.kept(ledger_figures, ledger, datasets, refused), "")

draw_collecting()

if ledger.empty:
    draw_empty("collections")
else:
    st.subheader("What is known of each source", anchor=False, help=metric_text("coverage"))
    draw_table(data.kept(by_source, ledger), SOURCES, "sources", "How the sources of each dataset ended last")
    st.subheader("What is known of each repository", anchor=False, help=metric_text("coverage"))
    draw_table(data.kept(incomplete_first, ledger), LEDGER, "coverage", "Completeness by repository and source")

if not datasets.empty:
    st.subheader("Datasets", anchor=False)
    draw_table(datasets, FRESHNESS, "datasets", "Rows, files, size and age of every dataset")

left, right = st.columns([3, 2], gap="medium")
with left:
    st.subheader("Last collections", anchor=False)
    collections = data.last_collections()
    if collections.empty:
        st.caption("None yet.")
    else:
        draw_table(collections, COLLECTIONS, "collections", "The newest collections", most_rows=8)
with right:
    st.subheader("Quarantine", anchor=False, help="Rows that failed validation, kept with the reason.")
    if not data.sees_all():
        st.caption("It is of all repositories together, of which you see some.")
    elif refused.empty:
        st.caption("No row was refused.")
    else:
        draw_table(refused, QUARANTINE, "quarantine", "Rows in quarantine by dataset and reason", most_rows=8)

deliveries = stored.deliveries()
if not deliveries.empty:
    st.subheader("Webhooks", anchor=False, help="Deliveries of GitHub since the first, and what was answered.")
    draw_table(deliveries, DELIVERIES, "deliveries", "Webhook deliveries by event and outcome", most_rows=8)

draw_next_steps(ledger)
