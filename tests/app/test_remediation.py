"""The remediation page: how fast alerts get put right, by part and month, and what is left open."""

from datetime import timedelta

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, alert, collection

DAY = timedelta(days=1)


def fixed(number: int, days: float, **values: object) -> Row:
    """An alert fixed ten days ago after some days."""
    closed_at = NOW - 10 * DAY
    return alert(number=number, created_at=closed_at - days * DAY, closed_at=closed_at, **values)


def ten_fixed() -> list[Row]:
    """Of high severity after 1 to 5 days, of low after 10 to 50."""
    return [
        *(fixed(n, n) for n in range(1, 6)),
        *(fixed(10 * n, 10 * n, severity="low", repo="acme/web") for n in range(1, 6)),
    ]


def test_figures_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*ten_fixed(), alert(number=99)])
    assert figures(open_page("remediation")) == {
        "Median": "7.5 days",
        "Survival median": "10.0 days",
        "Mean": "16.5 days",
        "p90": "41.0 days",
        "Fixed": "10",
        "Open alerts": "1",
    }


@pytest.mark.parametrize(
    ("by", "column", "medians"),
    [
        ("Severity", "severity", {"high": 3.0, "low": 30.0}),
        pytest.param("Repository", "repo", {"acme/api": 3.0, "acme/web": 30.0}, marks=pytest.mark.slow),
        pytest.param("Organisation", "org", {"acme": 7.5}, marks=pytest.mark.slow),
        pytest.param("Alert kind", "kind", {"code_scanning": 7.5}, marks=pytest.mark.slow),
    ],
)
def test_breakdown(fill: Fill, open_page: Open, by: str, column: str, medians: dict[str, float]) -> None:
    fill(alerts=ten_fixed())
    tables = [table.value for table in open_page("remediation", by=by).dataframe]
    found = next(table for table in tables if "change_s" in table.columns and column in table.columns)
    assert found.median_s.tolist() == list(medians.values())


def test_dismissed_alerts_count_where_the_switch_adds_them(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*ten_fixed(), fixed(77, 20, state="dismissed")])
    app = open_page("remediation")
    assert figures(app)["Fixed"] == "10"
    app.toggle(key="dismissed").set_value(True).run()
    assert figures(app)["Closed"] == "11"


def test_parts_are_compared_with_the_previous_period(fill: Fill, open_page: Open) -> None:
    before = [
        alert(number=100 + n, created_at=NOW - 110 * DAY, closed_at=NOW - 100 * DAY, severity="high") for n in range(5)
    ]
    fill(alerts=[*ten_fixed(), *before])
    tables = [table.value for table in open_page("remediation").dataframe]
    found = next(table for table in tables if "change_s" in table.columns).iloc[0]
    assert (found.previous_median_s, found.change_s) == (10.0, -7.0)


def test_nothing_fixed_is_not_a_time_of_zero(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()])
    app = open_page("remediation")
    assert figures(app)["Median"] == "—"
    assert "No alert was closed" in texts(app)


def test_severity_changes_the_figures(fill: Fill, open_page: Open) -> None:
    fill(alerts=ten_fixed())
    app = open_page("remediation")
    app.multiselect(key="severity").select("Low").run()
    assert figures(app)["Median"] == "30.0 days"


@pytest.mark.slow
def test_shared_link_restores_filters_and_breakdown(fill: Fill, open_page: Open) -> None:
    fill(alerts=ten_fixed())
    app = open_page("remediation", by="Repository", severity="High", range="1y", log="true")
    assert app.button_group(key="by").value == "Repository"
    assert figures(app)["Median"] == "3.0 days"
    assert app.toggle(key="log").value is True


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Security alerts: nothing collected yet" in texts(open_page("remediation"))


def test_forbidden_source_is_named_as_the_cause(fill: Fill, open_page: Open) -> None:
    fill(collections=[collection(dataset="dependabot", outcome="forbidden", reason="no permission")])
    assert "switched off, forbidden or failing" in texts(open_page("remediation"))


@pytest.mark.slow
def test_automatic_dismissals_count_only_where_their_own_switch_adds_them(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*ten_fixed(), fixed(77, 20, state="auto_dismissed")])
    assert figures(open_page("remediation", dismissed="true"))["Closed"] == "10"
    assert figures(open_page("remediation", auto_dismissed="true"))["Closed"] == "11"


@pytest.mark.slow
def test_survival_median_is_unknown_while_most_are_open(fill: Fill, open_page: Open) -> None:
    fill(alerts=[fixed(1, 2), *(alert(number=n) for n in range(5, 12))])
    app = open_page("remediation")
    assert figures(app)["Survival median"] == "—"
    assert "fewer than half are ever fixed" in texts(app)


def test_receipt_shows_what_counts_and_what_was_left_out(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*ten_fixed(), alert(number=99), fixed(77, 20, state="dismissed")])
    app = open_page("remediation")
    app.button(key="receipt_time_to_remediate_parts").click().run()
    assert not app.exception
    said = texts(app)
    assert "**10 rows** behind the figure" in said
    assert "Kaplan-Meier" in said
    reasons = next(table.value for table in app.dataframe if list(table.value.columns) == ["reason", "n"])
    assert dict(zip(reasons.reason, reasons.n, strict=True)) == {"open": 1, "dismissed": 1}


def test_what_arrives_and_what_waits(fill: Fill, open_page: Open) -> None:
    fill(alerts=[*ten_fixed(), alert(number=99, created_at=NOW - 40 * DAY, severity="critical")])
    tables = [table.value for table in open_page("remediation").dataframe]
    flow = next(table for table in tables if "net" in table.columns)
    assert flow.opened.tolist() == [1, 5, 5]
    months = next(table for table in tables if "open_alerts" in table.columns)
    assert months.open_alerts.tolist()[:2] == [1, 0]
