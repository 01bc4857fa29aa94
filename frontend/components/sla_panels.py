"""SLA panels: the worklist, the backlog to come with what a target takes, and other limits against those in force."""

import streamlit as st

from frontend import data
from frontend.charts.sla import backlog_forecast, compliance_side_by_side
from frontend.components.chart import draw_chart, draw_plot, plot
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.sla_inputs import draw_due, draw_limits, draw_target
from frontend.components.table import draw_table
from frontend.first_row.sla import forecast, what_if
from frontend.layouts.sla import FORECAST, WHAT_IF, WORKLIST
from frontend.periods import forecast_history
from frontend.questions import MOST_EVIDENCE
from frontend.what_if import side_by_side
from frontend.words import count
from shared.scope import Scope


def draw_worklist(scope: Scope) -> None:
    """The open alerts that are breached or due within 14 days, by due time."""
    draw_heading("Worklist: breached, and due within 14 days", "sla_worklist", scope)
    waiting = data.first_rows("sla_worklist", scope)
    if waiting.empty:
        st.success("No open alert is breached, and none breaches within 14 days.", icon=":material/check_circle:")
        return
    due = draw_due()
    rows = waiting if due is None else waiting[waiting.due_within == due]
    draw_table(rows, WORKLIST, "sla_worklist", "Open alerts that are breached or due within 14 days, by due time")
    if len(waiting) == MOST_EVIDENCE:
        st.caption(
            f"These are of the first {count(len(waiting), 'alert')}; all of them: "
            "`python -m backend metrics sla_worklist --format csv`."
        )


def draw_forecast(scope: Scope) -> None:
    """The backlog of the last weeks and the next 30 days, and how many fixes a week a target takes."""
    days, history = data.metric("backlog_forecast", scope), data.metric("alert_trend", forecast_history(scope))
    if days.empty:
        return
    draw_chart(
        plot(backlog_forecast, history, days),
        days,
        FORECAST,
        title="Backlog in the next 30 days",
        name="backlog_forecast",
        alt="Open alerts so far, and the range from the 10th to the 90th percentile for the next 30 days",
        metric="backlog_forecast",
        scope=scope,
    )
    target, day = draw_target(scope.until)
    outlook = data.metric("sla_outlook", scope)
    draw_metric_row(data.kept(forecast, days, outlook, target, day, scope), "")


def draw_what_if(scope: Scope) -> None:
    """Compliance by severity under the policy in force and under limits that the viewer picks."""
    draw_heading("What if", "sla_summary", scope, place="what_if")
    st.caption("The same alerts, judged by other limits. The policy in force stays as it is.")
    own = data.policy().sla
    other = draw_limits(own)
    now = data.metric("sla_summary", scope, "severity")
    then = data.metric_under(other, "sla_summary", scope, "severity")
    draw_metric_row(data.kept(what_if, now, then), "policy in force")
    both = data.kept(side_by_side, now, then, own, other)
    if both.empty:
        st.info("No alert of this range has a limit under either policy.", icon=":material/info:")
        return
    draw_plot(
        plot(compliance_side_by_side, both),
        "what_if",
        "Compliance by severity under the policy in force, and under the other limits",
    )
    draw_table(both, WHAT_IF, "what_if", "Compliance by severity under both policies")
