"""Usage: the charts of the page API and models."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from frontend import data
from frontend.charts.template import ACCENT, FAILURE, Chart
from frontend.charts.usage import cost_bars, latency_lines, part_bars, request_bars
from frontend.charts.world import world_map
from frontend.columns import Column
from frontend.components.chart import draw_chart, plot
from frontend.components.freshness import viewer_zone
from frontend.layouts.usage import COUNTRIES, MODELS, STATUSES, TREND
from frontend.words import count, one_line
from shared.countries import country_name
from shared.metrics.usage.requests import FIRST_ERROR
from shared.scope import Scope


def draw_over_time(scope: Scope, trend: pd.DataFrame) -> None:
    """Requests and errors in large, then cost and latency side by side."""
    zone = viewer_zone()
    _draw_trend(request_bars, trend, zone, "Requests", "Requests that succeeded and that failed over time", scope)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_trend(cost_bars, trend, zone, "Cost", "Cost in US dollars over time", scope)
    with right:
        alt = "Median and 95th percentile of latency over time"
        _draw_trend(latency_lines, trend, zone, "Latency", alt, scope)


def draw_models_and_errors(scope: Scope) -> None:
    """The models with the most requests, and what failing requests failed with."""
    left, right = st.columns(2, gap="medium")
    models = data.metric("request_summary", scope, "model")
    models = models[models.model.notna()].reset_index(drop=True)
    statuses = data.metric("request_summary", scope, "status")
    errors = statuses[statuses.status >= FIRST_ERROR].reset_index(drop=True)
    with left:
        _draw_parts(models, models.model.map(one_line), "Requests by model", scope, "No request names a model.", MODELS)
    with right:
        names = errors.status.map(lambda status: f"{status:.0f}")
        none = "No request failed in this range."
        _draw_parts(errors, names, "Errors by status", scope, none, STATUSES, FAILURE)


def draw_countries(scope: Scope) -> None:
    """Where requests come from: a map, and the countries with the most of them."""
    countries = data.kept(_named, data.metric("request_summary", scope, "country"))
    if countries.empty:
        st.subheader("Where requests come from", anchor=False)
        st.info("No request tells its country.", icon=":material/public_off:")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_chart(
            plot(world_map, countries),
            countries,
            COUNTRIES,
            title="Where requests come from",
            name="world",
            alt="Requests by country, as circles on a map",
            metric="request_summary",
            scope=scope,
        )
    with right:
        _draw_parts(countries, countries.name, "Requests by country", scope, "", COUNTRIES)


def _named(countries: pd.DataFrame) -> pd.DataFrame:
    """Those countries that are known, with their names."""
    known = countries[countries.country.notna()].reset_index(drop=True)
    return known.assign(name=known.country.map(country_name))


def draw_prices_missing(summary: "pd.Series") -> None:
    """Says how many requests have no known cost, and what would give them one."""
    missing = int(summary.n_tokens) - int(summary.n_priced)
    if missing > 0:
        st.caption(
            f"{count(missing, 'request')} with tokens and without a cost: give their models prices in the policy, "
            "under `[usage.prices]`."
        )


def _draw_trend(
    make: Callable[[pd.DataFrame, str], Chart], trend: pd.DataFrame, zone: str, title: str, alt: str, scope: Scope
) -> None:
    draw_chart(
        plot(make, trend, zone),
        trend,
        TREND,
        title=title,
        name=title.lower(),
        alt=alt,
        metric="request_trend",
        scope=scope,
    )


def _draw_parts(
    frame: pd.DataFrame,
    names: "pd.Series[str]",
    title: str,
    scope: Scope,
    none: str,
    columns: Sequence[Column],
    color: str = ACCENT,
) -> None:
    if frame.empty:
        st.subheader(title, anchor=False)
        st.info(none, icon=":material/info:")
        return
    draw_chart(
        plot(part_bars, names, frame.n, "requests", color),
        frame,
        columns,
        title=title,
        name=title.lower().replace(" ", "_"),
        alt=f"{title} with the most requests",
        metric="request_summary",
        scope=scope,
    )
