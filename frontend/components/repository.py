"""Repository: the parts of one repository's page below its score. Each takes a scope of that repository alone."""

from collections.abc import Callable, Mapping

import streamlit as st

from frontend import data
from frontend.components.empty import draw_empty
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.components.trends import draw_alert_trend
from frontend.layouts.data import LEDGER
from frontend.layouts.remediation import remediation_columns
from frontend.layouts.repository import CONFIGURATION, OPEN_ALERTS, PULL_REQUESTS, SESSIONS
from frontend.layouts.workflows import WORKFLOWS
from frontend.ledger import incomplete_first
from frontend.repositories import configuration, worst_first
from shared.scope import Scope


def draw_alerts(scope: Scope) -> None:
    """The open alerts, worst first, how they came and went, and how long they took to be put right."""
    draw_heading("Open alerts, worst first", "open_alerts", scope)
    alerts = data.kept(worst_first, data.receipt("open_alerts", scope).rows)
    if alerts.empty:
        _draw_none("alerts", "No open alert is known.")
    else:
        draw_table(alerts, OPEN_ALERTS, "repository_alerts", "Open alerts, worst first", most_rows=10)
    draw_alert_trend(scope)
    draw_heading("Time to remediate, by severity", "time_to_remediate", scope)
    parts = data.metric("time_to_remediate", scope, "severity")
    if parts.empty:
        st.info("No alert was fixed in this range.", icon=":material/info:")
    else:
        columns = remediation_columns("severity", "Severity")
        draw_table(parts, columns, "repository_remediation", "Time to remediate by severity")


def draw_workflows(scope: Scope) -> None:
    """Every workflow with its state, what needs attention first."""
    draw_heading("Workflows", "workflow_state", scope)
    states = data.metric("workflow_state", scope)
    if states.empty:
        draw_empty("workflows", "workflow_runs")
    else:
        draw_table(states, WORKFLOWS, "repository_workflows", "Workflows, what needs attention first")


def draw_agents(scope: Scope) -> None:
    """Its agent sessions and pull requests, newest first."""
    for title, dataset, columns in (
        ("Agent sessions", "agent_sessions", SESSIONS),
        ("Pull requests", "pull_requests", PULL_REQUESTS),
    ):
        st.subheader(title, anchor=False)
        rows = data.newest(dataset, scope.repos[0])
        if rows.empty:
            _draw_none(dataset, f"None is known of this repository: {title.lower()}.")
        else:
            draw_table(rows, columns, f"repository_{dataset}", f"{title}, newest first", most_rows=10)


def draw_configuration(scope: Scope) -> None:
    """What GitHub says of the repository, and what is collected of it."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.subheader("Configuration", anchor=False)
        rows = data.newest("repositories", scope.repos[0])
        if rows.empty:
            _draw_none("repositories", "GitHub has not been asked about this repository.")
        else:
            draw_table(configuration(rows.iloc[0]), CONFIGURATION, "configuration", "What GitHub says of it")
    with right:
        draw_heading("What is collected", "coverage", scope)
        ledger = data.kept(incomplete_first, data.coverage(scope))
        if ledger.empty:
            st.info("The ledger has no entry: its rows were imported, or nothing was read.", icon=":material/info:")
        else:
            draw_table(ledger, LEDGER, "repository_ledger", "Completeness by source")


PARTS: Mapping[str, Callable[[Scope], None]] = {
    "Alerts": draw_alerts,
    "Workflows": draw_workflows,
    "Agents": draw_agents,
    "Configuration": draw_configuration,
}
"""The parts by what they are called on the page."""


def _draw_none(dataset: str, text: str) -> None:
    """Why there is nothing: the dataset holds nothing at all, or nothing of this repository."""
    if data.row_counts()[dataset]:
        st.info(text, icon=":material/info:")
    else:
        draw_empty(dataset)
