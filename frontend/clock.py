"""Clock: the time as of which pages judge, which moves in steps so that their caches can be of use."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from shared.settings import Settings, load_settings

LISTED_S = 5
"""Seconds for which a listing of the store is good."""

STEP = timedelta(minutes=15)
"""The time as of which things are judged moves in such steps, so that the caches can be of use."""


def as_of(ahead: timedelta = timedelta()) -> datetime:
    """Now, rounded up to the next step so that nothing collected is left out; FETTLE_NOW as it is.

    ahead: asks what it will be in so long.
    """
    settings = _settings()
    if settings.fixed_now:
        return settings.fixed_now
    now = settings.now() + ahead
    return now - (now - datetime.min.replace(tzinfo=UTC)) % STEP + STEP


def now() -> datetime:
    """The time now, to the minute."""
    return _settings().now().replace(second=0, microsecond=0)


@st.cache_resource(show_spinner=False, ttl=LISTED_S, max_entries=1)
def _settings() -> Settings:
    return load_settings()
