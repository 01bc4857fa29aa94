"""Links: what needs attention, each leading to its page with the filters as they are but for what it narrows."""

import pandas as pd
import streamlit as st

from frontend import filters
from frontend.attention import PILES_UP
from frontend.components.choosing import workflow_label
from frontend.words import as_text

EACH = 3
"""Links shown of each kind of problem."""


def draw_attention_links(problems: pd.DataFrame) -> None:
    """The first rows of each problem in needs_attention, as links to the page that says more."""
    with st.container(gap="xxsmall"):
        for row in problems.groupby("problem", sort=False).head(EACH).itertuples():
            piling = row.problem == PILES_UP
            only = {filters.REPO: str(row.repo)} | ({} if piling else {filters.WORKFLOW: str(row.workflow)})
            where = "" if piling else f" in {as_text(str(row.repo))}"
            st.page_link(
                "views/remediation.py" if piling else "views/workflows.py",
                label=f"{row.problem}: **{as_text(str(row.subject))}**{where}, {row.detail}",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params=filters.narrowed(**only),
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
