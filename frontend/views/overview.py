"""Overview: what is wrong now, what changed, how it moves, where it sits."""

import streamlit as st

from frontend import data, filters
from frontend.components.attention import draw_attention
from frontend.components.changes import draw_changes
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.open_alerts import draw_open_alerts
from frontend.components.trends import draw_alert_trend, draw_success_trend
from frontend.first_row.overview import overview as overview_figures
from frontend.first_row.period import period_of

scope = filters.chosen().scope

if not any(data.row_counts().values()):
    draw_empty("workflow_runs", "alerts")
    st.stop()

draw_metric_row(data.kept(overview_figures, scope), period_of(scope))

draw_attention(scope)
draw_changes(scope)
draw_alert_trend(scope)
draw_open_alerts(scope)
draw_success_trend(scope, "CI success rate")
