"""Problems: an expected failure as one sentence on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from shared.errors import FettleError


@contextmanager
def problems_told() -> Iterator[None]:
    """Shows an expected failure (settings, store) as its one sentence and ends the page there."""
    try:
        yield
    except FettleError as error:
        st.error(str(error), icon=":material/error:")
        st.caption("`python -m backend doctor` checks the settings, the store and the data.")
