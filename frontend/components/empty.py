"""Empty states: why there is nothing to see, and what to do about it."""

import streamlit as st

from frontend import data, filters
from frontend.words import dataset as title_of
from frontend.words import together
from shared.metrics.coverage import GOOD
from shared.scope import Scope


def draw_empty(*datasets: str, place: str = "") -> None:
    """Names the cause (nothing collected, filtered out, off or forbidden) and the next step.

    datasets: those that what is empty is made from.  place: tells several on one page apart.
    """
    with st.container(border=True):
        title = together([title_of(name) for name in datasets])
        if not any(data.row_counts()[name] for name in datasets):
            _draw_nothing(title, datasets)
        else:
            st.markdown(f":material/filter_alt_off: **{title}: nothing in this range and with these filters.**")
            st.button("Reset filters", on_click=filters.reset, key=f"reset_{place or '_'.join(datasets)}")


_SARIF = ("python -m backend import sarif FILE --repo OWNER/NAME",)
_CUSTOMERS = (
    "python -m backend import customers FILE.csv",
    "python -m backend import events FILE.csv",
    "python -m backend demo load",
)
_USAGE = ("python -m backend import requests FILE.csv", "python -m backend demo populate")
_COLLECT = ("python -m backend collect --org YOUR-ORG", "python -m backend import runs FILE --repo OWNER/NAME")


def draw_no_jobs(repo: str) -> None:
    """Says that no jobs are known in this scope, and which key of the policy has them collected."""
    with st.container(border=True):
        st.markdown(
            ":material/toggle_off: **Workflow jobs: none in this range and with these filters.** They are collected "
            "of the repositories that the policy names, at the price of a request for each run:"
        )
        st.code(f'[collect]\njobs = ["{repo}"]', language="toml")


def _draw_nothing(title: str, datasets: tuple[str, ...]) -> None:
    scope = filters.chosen().scope
    ledger = data.metric("coverage", Scope(until=scope.until))
    sources = {*datasets, *(("code_scanning", "dependabot", "secret_scanning") if "alerts" in datasets else ())}
    refused = ledger[ledger.dataset.isin(sources) & ~ledger.outcome.isin(GOOD)]
    if refused.empty:
        st.markdown(f":material/cloud_off: **{title}: nothing collected yet.** Collect, import, or load sample data:")
        own: tuple[str, ...] = _SARIF if "findings" in datasets else (*_COLLECT, "python -m backend demo load")
        own = _CUSTOMERS if "customers" in datasets else own
        own = _USAGE if {"requests", "threats", "feedback"} & set(datasets) else own
        st.code("\n".join(own), language="bash")
        return
    st.markdown(f":material/block: **{title}: the source is switched off, forbidden or failing.** The ledger says why.")
    st.page_link("views/data.py", label="Open the ledger")
