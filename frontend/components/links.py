"""Links: what needs attention, each leading to its page with the filters as they are but for what it narrows."""

import pandas as pd
import streamlit as st

from frontend import filters
from frontend.attention import PILES_UP
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
