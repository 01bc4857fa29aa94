"""Triage form: a decision on one or several alerts or findings; what is wrong is said at its field."""

from datetime import UTC, datetime, time

import streamlit as st

from frontend import data, writing
from frontend.components.visitor import may_write
from frontend.words import count, decision_word, duration
from shared.datasets.triage import DECISIONS, REOPENED
from shared.triage import Decision, TriageRefused

_FIELDS = ("decision", "owner", "reason", "expires_at", "subjects")


def draw_triage_form(subjects: tuple[str, ...], place: str) -> bool:
    """Draws the form and stores what is decided; returns whether something was, so that the page can show it.

    place: tells forms apart; what was typed stays while the place is the same.
    """
    if not may_write("Decisions are made"):
        return False
    policy = data.edition().policy.triage
    slots = {}
    with st.form(f"triage_{place}", border=False):
        code = st.segmented_control(
            "Decision",
            DECISIONS,
            format_func=decision_word,
            key=f"decision_{place}",
            help="Re-opened takes back the decision before it.",
        )
        slots["decision"] = st.empty()
        reason = st.text_area("Reason", key=f"reason_{place}", height=80)
        slots["reason"] = st.empty()
        left, right = st.columns(2)
        owner = left.text_input("Owner", key=f"owner_{place}", help="Who answers for it. An accepted risk needs one.")
        slots["owner"] = left.empty()
        day = right.date_input(
            "Holds until (UTC)",
            value=None,
            key=f"expires_{place}",
            format="YYYY-MM-DD",
            help=f"Without a day an accepted risk holds for {duration(policy.expires_after.total_seconds())}, "
            "and any other decision for good.",
        )
        slots["expires_at"] = right.empty()
        several = f" on {count(len(subjects), 'row')}" if len(subjects) > 1 else ""
        sent = st.form_submit_button(f"Decide{several}", type="primary", icon=":material/gavel:")
        slots["subjects"] = st.empty()
    if not sent:
        return False
    until = datetime.combine(day, time(), UTC) if day and code != REOPENED else None
    try:
        writing.decide(Decision(subjects, code or "", owner, reason, until))
    except TriageRefused as refused:
        for field in _FIELDS:
            if field in refused.problems:
                slots[field].error(_sentence(field, refused.problems[field], code), icon=":material/error:")
        return False
    return True


def _sentence(field: str, problem: str, code: str | None) -> str:
    return "Choose a decision." if field == "decision" and not code else problem[:1].upper() + problem[1:]
