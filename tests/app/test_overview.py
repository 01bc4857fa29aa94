"""The overview: its figures, what needs attention, its empty states and its filters."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shared.datasets import HEALTH_HISTORY
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, agent_session, alert, collection, job, repository, run, workflow

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


def kept_score(repo: str, day: datetime, score: float) -> Row:
    """A row of health_history: a repository at risk at the end of a day."""
    kept = {"subject": f"repo:{repo}", "day": day, "complete": True, "score": score, "tier": "at_risk", "unknown": 0}
    return {**dict.fromkeys(HEALTH_HISTORY.schema.names), **kept, "collected_at": NOW, "source": "rollup"}


def test_figures_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), workflow_runs=some_runs(), repositories=[repository()], workflows=[workflow()])
    assert figures(open_page("overview")) == {
        "Open alerts": "2",
        "Time to remediate": "3.5 days",
        "SLA compliance": "66.7 %",
        "CI success rate": "90.0 %",
        "Failing workflows": "1",
        "Repositories at risk": "0",
        "Agent sessions": "—",
        "Cost of runs": "—",
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
    assert app.metric[1].delta in ("", None)


def test_unknown_figure_is_a_dash_with_the_reason_and_never_zero(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()])
    app = open_page("overview")
    assert figures(app)["CI success rate"] == "—"
    assert figures(app)["Cost of runs"] == "—"
    assert figures(app)["Agent sessions"] == "—"
    assert "nothing collected yet" in texts(app)


def test_every_figure_has_its_definition(fill: Fill, open_page: Open) -> None:
    fill(alerts=some_alerts(), workflow_runs=some_runs())
    assert all("Left out" in metric.help for metric in open_page("overview").metric)


def links(app: AppTest) -> dict[str, str]:
    """Every link of the page: its label with what it narrows."""
    return {link.proto.label: link.proto.query_string for link in app.get("page_link")}


def opened(app: AppTest, key: str) -> pd.DataFrame:
    """The table in an expander that is closed at first."""
    app.session_state[key] = True
    return app.run().dataframe[0].value


def test_sessions_and_cost_are_told_where_they_are_known(fill: Fill, open_page: Open) -> None:
    started = [agent_session(session_id=str(n), created_at=NOW - n * 40 * DAY) for n in range(5)]
    jobs = [job(job_id=n, run_id=n, created_at=NOW - n * DAY) for n in range(2, 12)]
    fill(workflow_runs=some_runs(), workflow_jobs=jobs, agent_sessions=started)
    shown = figures(open_page("overview"))
    assert shown["Agent sessions"] == "2"
    assert shown["Cost of runs"] == "0.30 USD"


def test_repositories_at_risk_are_against_those_kept_when_the_range_began(fill: Fill, open_page: Open) -> None:
    worst = [alert(number=n, severity="critical", created_at=NOW - 60 * DAY) for n in range(1, 30)]
    day = (NOW - 90 * DAY).replace(hour=0)
    fill(alerts=worst, health_history=[kept_score(f"acme/{n}", day, 20.0 + n) for n in range(3)])
    metric = next(metric for metric in open_page("overview").metric if metric.label == "Repositories at risk")
    assert (metric.value, metric.delta) == ("1", "-2")


def test_what_needs_someone_is_told_by_kind_and_leads_to_its_place(fill: Fill, open_page: Open) -> None:
    quiet = repository(repo="acme/quiet", pushed_at=NOW - 55 * DAY)
    nightly = [
        run(repo="acme/quiet", run_id=50 + n, workflow_name="nightly", event="schedule", created_at=NOW - n * DAY)
        for n in range(1, 8)
    ]
    scan = {"repo": "acme/web", "workflow_name": "CodeQL", "workflow_path": "codeql.yml"}
    scans = [run(**scan, run_id=70 + n, created_at=NOW - (40 + n) * DAY) for n in range(5)]
    due = alert(number=9, repo="acme/web", rule_id="py/eval", severity="low", created_at=NOW - 9 * DAY)
    fill(workflow_runs=[*some_runs(), *nightly, *scans], repositories=[repository(), quiet], alerts=[due])
    app = open_page("overview")
    found = links(app)
    assert (
        found["**build** in acme\\/api: 1 failed run in a row on the default branch"]
        == "only_analysed=acme%2Fapi%3A+build"
    )
    sla = next(
        label for label in found if label.startswith("**py\\/eval \\#9** in acme\\/web: low\\, its limit ends in")
    )
    assert found[sla] == "only_repo=acme%2Fweb&only_due=7+days"
    assert any(label.startswith("**CodeQL** in acme\\/web: no scan for 40") for label in found)
    assert any("GitHub stops its schedule in 5 days" in label for label in found)
    table = opened(app, "all_attention")
    assert table.problem.tolist() == [
        "✕ Failing workflows",
        "◷ SLA ends within 7 days",
        "◌ Silent scanners",
        "◔ Schedules about to be switched off",
        "◷ Stale workflows",
    ]


def test_what_changed_is_told_with_bad_news_beside_good(fill: Fill, open_page: Open) -> None:
    growing = [alert(number=number, repo="acme/web") for number in range(1, 6)]
    shrinking = [
        alert(number=number, repo="acme/api", created_at=NOW - 200 * DAY, closed_at=NOW - DAY) for number in range(4)
    ]
    fill(workflow_runs=some_runs(), alerts=[*growing, *shrinking])
    app = open_page("overview")
    found = links(app)
    grown = "▲ More open alerts: **acme\\/web**, 5 open alerts\\, 5 more than when the range began"
    assert found[grown] == "only_repo=acme%2Fweb"
    assert any(label.startswith("✕ Started to fail: **build**") for label in found)
    assert any(label.startswith("▼ Fewer open alerts: **acme\\/api**, 0 open alerts\\, 4 fewer") for label in found)
    table = opened(app, "all_changes")
    assert table.change.tolist()[0] == "✕ Started to fail"
    app.button_group(key="range").set_value("all").run()
    assert "has no previous period" in texts(app)


def test_a_link_to_the_sla_page_opens_the_worklist_at_what_is_due(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(number=1), alert(number=2, severity="low", created_at=NOW - 9 * DAY)])
    app = open_page("sla", only_due="7 days")
    assert app.button_group(key="due").value == "7 days"
    assert app.dataframe[0].value.number.tolist() == [2]


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
