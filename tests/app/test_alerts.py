"""The Alerts page: the list with derived states, the search, the drawer, and deciding in it."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from shared.lake.opening import open_lake
from shared.settings import load_settings
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, agent_session, alert, decision, finding, pull_request

DAY = timedelta(days=1)


def some_alerts() -> list[Row]:
    return [
        alert(),
        alert(number=2, severity="critical", rule_id="js/xss", rule_name="Cross-site scripting", path="web/view.js"),
        alert(number=3, severity="low", repo="acme/web", closed_at=NOW - DAY),
        alert(number=4, kind="dependabot", package="lodash", ghsa_id="GHSA-35jh-r3h4-6jhm", rule_id=None, path=None),
    ]


def listed(app: AppTest) -> list[int]:
    """The numbers in the list, from the top."""
    tables = [table.value for table in app.dataframe if "what" in table.value.columns]
    return tables[0].number.tolist() if tables else []


def select(app: AppTest, *places: int) -> None:
    """Selects rows of the list."""
    key = next(str(table.key) for table in app.dataframe if str(table.key).startswith("table_alert_list"))
    app.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    app.run()
    assert not app.exception


def keyed(app: AppTest, widgets: str, start: str) -> "object":
    return next(widget for widget in getattr(app, widgets) if (widget.key or "").startswith(start))


def decide(app: AppTest, code: str | None, **fields: str) -> None:
    """Fills in the form and sends it."""
    if code:
        keyed(app, "button_group", "decision_").set_value(code)  # type: ignore[attr-defined]
    for name, value in fields.items():
        widgets = "text_area" if name == "reason" else "text_input"
        keyed(app, widgets, f"{name}_").set_value(value)  # type: ignore[attr-defined]
    next(
        button for button in app.button if button.label.startswith("Decide") and "bulk" not in (button.key or "")
    ).click()
    app.run()
    assert not app.exception


def stored() -> list[Row]:
    lake = open_lake(load_settings())
    try:
        rows: list[Row] = lake.tables("real")["triage"].order_by("subject").to_pyarrow().to_pylist()
    finally:
        lake.close()
    return rows


def test_list_and_figures_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(
        alerts=some_alerts(),
        pull_requests=[pull_request(alert_refs=["https://github.com/acme/api/security/code-scanning/2"])],
        triage=[decision(subject="alert:acme/api/dependabot/4")],
    )
    app = open_page("alerts")
    assert listed(app) == [2, 1, 4, 3]
    assert figures(app) == {
        "Undecided": "1",
        "In work": "1",
        "To verify": "0",
        "Decided": "1",
        "Fixed": "1",
        "Verified fixed": "0",
    }


def test_search_and_states_narrow_the_list(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts())
    app = open_page("alerts")
    app.text_input(key="q").set_value("GHSA-35JH lodash").run()
    assert listed(app) == [4]
    app.text_input(key="q").set_value("""'; DROP TABLE "alerts" %_ --""").run()
    assert "No alert has all of these words" in texts(app)
    app.text_input(key="q").set_value("").run()
    app.multiselect(key="state").select("✓ Fixed").run()
    assert listed(app) == [3]


def test_shared_link_restores_list_search_and_states(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), findings=[finding()])
    app = open_page("alerts", q="xss", state="◇ New", severity="Critical")
    assert (app.text_input(key="q").value, app.multiselect(key="state").value) == ("xss", ["◇ New"])
    assert listed(app) == [2]
    assert open_page("alerts", list="Findings").button_group(key="list").value == "Findings"


def test_findings_are_listed_beside_alerts(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), findings=[finding(), finding(fingerprint="e" * 20, fixed_at=NOW - timedelta(hours=1))])
    app = open_page("alerts", list="Findings")
    assert (figures(app)["Undecided"], figures(app)["Fixed"]) == ("1", "1")
    assert next(t.value for t in app.dataframe if "what" in t.value.columns)["where"].tolist() == ["app/db.py:10"] * 2


def test_drawer_tells_what_happened_and_takes_a_decision(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()], agent_sessions=[agent_session()], pull_requests=[pull_request(merged_at=NOW - DAY)])
    app = open_page("alerts")
    select(app, 0)
    steps = next(table.value for table in app.dataframe if "detail" in table.value.columns)
    assert steps.what.tolist() == ["Pull request merged", "Session started", "Pull request opened", "Created"]
    decide(app, "risk_accepted", owner="sam", reason="Behind the firewall.")
    assert [(row["subject"], row["decision"], row["owner"]) for row in stored()] == [
        ("alert:acme/api/code_scanning/1", "risk_accepted", "sam")
    ]
    assert stored()[0]["expires_at"] == NOW + 90 * DAY
    assert not any(button.label == "Decide" for button in app.button), "the drawer is closed"


def test_page_shows_a_decision_at_once(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts())
    app = open_page("alerts")
    select(app, 0)
    decide(app, "false_positive", reason="A test.")
    assert (figures(app)["Undecided"], figures(app)["Decided"]) == ("2", "1")
    assert listed(app) == [1, 4, 2, 3]


def test_what_is_wrong_is_said_and_what_was_typed_stays(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts())
    app = open_page("alerts")
    select(app, 0)
    decide(app, "risk_accepted", reason="Behind the firewall.")
    assert [error.value for error in app.error] == ["Owner is empty; name who answers for the accepted risk."]
    assert keyed(app, "text_area", "reason_").value == "Behind the firewall."  # type: ignore[attr-defined]
    decide(app, None, owner="sam")
    assert len(stored()) == 1


def test_one_decision_on_several_rows(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts())
    app = open_page("alerts")
    select(app, 0, 1, 2)
    next(button for button in app.button if button.label == "Decide on all").click().run()
    decide(app, "wont_fix", reason="Goes away with the old shop.")
    assert len(stored()) == 3
    assert figures(app)["Decided"] == "3"


@pytest.mark.parametrize(("listed_as", "cause"), [("Alerts", "Security alerts"), ("Findings", "Findings of scans")])
def test_empty_store_says_what_to_do(open_page: Open, listed_as: str, cause: str) -> None:
    assert f"{cause}: nothing collected yet" in texts(open_page("alerts", list=listed_as))
