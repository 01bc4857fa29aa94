"""Overview: what is wrong now, how it moves, where it sits, what to do."""

import streamlit as st

from frontend import data, filters, first_row, layouts
from frontend.attention import needs_attention
from frontend.charts.parts import severity_bars
from frontend.charts.trends import alert_trend, success_trend
from frontend.components.chart import draw_chart
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.components.links import draw_attention_links
from frontend.components.metric_row import draw_metric_row
from frontend.components.table import draw_table
from frontend.figures import metric_text
from shared.datasets.alerts import KINDS

scope, zone = filters.chosen().scope, viewer_zone()
previous = scope.previous()

if not any(data.row_counts().values()):
    draw_empty("workflow_runs", "alerts")
    st.stop()

draw_metric_row(first_row.overview(scope), first_row.period_of(scope))

st.subheader("Needs attention", anchor=False)
problems = needs_attention(
    data.metric("workflow_state", scope),
    data.metric("open_alerts", scope, "repo"),
    None if previous is None else data.metric("open_alerts", previous, "repo"),
    data.repository_links(),
)
if problems.empty:
    st.success("Nothing that is known of fails, is overdue or piles up.", icon=":material/check_circle:")
else:
    draw_attention_links(problems)
    with st.expander(f"All {len(problems):,} as a table", icon=":material/table_rows:", type="compact"):
        draw_table(problems, layouts.ATTENTION, "needs_attention", "What needs attention", most_rows=8)

alerts = data.metric("alert_trend", scope)
if alerts.empty:
    draw_empty("alerts")
else:
    draw_chart(
        alert_trend(alerts, zone, data.covered_since(scope, KINDS)),
        alerts,
        layouts.ALERT_TREND,
        title="Alerts opened and closed, and the backlog they leave",
        name="alert_trend",
        alt="Open alerts over time, with the alerts opened and closed in each period",
        help=metric_text("alert_trend"),
    )

left, right = st.columns(2, gap="medium")
with left:
    severities = data.metric("open_alerts", scope, "severity")
    if severities.empty:
        draw_empty("alerts", place="severities")
    else:
        draw_chart(
            severity_bars(severities),
            severities,
            layouts.OPEN_BY_SEVERITY,
            title="Open alerts by severity",
            name="open_by_severity",
            alt="Open alerts by severity, worst on top",
            help=metric_text("open_alerts"),
        )
with right:
    runs = data.metric("run_trend", scope)
    if runs.success_rate.isna().all():
        draw_empty("workflow_runs")
    else:
        draw_chart(
            success_trend(runs, zone, data.covered_since(scope, ("workflow_runs",))),
            runs,
            layouts.RUN_TREND,
            title="CI success rate",
            name="run_trend",
            alt="Share of workflow runs that succeeded over time",
            help=metric_text("run_trend"),
        )
