"""The Customers page: who is at risk, in which order they are listed, and the way to each of them."""

from datetime import timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shared.datasets import HEALTH_HISTORY
from shared.datasets.activity_events import EVENT_TYPES
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, activity, customer

DAY = timedelta(days=1)


def three_customers() -> dict[str, list[Row]]:
    """One excellent, one that has paid late and has open tickets, one of whom nothing is recorded."""
    good = [activity(at=NOW - n * DAY) for n in range(1, 12)]
    calls = [activity("api", at=NOW - n * DAY / 5) for n in range(1, 101)]
    others = [activity(kind, at=NOW - 2 * DAY) for kind in ("feature", "invoice")]
    late = activity("invoice", customer_id="bad", at=NOW - 40 * DAY, due_date=NOW - 30 * DAY, paid_date=NOW - 3 * DAY)
    tickets = [activity("ticket", customer_id="bad", at=NOW - n * DAY) for n in range(1, 7)]
    return {
        "customers": [
            customer(),
            customer(customer_id="bad", name="Zeta", segment="small", owner="kim"),
            customer(customer_id="quiet", name="Midway", created_at=NOW - 3 * DAY),
        ],
        "activity_events": [*good, *calls, *others, late, *tickets],
    }


def listed(app: AppTest) -> pd.DataFrame:
    """The table of all customers."""
    return next(table.value for table in app.dataframe if "last_login_at" in table.value.columns)


def test_customers_are_tallied_and_the_worst_comes_first_with_the_latest_of_each_type(
    fill: Fill, open_page: Open
) -> None:
    fill(**three_customers())
    app = open_page("customers")
    shown = figures(app)
    assert [shown[name] for name in ("✕ At risk", "◐ Watch", "✓ Good", "★ Excellent")] == ["2", "0", "0", "1"]
    table = listed(app)
    assert table.name.tolist() == ["Zeta", "Midway", "Acme"]
    assert table.cause[0].startswith("Logins: 0 logins in 30 days")
    assert table.last_invoice.tolist() == [["◷ Paid late"], None, ["◇ Unpaid"]]
    assert table.last_api_at.notna().tolist() == [False, False, True]
    assert table.last_login_at[2] == NOW - DAY
    link = app.get("page_link")[0].proto
    assert link.label.startswith("**Zeta**: 8, ✕ At risk")
    assert link.query_string == "only_customer=bad"


def test_they_are_sorted_by_name_or_health_and_found_by_words(fill: Fill, open_page: Open) -> None:
    fill(**three_customers())
    app = open_page("customers", order="Name")
    assert listed(app).name.tolist() == ["Acme", "Midway", "Zeta"]
    app.button_group(key="order").set_value("Health, lowest first").run()
    assert listed(app).name.tolist() == ["Zeta", "Midway", "Acme"]
    app.text_input(key="customer_q").set_value("KIM small").run()
    assert listed(app).name.tolist() == ["Zeta"]
    app.text_input(key="customer_q").set_value("""'; DROP TABLE %_ .*""").run()
    assert "No customer has all of these words" in texts(app)


def test_the_range_changes_what_is_counted_and_a_shared_link_restores_it(fill: Fill, open_page: Open) -> None:
    fill(**three_customers())
    app = open_page("customers", range="7d", customer_q="acme")
    assert app.button_group(key="range").value == "7d"
    assert app.text_input(key="customer_q").value == "acme"
    assert listed(app).name.tolist() == ["Acme"]
    assert app.multiselect(key="org").disabled
    assert app.multiselect(key="repo").disabled


def test_history_is_drawn_from_what_is_kept_or_says_how_it_is_kept(fill: Fill, open_page: Open) -> None:
    fill(**three_customers())
    assert any("backend rollup" in code.value for code in open_page("customers").code)
    day = {"day": (NOW - DAY).replace(hour=0), "complete": True, "score": 40.0, "tier": "at_risk", "unknown": 0}
    kept = {**dict.fromkeys(HEALTH_HISTORY.schema.names), **day, "collected_at": NOW, "source": "rollup"}
    fill(health_history=[{**kept, "subject": "customer:acme"}])
    import streamlit as st

    st.cache_resource.clear()
    app = open_page("customers")
    assert not any("backend rollup" in code.value for code in app.code)


def test_a_row_that_is_selected_leads_to_its_page(fill: Fill, open_page: Open) -> None:
    fill(**three_customers())
    app = open_page("customers")
    key = next(str(table.key) for table in app.dataframe if str(table.key).startswith("table_customers_"))
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    assert app.get("page_link")[-1].proto.query_string == "only_customer=quiet"


@pytest.mark.slow
def test_at_risk_page_tells_of_customers_too(fill: Fill, open_page: Open) -> None:
    from tests.builders import alert, repository

    fill(**three_customers(), repositories=[repository()], alerts=[alert()])
    app = open_page("at_risk")
    assert "2 of 3 customers" in texts(app)
    assert app.dataframe[-1].value.name.tolist() == ["Zeta", "Midway"]


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    app = open_page("customers")
    assert "Customers: nothing collected yet" in texts(app)
    assert any("import customers" in code.value for code in app.code)


def test_every_type_of_event_is_on_the_chart(fill: Fill, open_page: Open) -> None:
    fill(customers=[customer()], activity_events=[activity(kind) for kind in EVENT_TYPES])
    assert len(open_page("customers").get("plotly_chart")) == 2
