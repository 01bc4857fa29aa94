"""Deployments: what to do where the policy names no workflow that deploys."""

import json

import pandas as pd
import streamlit as st

from frontend.components.table import draw_table
from frontend.layouts.delivery import CANDIDATES

_EXAMPLES = ("acme/shop:deploy.yml", "acme/*:Release*")


def draw_unnamed(candidates: pd.DataFrame) -> None:
    """Names the key of the policy with an example made of the likeliest workflows, and lists those.

    candidates: what likely_deployments gives.
    """
    with st.container(border=True):
        st.markdown(
            ":material/rocket_launch: **Which workflows deploy is not known.** Name them in the policy file, "
            "`delivery.deployments`, that `FETTLE_POLICY` points to. `*` stands for any characters."
        )
        named = candidates.pattern.dropna().head(3).to_list() or _EXAMPLES
        # A list of JSON strings is one of TOML strings too.
        st.code(f"[delivery]\ndeployments = {json.dumps(list(named), ensure_ascii=False)}", language="toml")
        st.caption("See docs/policy.md for the branch that deploys and the window of failures.")
    st.subheader("Workflows that look as if they deployed", anchor=False)
    if candidates.empty:
        st.caption("No workflow has deploy, release, publish, rollout or ship in its name or file.")
    else:
        draw_table(candidates, CANDIDATES, "deployment_candidates", "Workflows that may deploy, the busiest first")
