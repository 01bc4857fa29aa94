"""The overview: its figures, what needs attention, its empty states and its filters."""

import json
from datetime import datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from shared.datasets import HEALTH_HISTORY
from tests.app.conftest import APP, PATIENCE_S, Fill, Open, alone, figures, put, texts
from tests.builders import NOW, Row, agent_session, alert, job, repository, run

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


def busy() -> dict[str, list[Row]]:
    """Something of every kind that the page tells of."""
    nightly = {"repo": "acme/quiet", "workflow_name": "nightly", "event": "schedule"}
    scan = {"repo": "acme/web", "workflow_name": "CodeQL", "workflow_path": "codeql.yml"}
    due = alert(number=9, repo="acme/web", rule_id="py/eval", severity="low", created_at=NOW - 9 * DAY)
    day = (NOW - 90 * DAY).replace(hour=0)
    return {
        "repositories": [repository(), repository(repo="acme/quiet", pushed_at=NOW - 55 * DAY)],
        "workflow_runs": [
            *some_runs(),
            *(run(**nightly, run_id=50 + n, created_at=NOW - n * DAY) for n in range(1, 8)),
            *(run(**scan, run_id=70 + n, created_at=NOW - (40 + n) * DAY) for n in range(5)),
        ],
        "workflow_jobs": [job(job_id=n, run_id=n, created_at=NOW - n * DAY) for n in range(2, 12)],
        "alerts": [
            *some_alerts(),
            due,
            *(alert(number=n, repo="acme/web", severity="critical") for n in range(20, 50)),
            *(alert(number=n, repo="acme/old", created_at=NOW - 200 * DAY, closed_at=NOW - DAY) for n in range(4)),
        ],
        "agent_sessions": [agent_session(session_id=str(n), created_at=NOW - n * 40 * DAY) for n in range(5)],
        "health_history": [kept_score(f"acme/{n}", day, 20.0 + n) for n in range(3)],
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """The page of a busy store with its tables open, drawn once since it asks a lot."""
    folder = tmp_path_factory.mktemp("busy")
    with pytest.MonkeyPatch.context() as patch, alone(folder, patch):
        put(folder, **busy())
        app = AppTest.from_file(APP, default_timeout=PATIENCE_S)
        app.session_state["all_attention"] = app.session_state["all_changes"] = True
        app.run()
    assert not app.exception, app.exception
    return app


def links(app: AppTest) -> dict[str, str]:
    """Every link of the page: its label without the marks before its signs, with what it narrows."""
    return {link.proto.label.replace("\\", ""): link.proto.query_string for link in app.get("page_link")}


def narrowed(app: AppTest, beginning: str) -> str:
    """What the one link narrows that begins with a text."""
    (found,) = [query for label, query in links(app).items() if label.startswith(beginning)]
    return found


def test_figures_are_those_of_the_data(page: AppTest) -> None:
    assert figures(page) == {
        "Open alerts": "33",
        "Time to remediate": "5.5 days",
        "SLA compliance": "40.0 %",
        "CI success rate": "95.5 %",
        "Failing workflows": "1",
        "Repositories at risk": "2",
        "Agent sessions": "2",
        "Cost of runs": "0.30 USD",
    }
    assert all("Left out" in metric.help for metric in page.metric)


def test_repositories_at_risk_are_against_those_kept_when_the_range_began(page: AppTest) -> None:
    assert next(metric.delta for metric in page.metric if metric.label == "Repositories at risk") == "-1"


def test_what_needs_someone_is_told_by_kind_and_leads_to_its_place(page: AppTest) -> None:
    failing = "**build** in acme/api: 1 failed run in a row on the default branch"
    assert links(page)[failing] == "only_analysed=acme%2Fapi%3A+build"
    assert (
        narrowed(page, "**py/eval #9** in acme/web: low, its limit ends in") == "only_repo=acme%2Fweb&only_due=7+days"
    )
    assert narrowed(page, "**acme/web**: score ") == "only_repository=acme%2Fweb"
    assert narrowed(page, "**CodeQL** in acme/web: no scan for 40.0 days") == "only_repository=acme%2Fweb"
    assert narrowed(page, "**nightly** in acme/quiet: GitHub stops its schedule in 5 days").startswith("only_analysed=")
    assert page.dataframe[0].value.problem.tolist() == [
        "✕ Failing workflows",
        "◷ SLA ends within 7 days",
        "◷ SLA ends within 7 days",
        "✕ Repositories at risk",
        "✕ Repositories at risk",
        "◌ Silent scanners",
        "◔ Schedules about to be switched off",
        "◷ Stale workflows",
    ]


def test_what_changed_is_told_with_bad_news_beside_good(page: AppTest) -> None:
    grown = "▲ More open alerts: **acme/web**, 31 open alerts, 31 more than when the range began"
    assert links(page)[grown] == "only_repo=acme%2Fweb"
    assert narrowed(page, "✕ Started to fail: **build** in acme/api, broken for") == "only_analysed=acme%2Fapi%3A+build"
    assert narrowed(page, "▲ More beyond their limit: **acme/web**, 30 open, 30 new breaches") == "only_repo=acme%2Fweb"
    fallen = "▼ Fewer open alerts: **acme/old**, 0 open alerts, 4 fewer than when the range began"
    assert links(page)[fallen] == "only_repo=acme%2Fold"
    assert page.dataframe[1].value.change.tolist()[-1] == "▼ Fewer open alerts"


def test_open_alerts_are_broken_down_by_severity_and_family(page: AppTest) -> None:
    by_severity, by_family = (json.loads(chart.proto.spec)["data"][0] for chart in page.get("plotly_chart")[1:3])
    assert by_severity["y"][0].endswith("Critical")
    assert by_family["y"] == ["Injection"]


def test_changes_are_against_the_previous_period_where_there_is_one(fill: Fill, open_page: Open) -> None:
    fixed = [alert(number=n, closed_at=NOW - DAY) for n in (4, 5, 6)]
    fill(alerts=[alert(created_at=NOW - 200 * DAY), alert(number=2), alert(number=3), *fixed])
    app = open_page("overview")
    opened, took = app.metric[:2]
    assert (opened.value, opened.delta) == ("3", "+2")
    assert (took.value, took.delta) == ("9.0 days", "")
    assert "n = 3, too few" in texts(app)


@pytest.mark.slow
def test_all_time_has_no_previous_period(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert(created_at=NOW - 200 * DAY)])
    app = open_page("overview", range="all")
    assert app.metric[0].delta == ""
    assert "has no previous period" in texts(app)


