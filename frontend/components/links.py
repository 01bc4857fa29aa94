"""Links: to the page that says more of one thing, with the filters as they are but for what the link narrows."""

import pandas as pd
import streamlit as st

from frontend import filters
from frontend.components.choosing import workflow_label
from frontend.words import as_text


def draw_place_link(page: str, repo: str, workflow: str | None, label: str, **only: str) -> None:
    """A link to what a page has on a repository or one of its workflows.

    only: what else it narrows, by its key.
    """
    if page == "workflow_analysis" and workflow is not None:
        about = {filters.ANALYSED: workflow_label(repo, workflow)}
    else:
        about = {filters.REPOSITORY if page == "repository" else filters.REPO: repo}
    st.page_link(
        f"views/{page}.py",
        label=label,
        icon=":material/arrow_forward:",
        icon_position="right",
        width="stretch",
        query_params=filters.narrowed(**about, **only),
    )


def draw_analysis_link(states: pd.DataFrame, place: int | None = None) -> None:
    """A link to the analysis of the workflow in a row of workflow_state; without one, how to get it."""
    if place is None:
        st.caption("Select a row to analyse its workflow.")
        return
    row = states.iloc[place]
    if pd.isna(row.workflow_name):
        st.caption("This workflow has no name, by which it could be analysed.")
        return
    st.page_link(
        "views/workflow_analysis.py",
        label=f"Analyse **{as_text(str(row.workflow_name))}** in {as_text(str(row.repo))}",
        icon=":material/query_stats:",
        query_params=filters.narrowed(**{filters.ANALYSED: workflow_label(row.repo, row.workflow_name)}),
    )
