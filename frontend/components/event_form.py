"""Event form: records what a customer did; what is wrong is said at its field, and what was typed stays."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from frontend import data, writing
from frontend.components.visitor import may_write
from frontend.words import event_type
from shared.activity import Refused
from shared.activity.event import INVOICE_STATUSES, TICKET_STATUSES
from shared.datasets.activity_events import EVENT_TYPES

Input = Literal["time", "later", "text", "amount", "ticket", "invoice"]
"""later: a time that is not there at first."""

_FORM: Mapping[str, tuple[tuple[str, str, Input], ...]] = {
    "login": (("timestamp", "When (UTC)", "time"),),
    "feature": (("feature_name", "Feature", "text"), ("timestamp", "When (UTC)", "time")),
    "ticket": (
        ("created_at", "Created (UTC)", "time"),
        ("closed_at", "Closed (UTC)", "later"),
        ("status", "Status", "ticket"),
    ),
    "invoice": (
        ("amount", "Amount", "amount"),
        ("currency", "Currency", "text"),
        ("issued_at", "Issued (UTC)", "time"),
        ("due_date", "Due (UTC)", "later"),
        ("paid_date", "Paid (UTC)", "later"),
        ("status", "Status", "invoice"),
    ),
    "api": (("endpoint", "Endpoint", "text"), ("timestamp", "When (UTC)", "time")),
}
"""Type of an event -> its fields, with the words shown for them and what they are typed into."""

_BY: tuple[str, str, Input] = ("recorded_by", "Recorded by", "text")
_STATUSES: Mapping[str, tuple[str, ...]] = {"ticket": TICKET_STATUSES, "invoice": INVOICE_STATUSES}
_RECORDED = "_event_recorded"


def draw_event_form(customer_id: str) -> None:
    """Draws the form and stores what is sent; then the page is drawn anew, with the event in it."""
    if recorded := st.session_state.pop(_RECORDED, None):
        st.toast(recorded, icon=":material/check_circle:")
    if not may_write("Events are recorded"):
        return
    kind = st.segmented_control(
        "What happened", EVENT_TYPES, default=EVENT_TYPES[0], required=True, format_func=event_type, key="event_type"
    )
    fields = (*_FORM[kind], _BY)
    with st.form(f"event_{kind}", border=False):
        raw, slots = dict[str, object](), dict[str, DeltaGenerator]()
        for place, (name, label, input_) in zip(_places(len(fields)), fields, strict=True):
            with place:
                raw[name] = _draw_input(f"event_{kind}_{name}", label, input_)
                slots[name] = st.container()
        sent = st.form_submit_button("Record", type="primary", icon=":material/add:")
        slots["customer_id"] = st.container()
    if sent:
        labels = {name: label.removesuffix(" (UTC)") for name, label, _ in fields}
        _send({**raw, "event_type": kind, "customer_id": customer_id}, labels, slots)


def _places(count: int) -> list[DeltaGenerator]:
    """Two places to a line."""
    return [place for _ in range(-(-count // 2)) for place in st.columns(2)][:count]


def _draw_input(key: str, label: str, input_: Input) -> object:
    match input_:
        case "time" | "later":
            now = data.now()
            moment = st.datetime_input(
                label,
                value=now.replace(tzinfo=None) if input_ == "time" else None,
                min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - the widget knows no zones
                max_value=(now + timedelta(days=3650)).replace(tzinfo=None),
                step=timedelta(minutes=1),
                key=key,
                format="YYYY-MM-DD",
            )
            return moment.replace(tzinfo=UTC) if moment else None
        case "amount":
            return st.number_input(label, value=None, step=0.01, format="%.2f", key=key)
        case "text":
            return st.text_input(label, key=key)
    return st.selectbox(label, _STATUSES[input_], index=None, key=key, placeholder="By its times")


def _send(raw: Mapping[str, object], labels: Mapping[str, str], slots: Mapping[str, DeltaGenerator]) -> None:
    try:
        writing.record_event(raw)
    except Refused as refused:
        for problem in refused.problems:
            slots.get(problem.field, slots["customer_id"]).error(
                _sentence(problem.text, labels), icon=":material/error:"
            )
        return
    for name in labels:
        st.session_state.pop(f"event_{raw['event_type']}_{name}", None)
    st.session_state[_RECORDED] = f"{event_type(raw['event_type'])} recorded."
    st.rerun()


def _sentence(text: str, labels: Mapping[str, str]) -> str:
    """A problem with the form's own words for the fields."""
    for name, label in labels.items():
        text = text.replace(name, label.lower())
    return text[:1].upper() + text[1:]
