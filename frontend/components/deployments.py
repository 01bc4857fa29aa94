"""Deployments: how they fare over time, and what to do where the policy names none or none is known."""

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from frontend import data
from frontend.charts.deployments import deployment_trend
from frontend.charts.trends import lead_time_trend
from frontend.components.chart import draw_chart, plot
from frontend.components.empty import draw_empty
from frontend.components.table import draw_table
from frontend.layouts.delivery import CANDIDATES, delivery_columns
from frontend.periods import trend_part
from frontend.words import as_code
from shared.scope import Scope

_EXAMPLES = ("acme/shop:deploy.yml", "acme/*:Release*")


def draw_delivery_trends(scope: Scope, *, log: bool) -> None:
    """Deployments and the lead time for changes, side by side. log: whether the latter has a logarithmic axis."""
    at = trend_part(scope)
    times = data.metric("delivery", scope, at)
    left, right = st.columns(2, gap="medium")
    with left:
        draw_chart(
            plot(deployment_trend, times, at),
            times,
            delivery_columns(at),
            title="Deployments over time, failed ones on top",
            name="deployment_trend",
            alt=f"Successful and failed deployments per {at}",
            metric="delivery",
            scope=scope,
        )
    with right:
        if not times.changes.any():
            st.subheader("Lead time for changes", anchor=False)
            draw_empty("pull_requests")
            return
        draw_chart(
            plot(lead_time_trend, times, at, log=log),
            times,
            delivery_columns(at),
            title="Lead time for changes",
            name="lead_time_trend",
            alt=f"Median and 90th percentile of the lead time per {at} of deployment",
            metric="changes",
            scope=scope,
        )


def draw_none(patterns: Sequence[str]) -> None:
    """Says that no deployment is known in the range, and what the policy takes for one."""
    draw_empty("workflow_runs")
    named = ", ".join(as_code(pattern) for pattern in patterns)
    st.caption(f"The policy names {named} in `delivery.deployments`; only runs on the deploying branch count.")


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
        listed = json.dumps(list(named), ensure_ascii=False, indent=None if len(named) == 1 else 4)
        st.code(f"[delivery]\ndeployments = {listed}", language="toml")
        st.caption("See docs/policy.md for the branch that deploys and the window of failures.")
    st.subheader("Workflows that look as if they deployed", anchor=False)
    if candidates.empty:
        st.caption("No workflow has deploy, release, publish, rollout or ship in its name or file.")
    else:
        draw_table(candidates, CANDIDATES, "deployment_candidates", "Workflows that may deploy, the busiest first")
