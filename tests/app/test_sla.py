"""The SLA page: what is past its limit, what will be next, what is to come, and what other limits would say."""

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Fill, Open, texts
from tests.builders import NOW, Row, alert

DAY = timedelta(days=1)


def closed(number: int, days: float, **values: object) -> Row:
    """An alert of high severity, whose limit is four days, closed ten days ago after some days."""
    closed_at = NOW - 10 * DAY
    return alert(number=number, created_at=closed_at - days * DAY, closed_at=closed_at, **values)


def some() -> list[Row]:
    """Of high severity six closed in time and two late; open ones breached, at risk, and due in five and ten days."""
    return [
        *(closed(n, 3) for n in range(1, 7)),
        *(closed(n, 20) for n in range(7, 9)),
        alert(number=10),
        alert(number=11, created_at=NOW - 3.5 * DAY),
        alert(number=12, severity="low", created_at=NOW - 9 * DAY, repo="acme/web"),
        alert(number=13, severity="low", created_at=NOW - 4 * DAY, repo="acme/web"),
        alert(number=14, severity="unknown"),
    ]


def first_row(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric[:6]}


def other_figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric[6:]}


def table(app: AppTest, column: str) -> dict[str, list[Any]]:
    """The table that has a column, as lists by column."""
    found: pd.DataFrame = next(part.value for part in app.dataframe if column in part.value.columns)
    return {str(name): found[name].tolist() for name in found}


def test_figures_worklist_and_other_limits_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    """DefectDojo gives alerts of high severity 30 days, and those of low 120."""
    fill(alerts=some())
    app = open_page("sla")
    assert first_row(app) == {
        "Compliance": "75.0 %",
        "Breached, open": "1",
        "At risk": "1",
        "Due in 7 days": "2",
        "Due in 14 days": "3",
        "Unknown": "1",
    }
    assert table(app, "due_within")["number"] == [10, 11, 12, 13]
    assert (other_figures(app)["Compliance"], other_figures(app)["Breached, open"]) == ("100.0 %", "0")
    both = table(app, "compliance_then")
    assert (both["compliance"][0], both["compliance_then"][0]) == (75.0, 100.0)
    assert (both["limit_s"], both["limit_then_s"]) == ([4.0, 14.0], [30.0, 120.0])


def test_filters_change_what_is_shown(fill: Fill, open_page: Open) -> None:
    fill(alerts=some())
    app = open_page("sla", due="7 days", limits="Own limits")
    assert table(app, "due_within")["number"] == [11, 12]
    assert other_figures(app)["Compliance"] == "75.0 %", "own limits begin as those in force"
    app.button_group(key="due").set_value("14 days")
    app.number_input(key="limit_high").set_value(48.0).run()
    assert table(app, "due_within")["number"] == [13]
    assert other_figures(app)["Compliance"] == "0.0 %"
    app.number_input(key="limit_high").set_value(0.0)
    app.multiselect(key="severity").select("Low").run()
    assert (first_row(app)["Compliance"], other_figures(app)["Compliance"]) == ("—", "—")
    assert first_row(app)["Due in 14 days"] == "2"


@pytest.mark.slow
def test_shared_link_restores_filters_limits_and_target(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*some(), *(alert(number=n, created_at=NOW - n * DAY) for n in range(30, 120))])
    app = open_page(
        "sla",
        severity="High",
        limits="Own limits",
        limit_high="1000",
        due="Breached",
        target="20",
        target_by="2026-07-08",
    )
    assert app.number_input(key="limit_high").value == 1000.0
    assert other_figures(app)["Compliance"] == "100.0 %"
    assert 11 not in table(app, "due_within")["number"]
    assert first_row(app)["Unknown"] == "0"
    opened, target = (other_figures(app)[label] for label in ("Opened a week", "Fixes a week, target"))
    # 92 are open, of which 72 have to go within the week, and those that arrive in it.
    assert float(target) == pytest.approx(72 + float(opened), abs=0.11)


def test_what_is_not_known_is_said(fill: Fill, open_page: Open) -> None:
    fill(alerts=[closed(1, 1)])
    app = open_page("sla")
    assert "No open alert is breached" in texts(app)
    assert "n = 1, too few" in texts(app)
    assert other_figures(app)["Open in 30 days"] == "—"
    assert "fewer than 4 weeks of history" in texts(app)


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Security alerts: nothing collected yet" in texts(open_page("sla"))
