"""The Customer page: one customer's score and events, and nothing of the others; recording what they did."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shared.datasets.activity_events import EVENT_TYPES
from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, activity, customer

DAY = timedelta(days=1)
ACME = "Acme · acme"


def two_customers(source: str = "api") -> dict[str, list[Row]]:
    mine = [activity(kind, at=NOW - n * DAY, source=source) for n, kind in enumerate(EVENT_TYPES, start=2)]
    others = [activity("feature", customer_id="globex", at=NOW - DAY, feature_name="search", source=source)]
    return {
        "customers": [customer(source=source), customer(customer_id="globex", name="Globex", source=source)],
        "activity_events": [*mine, *others],
    }


def events(app: AppTest) -> pd.DataFrame:
    """The table of events."""
    return next(table.value for table in app.dataframe if "recorded_by" in table.value.columns)


def stored(rows: str = "real") -> list[Row]:
    lake = open_lake(load_settings())
    try:
        table = lake.tables(rows)["activity_events"]  # type: ignore[arg-type]
        found: list[Row] = table.filter(table.recorded_by == "sam").to_pyarrow().to_pylist()
    finally:
        lake.close()
    return found


def choose(app: AppTest, kind: str) -> None:
    app.button_group(key="event_type").set_value(kind).run()


def send(app: AppTest, kind: str, **fields: object) -> None:
    """Fills in the form and sends it."""
    for name, value in {**fields, "recorded_by": "sam"}.items():
        key = f"event_{kind}_{name}"
        kinds = (app.text_input, app.number_input, app.datetime_input, app.selectbox)
        widget: Any = next(one for widgets in kinds for one in widgets if one.key == key)
        widget.set_value(value)
    next(button for button in app.button if button.label == "Record").click()
    app.run()
    assert not app.exception, app.exception


def test_all_of_one_customer_and_nothing_of_the_others(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", customer=ACME)
    shown = figures(app)
    assert (shown["Logins"], shown["Feature adoption"], shown["Tickets"]) == ("10", "50", "90")
    assert (shown["Invoices"], shown["API calls"], shown["Health score"]) == ("100", "1", "53.1")
    signals = next(table.value for table in app.dataframe if "known" in table.value.columns).set_index("title")
    assert signals.known["Tickets"] == "1 of 1 ticket open"
    assert signals.lost.sum() == pytest.approx(100 - 53.1)
    table = events(app)
    assert table.type.tolist() == ["Login", "Feature use", "Ticket", "Invoice", "API call"]
    assert table.about.tolist() == ["—", "export", "—", "—", "/v1/things"]

    app.selectbox(key="customer").select("Globex · globex").run()
    assert events(app).about.tolist() == ["search"]


@pytest.mark.parametrize(("part", "column", "value"), [("Tickets", "closed_at", None), ("Invoices", "amount", 100.0)])
def test_events_are_told_type_by_type(fill: Fill, open_page: Open, part: str, column: str, value: object) -> None:
    fill(**two_customers())
    table = events(open_page("customer", customer=ACME, part=part))
    assert len(table) == 1
    assert table[column][0] == value or (value is None and pd.isna(table[column][0]))


def test_the_range_narrows_the_events_but_not_the_score(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", customer=ACME, range="24h")
    assert "Nothing recorded in this range" in texts(app)
    assert figures(app)["Health score"] == "53.1"
    app.button_group(key="range").set_value("7d").run()
    assert len(events(app)) == 5


def test_a_link_chooses_a_customer_and_without_one_the_worst_are_offered(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", only_customer="no such")
    assert "No customer with the id no such is known" in texts(app)
    assert "Choose a customer" in texts(app)
    assert [link.proto.query_string for link in app.get("page_link")] == ["only_customer=globex", "only_customer=acme"]
    app = open_page("customer", only_customer="globex", range="30d")
    assert app.selectbox(key="customer").value == "Globex · globex"
    assert app.button_group(key="range").value == "30d"


def test_an_event_is_recorded_and_shown_at_once(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", customer=ACME)
    assert next(one.value for one in app.datetime_input) == NOW.replace(tzinfo=None), "it offers the time now"
    send(app, "login", timestamp=(NOW - timedelta(hours=1)).replace(tzinfo=None))
    (row,) = stored()
    at = NOW - timedelta(hours=1)
    assert (row["type"], row["customer_id"], row["at"], row["source"]) == ("login", "acme", at, "form")
    assert figures(app)["Logins"] == "20"
    assert app.text_input[-1].value == "", "the form is empty again"


@pytest.mark.slow
def test_an_invoice_with_every_field(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", customer=ACME)
    choose(app, "invoice")
    send(app, "invoice", amount=12.5, currency="eur", due_date=datetime(2026, 8, 1), status="overdue")  # noqa: DTZ001
    (row,) = stored()
    assert (row["amount"], row["currency"], row["invoice_status"]) == (12.5, "EUR", "overdue")
    assert row["due_date"].isoformat() == "2026-08-01T00:00:00+00:00"


def test_what_is_wrong_is_said_at_each_field_and_what_was_typed_stays(fill: Fill, open_page: Open) -> None:
    fill(**two_customers())
    app = open_page("customer", customer=ACME)
    choose(app, "invoice")
    send(app, "invoice", amount=-3.0, currency="Euro", due_date=datetime(2026, 6, 1))  # noqa: DTZ001
    said = [error.value for error in app.error]
    assert len(said) == 3
    assert said[0].startswith("Amount is not above 0 (-3.0);")
    assert said[1].startswith("Currency is no currency ('Euro');")
    assert said[2].startswith("Due is before issued")
    assert next(one for one in app.number_input if one.key == "event_invoice_amount").value == -3.0
    assert next(one for one in app.text_input if one.key == "event_invoice_currency").value == "Euro"
    assert stored() == []


@pytest.mark.slow
def test_what_is_recorded_of_a_sample_customer_is_of_the_sample(fill: Fill, open_page: Open) -> None:
    fill(**two_customers("demo"))
    app = open_page("customer", customer=ACME)
    send(app, "login")
    assert [row["source"] for row in stored("demo")] == ["demo"]
    assert stored("real") == []


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Customers: nothing collected yet" in texts(open_page("customer"))
