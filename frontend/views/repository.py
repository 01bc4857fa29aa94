"""Repository: all that is known of one repository."""

from dataclasses import replace

import streamlit as st

from frontend import data, filters
from frontend.ahead import begin_repository
from frontend.components.choosing import draw_parts, draw_repository
from frontend.components.empty import draw_empty
from frontend.components.health import draw_history, draw_repository_links
from frontend.components.metric_row import draw_metric_row
from frontend.components.receipt import draw_heading
from frontend.components.repository import PARTS
from frontend.components.table import draw_table
from frontend.first_row.period import period_of
from frontend.first_row.repository import repository as repository_figures
from frontend.health import names_worst_first, of_repository, repository_health, signals_of, with_cause
from frontend.layouts.repository import SIGNALS

everything = filters.chosen().scope
health = repository_health(everything)
repo = draw_repository(names_worst_first(data.options().repos, health))
if repo is None:
    if health.empty:
        draw_empty("repositories", "alerts", "workflow_runs")
    else:
        st.markdown("Choose a repository, or one of those with the lowest scores:")
        draw_repository_links(with_cause(health))
    st.stop()

scope = replace(everything, repos=(repo,))
begin_repository(scope)
trend = data.metric("health_trend", scope)
health = of_repository(scope)
draw_metric_row(data.kept(repository_figures, scope, health, trend), period_of(scope))

draw_heading("What makes up the score", "repository_health", scope)
draw_table(
    data.kept(signals_of, health), SIGNALS, "health_signals", "Each signal of the score with what is known of it"
)
draw_history(scope, trend, "Score over time")

for part, draw in zip(draw_parts(*PARTS), PARTS.values(), strict=True):
    if part.open:
        with part:
            draw(scope)
