"""The entry of the pages: configuration, navigation, shared filters, then the page itself."""

from pathlib import Path

import streamlit as st

from frontend import data, filters
from frontend.components.density import draw_density
from frontend.components.freshness import draw_freshness
from frontend.components.page_style import draw_page_style
from frontend.components.problem import problems_told
from frontend.components.visitor import admit, draw_visitor

st.set_page_config("Fettle", Path(__file__).with_name("icon.svg"), layout="wide", initial_sidebar_state="auto")

st.logo(Path(__file__).with_name("logo.svg"), icon_image=Path(__file__).with_name("icon.svg"))
draw_page_style()
visitor = admit()

overview = st.Page("views/overview.py", title="Overview", icon=":material/monitor_heart:", default=True)
at_risk = st.Page("views/at_risk.py", title="At risk", icon=":material/crisis_alert:")
repository = st.Page("views/repository.py", title="Repository", icon=":material/folder_data:")
workflows = st.Page("views/workflows.py", title="Workflows", icon=":material/account_tree:")
flaky_and_cost = st.Page("views/flaky_and_cost.py", title="Flaky and cost", icon=":material/payments:")
delivery = st.Page("views/delivery.py", title="Deployments", icon=":material/rocket_launch:")
analysis = st.Page("views/workflow_analysis.py", title="Workflow analysis", icon=":material/query_stats:")
remediation = st.Page("views/remediation.py", title="Remediation", icon=":material/healing:")
sla = st.Page("views/sla.py", title="SLA", icon=":material/timer:")
alerts = st.Page("views/alerts.py", title="Alerts", icon=":material/gpp_maybe:")
usage = st.Page("views/api_and_models.py", title="API and models", icon=":material/smart_toy:")
threats = st.Page("views/threats_and_feedback.py", title="Threats and feedback", icon=":material/shield_person:")
customers = st.Page("views/customers.py", title="Customers", icon=":material/groups:")
customer = st.Page("views/customer.py", title="Customer", icon=":material/person_search:")
ledger = st.Page("views/data.py", title="Data", icon=":material/database:")

APPLIES = {
    overview.url_path: filters.ALWAYS | filters.RUNS | filters.ALERTS,
    at_risk.url_path: filters.ALWAYS,
    repository.url_path: frozenset({filters.RANGE, filters.DAYS}),
    workflows.url_path: filters.ALWAYS | filters.RUNS,
    flaky_and_cost.url_path: filters.ALWAYS | filters.RUNS,
    delivery.url_path: filters.ALWAYS | {filters.WORKFLOW},
    analysis.url_path: filters.ALWAYS | filters.RUNS,
    remediation.url_path: filters.ALWAYS | filters.ALERTS,
    sla.url_path: filters.ALWAYS | filters.ALERTS,
    alerts.url_path: filters.ALWAYS | filters.ALERTS,
    usage.url_path: filters.USAGE,
    threats.url_path: filters.USAGE,
    customers.url_path: filters.CUSTOMERS,
    customer.url_path: filters.CUSTOMERS,
    ledger.url_path: frozenset({filters.ORG, filters.REPO}),
}

of_no_repository = {"Usage": [usage, threats], "Customers": [customers, customer]} if data.sees_all() else {}
page = st.navigation(
    {
        "Health": [overview, at_risk, repository],
        "Delivery": [workflows, analysis, flaky_and_cost, delivery],
        "Security": [remediation, alerts, sla],
        **of_no_repository,
        "System": [ledger],
    },
    position="sidebar",
    expanded=True,
)
draw_density()
draw_visitor(visitor)

with problems_told():
    now = data.as_of()
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    filters.draw_filters(data.options(), now, APPLIES[page.url_path])
    draw_freshness(head, page.title, filters.chosen().scope, collected=filters.PUSHED not in APPLIES[page.url_path])
    page.run()
