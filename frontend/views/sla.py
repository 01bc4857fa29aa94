"""SLA: which alerts are past their limit, which will be next, and what other limits would say."""

import streamlit as st

from frontend import data, filters
from frontend.charts.sla import compliance_bars, compliance_by_month
from frontend.components.chart import draw_chart, plot
from frontend.components.empty import draw_empty
from frontend.components.metric_row import draw_metric_row
from frontend.components.sla_panels import draw_forecast, draw_what_if, draw_worklist
from frontend.first_row.period import period_of
from frontend.first_row.sla import sla as sla_figures
from frontend.layouts.sla import summary_columns
from frontend.periods import forecast_history, last_year

scope = filters.chosen().scope

if data.metric("alert_trend", forecast_history(scope)).empty:
    draw_empty("alerts")
    st.stop()

draw_metric_row(data.kept(sla_figures, scope), period_of(scope))

year = last_year(scope)
severities, months = data.metric("sla_summary", scope, "severity"), data.metric("sla_summary", year, "month")
left, right = st.columns(2, gap="medium")
with left:
    if severities.empty:
        st.info("No alert is open, and none was closed in this range.", icon=":material/info:")
    else:
        draw_chart(
            plot(compliance_bars, severities),
            severities,
            summary_columns("severity", "Severity"),
            title="Compliance by severity",
            name="compliance_by_severity",
            alt="Share of the closed alerts that were closed within their limit, by severity, worst on top",
            metric="sla_summary",
            scope=scope,
        )
with right:
    if months.empty:
        st.info("No alert was closed in the last twelve months.", icon=":material/info:")
    else:
        draw_chart(
            plot(compliance_by_month, months),
            months,
            summary_columns("month", "Month (UTC)"),
            title="Compliance by month of closing, last year",
            name="compliance_by_month",
            alt="Share of the closed alerts that were closed within their limit, by month of closing",
            metric="sla_summary",
            scope=year,
        )

draw_worklist(scope)
draw_forecast(scope)
draw_what_if(scope)