def test_filters_change_the_figures(fill: Fill, open_page: Open) -> None:
    fill(
        alerts=[alert(), alert(number=2, severity="low"), alert(number=3, kind="dependabot")],
        repositories=[repository(repo="acme/idle")],
    )
    app = open_page("overview", severity="High", kind="Code scanning")
    assert app.multiselect(key="severity").value == ["High"]
    assert figures(app)["Open alerts"] == "1"
    assert {figures(app)[title] for title in ("CI success rate", "Failing workflows", "Cost of runs")} == {"—"}
    assert "nothing collected yet" in texts(app)


@pytest.mark.slow
def test_filters_that_leave_nothing_say_so(fill: Fill, open_page: Open) -> None:
    fill(alerts=[alert()], repositories=[repository(repo="acme/idle")])
    app = open_page("overview")
    app.multiselect(key="repo").select("acme/idle").run()
    assert "nothing in this range and with these filters" in texts(app)
    app.button(key="reset_alerts").click().run()
    assert app.multiselect(key="repo").value == []


def test_empty_store_says_what_to_do_and_shows_no_figure(open_page: Open) -> None:
    app = open_page("overview")
    assert not app.metric
    assert "nothing collected yet" in texts(app)
    assert "python -m backend collect" in app.code[0].value


def test_unusable_store_is_one_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FETTLE_STORE", "ftp://nowhere")
    assert "FETTLE_STORE" in open_page("overview").error[0].value
