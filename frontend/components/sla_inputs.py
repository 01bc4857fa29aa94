"""SLA inputs: the limits to compare with and the backlog aimed at; their keys are the parameters in the URL."""

from datetime import date, datetime, timedelta

import streamlit as st

from frontend.filters import DUE, linked
from frontend.words import readable
from shared.metrics.sla.worklist import BREACHED, LATER, SOON
from shared.policy.sla import LEVELS, PRESETS, SlaPolicy

OWN = "Own limits"
COMPARED_AT_FIRST = "DefectDojo"
_NAMES = {"Fettle": "fettle", "DefectDojo": "defectdojo", "FedRAMP": "fedramp"}
_HOUR = timedelta(hours=1)

_DUE = {"Breached": BREACHED, "7 days": SOON, "14 days": LATER}

TARGET_DAYS = 90
"""Days ahead of the day that a target is for, unless another is chosen."""


def draw_limits(own: SlaPolicy) -> SlaPolicy:
    """The limits to compare those in force with: a preset's, or the viewer's own, which begin as those in force."""
    chosen = st.segmented_control(
        "Limits to compare with",
        (*_NAMES, OWN),
        default=COMPARED_AT_FIRST,
        required=True,
        key="limits",
        bind="query-params",
    )
    if chosen == OWN:
        return own.model_copy(update=_draw_own(own))
    return with_limits_of(own, chosen)


def with_limits_of(own: SlaPolicy, chosen: str = COMPARED_AT_FIRST) -> SlaPolicy:
    """The policy with the limits of a preset, by what it is called on the page."""
    preset = next(name for name in PRESETS if name == _NAMES[chosen])
    return own.model_copy(update={"preset": preset, **dict(zip(LEVELS, PRESETS[preset], strict=True))})


def draw_due() -> str | None:
    """Which alerts of the worklist to show, as its due_within says; None for all."""
    wanted = linked(DUE)
    if wanted in _DUE:
        st.session_state[DUE] = wanted
    chosen = st.segmented_control(
        "Due within", ("All", *_DUE), default="All", required=True, key=DUE, bind="query-params"
    )
    return _DUE.get(chosen)


def draw_target(now: datetime) -> tuple[int, date]:
    """The number of open alerts that is aimed at, and the day by which."""
    tomorrow = now.date() + timedelta(days=1)
    with st.container(horizontal=True, gap="small"):
        target = st.number_input("Target: open alerts", 0, 10_000_000, 0, key="target", bind="query-params", width=180)
        day = st.date_input(
            "By (UTC)",
            value=now.date() + timedelta(days=TARGET_DAYS),
            min_value=tomorrow,
            max_value=tomorrow + timedelta(days=3650),
            key="target_by",
            bind="query-params",
            width=180,
            format="YYYY-MM-DD",
        )
    return target, day


def _draw_own(own: SlaPolicy) -> dict[str, timedelta | None]:
    hours = {}
    with st.container(horizontal=True, gap="small"):
        for level, limit in own.limits.items():
            hours[level] = st.number_input(
                f"{readable(level)} (h)",
                0.0,
                87_600.0,
                limit / _HOUR if limit else 0.0,
                step=1.0,
                format="%g",
                key=f"limit_{level}",
                bind="query-params",
                width=150,
                help="Hours; 0 switches the level off.",
            )
    return {level: value * _HOUR if value else None for level, value in hours.items()}
