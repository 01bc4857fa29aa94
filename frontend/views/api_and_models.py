"""API and models: what is asked of models and services, what fails, what it costs, and from where it comes."""

import streamlit as st

from frontend import data, filters
from frontend.components.empty import draw_empty
from frontend.components.live import REFRESH_S, rerun_once_moved_on
from frontend.components.metric_row import draw_metric_row
from frontend.components.usage import draw_countries, draw_models_and_errors, draw_over_time, draw_prices_missing
from frontend.first_row.period import period_of
from frontend.first_row.usage import usage

scope = filters.chosen().scope


@st.fragment(run_every=REFRESH_S)
def draw_live() -> None:
    """Draws all of the page, and again with what has arrived since; the page itself once the range has moved on."""
    rerun_once_moved_on(scope)
    summary = data.metric("request_summary", scope).iloc[0]
    if not summary.n:
        draw_empty("requests")
        return
    trend = data.metric("request_trend", scope)
    draw_metric_row(data.kept(usage, scope, trend), period_of(scope))
    draw_prices_missing(summary)
    draw_over_time(scope, trend)
    draw_models_and_errors(scope)
    draw_countries(scope)


draw_live()
