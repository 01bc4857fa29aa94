"""Links: from a row to its page, with the filters as they are but for what the row narrows."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from frontend import filters

_TARGET = "_target_page"


def open_row(click_key: str, rows: pd.DataFrame) -> None:
    """On the click of a row's button: narrows the filters to the row and remembers the page it leads to.

    rows: column `page` (such as "views/workflows.py") and a column of names for each filter to narrow.
    """
    row = rows.iloc[int(st.session_state[click_key]["row"])]
    narrowed: Mapping[str, Sequence[str]] = {
        str(name): [str(value)] for name, value in row.items() if name != "page" and pd.notna(value)
    }
    filters.narrow(narrowed)
    st.session_state[_TARGET] = row.page


def follow_link() -> None:
    """Goes to the page that the last click leads to, if any. A callback cannot switch pages itself."""
    target = st.session_state.pop(_TARGET, None)
    if target:
        st.switch_page(target)
