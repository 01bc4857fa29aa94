"""Stored: what the lake holds besides the rows that count: files, what was refused, deliveries."""

import pandas as pd
import streamlit as st

from frontend import data
from shared.datasets import DATASETS
from shared.delivery_counts import delivery_counts
from shared.lake.quarantine import quarantine_counts


def files() -> pd.DataFrame:
    """Files and bytes of each dataset in the lake; nothing for who sees not all that is in them."""
    if not data.sees_all():
        return pd.DataFrame(columns=["dataset", "files", "bytes"])
    snapshot = data.edition().snapshot
    blobs = {name: snapshot.partitions(dataset) for name, dataset in DATASETS.items()}
    rows = [(name, len(found), sum(blob.size for blob in found)) for name, found in blobs.items()]
    return pd.DataFrame(rows, columns=["dataset", "files", "bytes"])


def quarantined() -> pd.DataFrame:
    """Rows in quarantine by dataset and reason, most first; nothing for who sees not all."""
    return _quarantined() if data.sees_all() else pd.DataFrame(columns=["dataset", "reason", "rows"])


def deliveries() -> pd.DataFrame:
    """Webhook deliveries by event and outcome, of all repositories together; nothing for who sees not all."""
    return _deliveries() if data.sees_all() else pd.DataFrame()


def read_anew() -> None:
    """Has what is asked from now on be of the lake as it is by then, also what is remembered here."""
    data.read_anew()
    _quarantined.clear()


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def _quarantined() -> pd.DataFrame:
    counts = quarantine_counts(data.lake_here().store)
    rows = [(dataset, reason, n) for (dataset, reason), n in counts.items()]
    return pd.DataFrame(rows, columns=["dataset", "reason", "rows"]).sort_values("rows", ascending=False)


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def _deliveries() -> pd.DataFrame:
    return pd.DataFrame(delivery_counts(data.lake_here()))
