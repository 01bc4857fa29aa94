"""What the filters say of themselves, whatever the page."""

from datetime import timedelta

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, alert, collection, repository, run, workflow

LONG_AGO = NOW - timedelta(days=200)


def old_data(fill: Fill) -> None:
    fill(
        workflow_runs=[run(run_id=1, created_at=LONG_AGO, updated_at=LONG_AGO, completed_at=LONG_AGO)],
        alerts=[alert(number=1, created_at=LONG_AGO, updated_at=LONG_AGO)],
    )


def test_a_range_after_the_newest_row_says_so_and_offers_all(fill: Fill, open_page: Open) -> None:
    old_data(fill)
    app = open_page("workflows")
    assert f"{LONG_AGO:%d %b %Y}" in texts(app)
    assert figures(app)["Failing"] == "0"
    assert "nothing in this range" in texts(app)
    next(button for button in app.button if button.label == "Show all").click().run()
    assert "nothing in this range" not in texts(app)
    assert not any(button.label == "Show all" for button in app.button)


@pytest.mark.slow
def test_a_range_that_reaches_the_newest_row_says_nothing(fill: Fill, open_page: Open) -> None:
    old_data(fill)
    assert not any(button.label == "Show all" for button in open_page("workflows", range="1y").button)


def test_what_a_link_asks_for_in_vain_is_told(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()])
    app = open_page("remediation", range="soon", repo="no/such", org="acme")
    assert "range=soon" in app.warning[0].value
    assert "repo=no/such" in app.warning[0].value
    assert figures(app)["Open alerts"] == "1"


def test_custom_range_takes_two_days(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(created_at=NOW - timedelta(days=100)), alert(number=2, created_at=NOW - timedelta(days=10))])
    app = open_page("remediation", range="custom", days=["2026-03-01", "2026-03-31"])
    assert figures(app)["Open alerts"] == "1"


def test_a_link_may_narrow_what_a_page_shows(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(), alert(number=2, severity="low", created_at=NOW - timedelta(days=9))])
    app = open_page("sla", only_due="7 days")
    assert app.button_group(key="due").value == "7 days"
    assert app.dataframe[0].value.number.tolist() == [2]


def test_sample_data_is_called_so_and_what_is_old_or_incomplete_is_told(fill: Fill, open_page: Open) -> None:
    forbidden = collection(dataset="dependabot", outcome="forbidden", reason="no permission", source="demo")
    old = collection(started_at=NOW - timedelta(days=5), source="demo")
    fill(collections=[old, forbidden], alerts=[alert(source="demo")])
    told = texts(open_page("remediation"))
    assert "Sample data" in told
    assert "Collected 4 days ago" in told
    assert "1 source unknown" in told


def test_filters_that_leave_nothing_can_be_reset(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()], repositories=[repository(repo="acme/idle")])
    app = open_page("sla", repo="acme/idle")
    assert "nothing in this range and with these filters" in texts(app)
    next(button for button in app.button if str(button.key).startswith("reset_")).click().run()
    assert app.multiselect(key="repo").value == []
    assert not [button for button in app.button if str(button.key).startswith("reset_")]


@pytest.mark.parametrize("parameter", ["repository", "only_repository"])
def test_a_link_to_a_repository_that_is_not_in_the_data_is_told(fill: Fill, open_page: Open, parameter: str) -> None:
    fill(alerts=[alert()], repositories=[repository()])
    app = open_page("repository", **{parameter: "acme/gone"})
    assert "not in the data: `repository=acme/gone`" in texts(app)
    assert app.selectbox(key="repository").value is None


def test_a_link_to_a_workflow_that_is_not_in_the_data_is_told(fill: Fill, open_page: Open) -> None:
    fill(workflow_runs=[run()], workflows=[workflow()], repositories=[repository()])
    assert "not in the data: `analysed=acme/api: gone`" in texts(
        open_page("workflow_analysis", analysed="acme/api: gone")
    )
    told = texts(open_page("workflow_analysis", only_analysed="acme/api: gone"))
    assert "acme\\/api\\: gone has no runs with these filters" in told


def test_compact_sets_tables_closer_and_is_in_the_link(fill: Fill, open_page: Open) -> None:
    fill(workflow_runs=[run(run_id=n) for n in range(1, 4)], workflows=[workflow()], repositories=[repository()])
    usual, compact = (open_page("workflows", **chosen).dataframe[0].proto for chosen in ({}, {"compact": "true"}))
    assert (usual.row_height, compact.row_height) == (35, 26)
