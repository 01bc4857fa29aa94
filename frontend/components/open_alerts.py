"""Open alerts: the backlog by severity and by what kind of weakness it is of."""

import streamlit as st

from frontend import data
from frontend.charts.parts import family_bars, severity_bars
from frontend.components.chart import draw_chart, plot
from frontend.components.empty import draw_empty
from frontend.layouts.alerts import OPEN_BY_FAMILY, OPEN_BY_SEVERITY
from shared.scope import Scope


def draw_open_alerts(scope: Scope) -> None:
    """Open alerts by severity beside those by CWE family, or why there are none."""
    severities = data.metric("open_alerts", scope, "severity")
    if severities.empty:
        draw_empty("alerts", place="severities")
        return
    families = data.metric("open_alerts", scope, "cwe_family")
    left, right = st.columns(2, gap="medium")
    with left:
        draw_chart(
            plot(severity_bars, severities),
            severities,
            OPEN_BY_SEVERITY,
            title="Open alerts by severity",
            name="open_by_severity",
            alt="Open alerts by severity, worst on top",
            metric="open_alerts",
            scope=scope,
        )
    with right:
        draw_chart(
            plot(family_bars, families),
            families,
            OPEN_BY_FAMILY,
            title="Open alerts by CWE family",
            name="open_by_family",
            alt="Open alerts by the family of weaknesses that they are of, most on top",
            metric="open_alerts",
            scope=scope,
        )
