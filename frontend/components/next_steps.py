"""Next steps: the commands that bring in data or mend what is incomplete."""

import pandas as pd
import streamlit as st

from frontend import data
from shared.metrics.coverage import GOOD

_STEPS = (
    ("Collect what is new from GitHub", "python -m backend collect --org YOUR-ORG"),
    ("Import an export (runs, jobs, alerts)", "python -m backend import runs FILE --repo OWNER/NAME"),
    ("Check settings, permissions and the store", "python -m backend doctor"),
)
_DEMO = ("Take the sample data out", "python -m backend demo clear")


def draw_next_steps(ledger: pd.DataFrame) -> None:
    """What to do next; what is incomplete comes with a hint at its cause."""
    st.subheader("What to do next", anchor=False)
    bad = set(ledger.outcome.unique()) - set(GOOD)
    if "forbidden" in bad:
        st.markdown(":material/key: **Forbidden:** give the token what the reason names, then collect again.")
    if "disabled" in bad:
        st.markdown(":material/toggle_off: **Switched off:** turn it on in the repository's settings on GitHub.")
    if bad & {"failed", "partial"}:
        st.markdown(":material/replay: **Failed or partial:** run the collection again; it goes on where it stopped.")
    sample = data.edition().rows == "demo" and any(data.row_counts().values())
    steps = (*_STEPS, *((_DEMO,) if sample else ()))
    st.code("\n".join(f"{command}  # {text}" for text, command in steps), language="bash")
