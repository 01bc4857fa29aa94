"""Activity: what is taken and refused of an event, and that what is recorded is stored once."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.activity import Refused, UnknownCustomer, add_customers, customer_row, event_row, record
from shared.activity.fields import LONGEST_ID, LONGEST_TEXT
from shared.datasets import ACTIVITY_EVENTS, DEMO_SOURCE
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from tests.builders import Row, customer
from tests.conftest import NOW
from tests.properties import few

DAY = timedelta(days=1)

GOOD: dict[str, Row] = {
    "login": {"timestamp": "2026-11-20T10:00:00Z"},
    "feature": {"timestamp": "2026-11-20", "feature_name": "export"},
    "ticket": {"created_at": "2026-11-20T10:00:00"},
    "invoice": {"issued_at": "2026-11-20", "due_date": "2026-12-04", "amount": "12.50"},
    "api": {"timestamp": "2026-11-20T12:00:00+02:00", "endpoint": "/v1/things"},
}


def event(kind: str, **values: object) -> Row:
    return {"customer_id": "acme", "event_type": kind, **GOOD[kind], **values}


def refused(raw: Any) -> dict[str, list[str]]:
    with pytest.raises(Refused) as found:
        event_row(raw, NOW)
    return found.value.by_field


@pytest.mark.parametrize("kind", GOOD)
def test_a_whole_event_is_a_row_of_its_type(kind: str) -> None:
    row = event_row(event(kind), NOW)
    assert (row["type"], row["customer_id"], row["event_id"]) == (kind, "acme", None)
    assert row["at"].date().isoformat() == "2026-11-20"
    ACTIVITY_EVENTS.table([{**row, "event_id": "1"}])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (" 2026-11-20 ", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00:00.123456-05:00", datetime(2026, 11, 20, 15, 0, 0, 123456, tzinfo=UTC)),
        (datetime(2026, 11, 20, 10, tzinfo=timezone(DAY / 12)), datetime(2026, 11, 20, 8, tzinfo=UTC)),
        (NOW.isoformat(), NOW),
    ],
)
def test_times_are_iso_8601_and_without_a_zone_utc(text: object, moment: datetime) -> None:
    assert event_row(event("login", timestamp=text), NOW)["at"] == moment


@pytest.mark.parametrize(
    ("kind", "values", "field", "said"),
    [
        ("login", {"event_type": None}, "event_type", "is missing; use one of login, feature, ticket, invoice, api."),
        ("login", {"event_type": "logout"}, "event_type", "is not known ('logout'); use one of"),
        ("login", {"customer_id": " "}, "customer_id", "customer_id is missing; send it."),
        ("login", {"customer_id": "a\nb"}, "customer_id", "holds a control character"),
        ("login", {"event_id": "x" * (LONGEST_ID + 1)}, "event_id", "is longer than 200 characters (201)"),
        ("login", {"timestamp": None}, "timestamp", "is missing"),
        ("login", {"timestamp": "soon"}, "timestamp", "is not a time ('soon'); write it in ISO 8601"),
        ("login", {"timestamp": 1_790_000_000}, "timestamp", "is not a time"),
        ("login", {"timestamp": "2026-02-30"}, "timestamp", "is not a time"),
        ("login", {"timestamp": "2026-11-21T12:00:00.000001Z"}, "timestamp", "is in the future"),
        ("login", {"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp", "is not a time"),
        ("login", {"timestamp": "1969-12-31"}, "timestamp", "use a year from 1971 to 2199"),
        ("feature", {"feature_name": ""}, "feature_name", "is missing"),
        ("feature", {"feature_name": ["a"]}, "feature_name", "is not a text"),
        ("feature", {"feature_name": "x" * (LONGEST_TEXT + 1)}, "feature_name", "longer than 16,384 characters"),
        ("feature", {"feature_name": "\ud800"}, "feature_name", "holds what is no character"),
        ("feature", {"feature_name": "a\0b"}, "feature_name", "holds what is no character"),
        ("api", {"endpoint": None}, "endpoint", "is missing"),
        ("ticket", {"closed_at": "2026-11-20T09:59:59Z"}, "closed_at", "is before created_at"),
        ("ticket", {"closed_at": "2026-11-22"}, "closed_at", "is in the future"),
        ("ticket", {"status": "lost"}, "status", "use one of open, in_progress, resolved, closed"),
        ("invoice", {"due_date": None}, "due_date", "is missing"),
        ("invoice", {"due_date": "2026-11-19"}, "due_date", "is before issued_at"),
        ("invoice", {"paid_date": "2026-11-19"}, "paid_date", "is before issued_at"),
        ("invoice", {"paid_date": "2026-11-22"}, "paid_date", "is in the future"),
        ("invoice", {"amount": None}, "amount", "is missing"),
        ("invoice", {"amount": 0}, "amount", "is not above 0 (0)"),
        ("invoice", {"amount": "-3"}, "amount", "is not above 0"),
        ("invoice", {"amount": math.inf}, "amount", "is not finite"),
        ("invoice", {"amount": "NaN"}, "amount", "is not finite"),
        ("invoice", {"amount": 10**400}, "amount", "is not finite"),
        ("invoice", {"amount": True}, "amount", "is not a number"),
        ("invoice", {"amount": "1_000"}, "amount", "is not a number"),
        ("invoice", {"currency": "Euro"}, "currency", "send its three letters"),
        ("invoice", {"status": 5}, "status", "is not known (5)"),
    ],
)
def test_what_is_wrong_is_said_by_field(kind: str, values: Row, field: str, said: str) -> None:
    found = refused({**event(kind), **values})
    assert list(found) == [field]
    assert said in found[field][0]
    assert found[field][0].endswith(".")


def test_every_problem_is_said_at_once() -> None:
    assert set(refused({"event_type": "invoice"})) == {"customer_id", "issued_at", "due_date", "amount"}
    assert set(refused({})) == {"event_type", "customer_id"}
    unknown = {"event_type": "party", "timestamp": "soon", "amount": -1, "endpoint": {}, "currency": "?"}
    assert set(refused(unknown)) == {"event_type", "customer_id", "timestamp", "amount", "endpoint", "currency"}
    twice = refused(event("ticket", created_at="2026-11-23", closed_at="2026-11-22", status="?"))
    assert {field: len(texts) for field, texts in twice.items()} == {"created_at": 1, "closed_at": 1, "status": 1}


def test_defaults_are_open_and_unpaid_unless_a_time_says_otherwise() -> None:
    def status(kind: str, **values: object) -> str:
        row = event_row(event(kind, **values), NOW)
        return str(row[f"{kind}_status"])

    assert (status("ticket"), status("invoice")) == ("open", "unpaid")
    assert (status("ticket", closed_at=NOW), status("invoice", paid_date=NOW)) == ("closed", "paid")
    assert (status("ticket", status="Resolved"), status("invoice", invoice_status="paid")) == ("resolved", "paid")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.none() | st.just(UTC)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
NAMES = sorted(
    {"event_id", "customer_id", "event_type", "recorded_by", "currency", "paid_date", "closed_at", "status"}.union(
        *GOOD.values()
    )
)


def row_or_refusal(raw: Row) -> tuple[Row, Refused | None]:
    try:
        return event_row(raw, NOW), None
    except Refused as found:
        return {}, found


@few(150)
@given(st.sampled_from(list(GOOD)), st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6))
def test_anything_is_either_a_row_that_can_be_stored_or_refused_with_sentences(kind: str, wild: Row) -> None:
    row, found = row_or_refusal({**event(kind), **wild})
    if found:
        assert found.problems
        assert {problem.field for problem in found.problems} <= set(NAMES)
        json.dumps(found.by_field).encode()
        assert all(problem.text.endswith(".") and len(problem.text) < 300 for problem in found.problems)
        assert found.reason
        return
    stored = ACTIVITY_EVENTS.table([{**row, "event_id": row["event_id"] or "1"}])
    stored.validate(full=True)
    assert row["at"] <= NOW
    assert row.get("closed_at") is None or row["at"] <= row["closed_at"] <= NOW
    assert row.get("paid_date") is None or row["at"] <= row["paid_date"] <= NOW
    if row["type"] == "invoice":
        assert row["due_date"] >= row["at"]
        assert 0 < row["amount"] < math.inf


@few(60)
@given(st.text(min_size=1, max_size=50) | st.just('\u202eevil\u202c "quoted"\nname' * 400))
def test_whatever_is_text_stays_as_it_is(text: str) -> None:
    if not text.strip() or "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        with pytest.raises(Refused, match="name"):
            customer_row({"customer_id": "c", "name": text}, NOW)
    else:
        assert customer_row({"customer_id": "c", "name": text}, NOW)["name"] == text.strip()


def test_a_customer_is_checked_like_an_event() -> None:
    with pytest.raises(Refused) as found:
        customer_row({"customer_id": "", "created_at": "2027-01-01"}, NOW)
    assert set(found.value.by_field) == {"customer_id", "name", "created_at"}
    assert customer_row({"customer_id": 42, "name": "Acme"}, NOW)["customer_id"] == "42"


def stored(lake: Lake) -> list[Row]:
    rows: list[Row] = lake.tables("auto")["activity_events"].order_by("at").to_pyarrow().to_pylist()
    return rows


@pytest.fixture
def acme(lake: Lake) -> Lake:
    add_customers(lake, [customer_row({"customer_id": "acme", "name": "Acme"}, NOW)], "api")
    return lake


def test_what_is_recorded_is_stored_with_an_id_and_where_it_came_from(acme: Lake) -> None:
    done = record(acme, [event_row(event(kind), NOW) for kind in GOOD], "api")
    assert done.changes == Changes(inserted=5)
    assert {row["event_id"] for row in stored(acme)} == set(done.event_ids)
    assert {row["source"] for row in stored(acme)} == {"api"}
    assert len(set(done.event_ids)) == 5


def test_an_event_that_brings_its_id_is_stored_once_and_can_be_told_anew(acme: Lake) -> None:
    ticket = event_row(event("ticket", event_id="t1"), NOW)
    record(acme, [ticket], "api")
    assert record(acme, [ticket], "api").changes == Changes(unchanged=1)
    record(acme, [event_row(event("ticket", event_id="t1", closed_at=NOW), NOW)], "api")
    assert [(row["event_id"], row["ticket_status"]) for row in stored(acme)] == [("t1", "closed")]


def test_events_of_customers_nobody_knows_are_refused_and_nothing_is_stored(acme: Lake) -> None:
    events = [event_row(event("login", customer_id=name), NOW) for name in ("acme", "globex")]
    with pytest.raises(UnknownCustomer, match="globex"):
        record(acme, events, "api")
    assert stored(acme) == []


def test_what_is_recorded_of_a_sample_customer_is_of_the_sample(lake: Lake) -> None:
    add_customers(lake, [customer()], "form", demo=True)
    with pytest.raises(UnknownCustomer):
        record(lake, [event_row(event("login"), NOW)], "form")
    record(lake, [event_row(event("login"), NOW)], "form", demo=True)
    assert lake.tables("auto").rows == "demo"
    assert [row["source"] for row in stored(lake)] == [DEMO_SOURCE]
