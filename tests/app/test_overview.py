"""The overview: its figures, what needs attention, its empty states and its filters."""

from datetime import timedelta

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, alert, collection, repository, run, workflow

DAY = timedelta(days=1)


def some_alerts() -> list[dict[str, object]]:
    """Six alerts fixed after 1 to 6 days in the last 90, one open critical, one open low."""
    fixed = [
        alert(number=days, created_at=NOW - 10 * DAY - days * DAY, closed_at=NOW - 10 * DAY) for days in range(1, 7)
    ]
    return [*fixed, alert(number=7, severity="critical"), alert(number=8, severity="low")]


def some_runs() -> list[dict[str, object]]:
    """Nine runs that succeeded and then one that failed."""
    good = [run(run_id=number, created_at=NOW - number * DAY) for number in range(2, 11)]
    return [*good, run(run_id=11, created_at=NOW - DAY, conclusion="failure")]


def test_figures_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), workflow_runs=some_runs(), repositories=[repository()], workflows=[workflow()])
    assert figures(open_page("overview")) == {
        "Open alerts": "2",
        "Critical and high": "1",
        "Time to remediate": "3.5 days",
        "CI success rate": "90.0 %",
        "Failing workflows": "1",
        "Time to restore": "—",
    }


def test_change_is_against_the_previous_period(fill: Fill, open_page: Open) -> None:
    long_open = alert(number=1, created_at=NOW - 200 * DAY)
    fill(alerts=[long_open, alert(number=2), alert(number=3)])
    metric = open_page("overview").metric[0]
    assert (metric.value, metric.delta) == ("3", "+2")


def test_few_cases_are_said_to_be_few_and_show_no_change(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(number=n, closed_at=NOW - DAY) for n in range(1, 4)])
    app = open_page("overview")
    assert "n = 3, too few" in texts(app)
    assert app.metric[2].delta in ("", None)


def test_unknown_figure_is_a_dash_with_the_reason_and_never_zero(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()])
    app = open_page("overview")
    assert figures(app)["CI success rate"] == "—"
    assert figures(app)["Failing workflows"] == "—"
    assert "nothing collected yet" in texts(app)


def test_every_figure_has_its_definition(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), workflow_runs=some_runs())
    assert all("Left out" in metric.help for metric in open_page("overview").metric)


def test_failing_workflow_and_growing_backlog_need_attention(fill: Fill, open_page: Open) -> None:
    growing = [alert(number=number, repo="acme/web") for number in range(1, 6)]
    fill(workflow_runs=some_runs(), alerts=growing)
    table = open_page("overview").dataframe[0].value
    assert table.problem.tolist() == ["✕ Failing", "▲ Alerts pile up"]
    assert table.subject.tolist() == ["build", "acme/web"]
    assert "5 open alerts, 5 more" in table.detail[1]


def test_empty_store_says_what_to_do_and_shows_no_figure(open_page: Open) -> None:
    app = open_page("overview")
    assert not app.metric
    assert "nothing collected yet" in texts(app)
    assert "python -m backend collect" in app.code[0].value


def test_filtered_out_offers_to_reset(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(severity="low")], repositories=[repository(repo="acme/idle")], workflow_runs=some_runs())
    app = open_page("overview", repo="acme/idle")
    assert "nothing in this range and with these filters" in texts(app)
    app.button(key="reset_alerts").click().run()
    assert app.multiselect(key="repo").value == []
    assert figures(app)["Open alerts"] == "1"


def test_filter_changes_the_figures(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(number=1, repo="acme/api"), alert(number=2, repo="acme/web"), alert(number=3, repo="acme/web")])
    app = open_page("overview")
    assert figures(app)["Open alerts"] == "3"
    app.multiselect(key="repo").select("acme/web").run()
    assert figures(app)["Open alerts"] == "2"


def test_shared_link_restores_the_filters(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(number=1), alert(number=2, severity="low"), alert(number=3, kind="dependabot")])
    app = open_page("overview", range="30d", severity="High", kind="Code scanning")
    assert app.button_group(key="range").value == "30d"
    assert app.multiselect(key="severity").value == ["High"]
    assert figures(app)["Open alerts"] == "1"


def test_what_a_link_asks_for_in_vain_is_told(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()])
    app = open_page("overview", range="soon", repo="no/such", org="acme")
    assert "range=soon" in app.warning[0].value
    assert "repo=no/such" in app.warning[0].value
    assert figures(app)["Open alerts"] == "1"


def test_custom_range_takes_two_days(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(number=1, created_at=NOW - 100 * DAY), alert(number=2, created_at=NOW - 10 * DAY)])
    app = open_page("overview", range="custom", days=["2026-03-01", "2026-03-31"])
    assert figures(app)["Open alerts"] == "1"


def test_sample_data_is_called_so(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(source="demo")])
    assert "Sample data" in texts(open_page("overview"))


def test_old_data_and_incomplete_sources_are_told(fill: Fill, open_page: Open) -> None:
    forbidden = collection(dataset="dependabot", outcome="forbidden", reason="no permission")
    fill(collections=[collection(started_at=NOW - 5 * DAY), forbidden], alerts=[alert()])
    app = open_page("overview")
    assert "Collected 4 days ago" in texts(app)
    assert "1 source unknown" in texts(app)


def test_unusable_store_is_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "ftp://nowhere")
    assert "FETTLE_STORE" in open_page("overview").error[0].value
