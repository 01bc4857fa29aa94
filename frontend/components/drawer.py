"""Drawer: one alert or finding with its facts, its timeline and the form to decide on it; or several to decide on."""

import hashlib

import pandas as pd
import streamlit as st

from frontend import data
from frontend.alert_rows import facts, standing, title
from frontend.columns import Column
from frontend.components.table import draw_table
from frontend.components.triage_form import draw_triage_form
from frontend.layouts.alert_list import TIMELINE
from frontend.words import count
from shared.scope import Scope

_OPEN, _LAST, _DECIDED = "_drawer_open", "_drawer_last", "_drawer_decided"


def draw_list(rows: pd.DataFrame, columns: tuple[Column, ...], name: str, noun: str, scope: Scope) -> None:
    """Draws a list whose selected row opens the drawer; of several selected rows it offers to decide on all.

    rows: with subject, and what frontend.alert_rows needs.  After a decision nothing is selected.
    """
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    places = draw_table(
        rows, columns, name, f"{noun.capitalize()}s, worst first", selection=data.kept(_selection, rows)
    )
    subjects = tuple(rows.subject.iloc[places])
    if decided := st.session_state.pop(_DECIDED, None):
        st.toast(decided, icon=":material/gavel:")
    _follow(subjects)
    with bar:
        if len(subjects) > 1:
            st.markdown(f"**{count(len(subjects), noun)} selected**", width="content")
            if st.button("Decide on all", icon=":material/gavel:", key=f"bulk_{name}"):
                st.session_state[_OPEN] = subjects
        else:
            st.caption(f"Select one {noun} to see its history and decide on it, or several to decide on all.")
    opened: tuple[str, ...] = st.session_state.get(_OPEN, ())
    if len(opened) > 1:
        _draw_several(opened, noun)
    elif opened and (found := rows[rows.subject == opened[0]]).shape[0]:
        _draw_one(found.iloc[0], scope)


def _follow(subjects: tuple[str, ...]) -> None:
    """Opens the drawer when another single row is selected, and not again while it stays so."""
    if subjects == st.session_state.get(_LAST, ()):
        return
    st.session_state[_LAST] = subjects
    st.session_state[_OPEN] = subjects if len(subjects) == 1 else ()


def _close() -> None:
    st.session_state[_OPEN] = ()


@st.dialog("History and decision", width="large", icon=":material/history:", on_dismiss=_close)
def _draw_one(row: pd.Series, scope: Scope) -> None:
    st.markdown(title(row))
    st.markdown(standing(row))
    st.caption("  \n".join(facts(row)))
    draw_table(data.timeline(scope, row.subject), TIMELINE, "timeline", "What happened, newest first", most_rows=7)
    _decide_and_close((str(row.subject),))


@st.dialog("Decide on several", width="large", icon=":material/gavel:", on_dismiss=_close)
def _draw_several(subjects: tuple[str, ...], noun: str) -> None:
    st.markdown(f"One decision on **{count(len(subjects), noun)}**.")
    _decide_and_close(subjects)


def _decide_and_close(subjects: tuple[str, ...]) -> None:
    if draw_triage_form(subjects, _digest(subjects)):
        st.session_state[_DECIDED] = "Decided." if len(subjects) == 1 else f"Decided on {len(subjects):,}."
        _close()
        st.rerun()


def _selection(rows: pd.DataFrame) -> str:
    """What a selection, which is of places, belongs to: these rows in these states and this order."""
    return _digest((*rows.subject, *rows.state, *map(str, rows.decided_at)))


def _digest(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:12]
