"""Overview: what is wrong now, how it moves, where it sits, what to do."""

import streamlit as st

from frontend import data, filters
from frontend.attention import needs_attention
from frontend.charts.parts import severity_bars
from frontend.components.chart import draw_chart
from frontend.components.empty import draw_empty
from frontend.components.freshness import viewer_zone
from frontend.components.links import draw_attention_links
from frontend.components.metric_row import draw_metric_row
from frontend.components.table import draw_table
from frontend.components.trends import draw_alert_trend, draw_success_trend
from frontend.first_row.overview import overview as overview_figures
from frontend.first_row.period import period_of
from frontend.layouts.alerts import OPEN_BY_SEVERITY
from frontend.layouts.overview import ATTENTION

scope, zone = filters.chosen().scope, viewer_zone()
previous = scope.previous()

if not any(data.row_counts().values()):
    draw_empty("workflow_runs", "alerts")
    st.stop()

draw_metric_row(overview_figures(scope), period_of(scope))

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
        draw_table(problems, ATTENTION, "needs_attention", "What needs attention", most_rows=8)

draw_alert_trend(scope)

left, right = st.columns(2, gap="medium")
with left:
    severities = data.metric("open_alerts", scope, "severity")
    if severities.empty:
        draw_empty("alerts", place="severities")
    else:
        draw_chart(
            severity_bars(severities),
            severities,
            OPEN_BY_SEVERITY,
            title="Open alerts by severity",
            name="open_by_severity",
            alt="Open alerts by severity, worst on top",
            metric="open_alerts",
            scope=scope,
        )
with right:
    draw_success_trend(scope, "CI success rate")
