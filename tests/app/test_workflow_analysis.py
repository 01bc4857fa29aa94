"""The Workflow analysis page: one workflow's figures, charts and jobs, and what a date changed."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, job, repository, run, workflow

DAY = timedelta(days=1)

LINT = {"workflow_id": 8, "workflow_name": "lint"}


def two_workflows() -> dict[str, list[Row]]:
    """build: a success of ten minutes on each of ten days, then four failures of twenty. lint: three successes."""
    good = [lasting(10, n, days_ago=n + 4) for n in range(1, 11)]
    bad = [lasting(20, 20 + n, days_ago=n, conclusion="failure") for n in range(1, 5)]
    lint = [run(run_id=40 + n, created_at=NOW - n * DAY, **LINT) for n in range(1, 4)]
    listed = [workflow(), workflow(workflow_id=8, name="lint")]
    return {"workflow_runs": [*good, *bad, *lint], "workflows": listed, "repositories": [repository()]}


def lasting(minutes: int, run_id: int, *, days_ago: int, **values: object) -> Row:
    start = NOW - days_ago * DAY
    ended_at = start + timedelta(minutes=minutes)
    return run(run_id=run_id, created_at=start, run_started_at=start, completed_at=ended_at, **values)


def table(app: AppTest, column: str) -> Row:
    """The values of the table that has this column, by column."""
    (found,) = [shown.value for shown in app.dataframe if column in shown.value]
    return {str(name): found[name].tolist() for name in found}


def test_figures_charts_and_tables_are_those_of_the_workflow_that_needs_attention(fill: Fill, open_page: Open) -> None:
    fill(**two_workflows())
    app = open_page("workflow_analysis", range="30d")
    assert app.selectbox(key="analysed").value == "acme/api: build"
    shown = figures(app)
    assert (shown["State"], shown["Success rate"]) == ("✕ Failing", "71.4 %")
    assert (shown["Duration, median"], shown["Duration, p95"]) == ("10.0 min", "20.0 min")
    assert (shown["Time to restore"], shown["Failures in a row"]) == ("—", "4")
    assert "none is over in the range, 1 still broken" in texts(app)
    assert "longest in the range: 4" in texts(app)
    assert len(app.get("plotly_chart")) == 5
    assert table(app, "run_number")["duration_s"] == [20.0] * 4 + [10.0] * 10
    for heading in ("Run duration", "Time in the queue", "How runs ended", "When it runs", "Newest runs, one by one"):
        assert heading in texts(app), heading


def test_link_chooses_a_workflow_and_so_does_the_box(fill: Fill, open_page: Open) -> None:
    fill(**two_workflows())
    app = open_page("workflow_analysis", only_analysed="acme/api: lint", range="30d")
    assert app.selectbox(key="analysed").value == "acme/api: lint"
    assert (figures(app)["State"], figures(app)["Failures in a row"]) == ("✓ Healthy", "0")
    assert app.button_group(key="range").value == "30d"
    assert "only_analysed" not in app.query_params
    app.selectbox(key="analysed").select("acme/api: build").run()
    assert figures(app)["State"] == "✕ Failing"


@pytest.mark.slow
def test_date_of_the_comparison_halves_the_range_unless_one_is_chosen(fill: Fill, open_page: Open) -> None:
    fill(**two_workflows())
    app = open_page("workflow_analysis", range="30d")
    assert "Before and after 16 Jun 2026" in texts(app)
    assert table(app, "reading")["reading"][0] == "n = 0 and 14"
    app.date_input(key="split").set_value(date(2026, 6, 24)).run()
    assert "Before and after 24 Jun 2026" in texts(app)
    found = table(app, "reading")
    assert found["reading"][0] == "n = 7 and 7"
    assert (found["before"][1], found["after"][1], found["change"][1]) == ("100.0 %", "42.9 %", "-57.1 points")
    assert (found["before"][2], found["after"][2], found["change"][2]) == ("10.0 min", "20.0 min", "+100 %")
    assert found["reading"][2] == "longer after, unlikely by chance (n = 7 and 7)"
    assert "too few to tell" in found["reading"][1]


def test_shared_link_restores_the_date_and_the_filters_which_change_the_result(fill: Fill, open_page: Open) -> None:
    world = two_workflows()
    elsewhere = [lasting(20, 60 + n, days_ago=n, repo="globex/web") for n in range(1, 7)]
    fill(**{**world, "workflow_runs": [*world["workflow_runs"], *elsewhere]})
    app = open_page("workflow_analysis", range="30d", repo="globex/web", split="2026-06-28", log="true")
    assert (app.multiselect(key="repo").value, app.toggle(key="log").value) == (["globex/web"], True)
    assert app.date_input(key="split").value == date(2026, 6, 28)
    assert app.selectbox(key="analysed").options == ["globex/web: build"]
    assert table(app, "run_number")["run_number"] == [61, 62, 63, 64, 65, 66]
    assert table(app, "reading")["reading"][0] == "n = 3 and 3"
    app.multiselect(key="repo").set_value([]).run()
    assert app.selectbox(key="analysed").options == ["acme/api: build", "acme/api: lint", "globex/web: build"]
    assert app.selectbox(key="analysed").value == "globex/web: build"


def test_without_jobs_the_page_says_which_key_has_them_collected(fill: Fill, open_page: Open) -> None:
    """And a link to a workflow that is gone shows the first."""
    fill(**two_workflows())
    app = open_page("workflow_analysis", only_analysed="no/such: one", range="30d")
    assert app.selectbox(key="analysed").value == "acme/api: build"
    assert "Workflow jobs: none in this range" in texts(app)
    assert [code.value for code in app.code] == ['[collect]\njobs = ["acme/api"]']


@pytest.mark.slow
def test_jobs_of_runs_are_listed_slowest_first(fill: Fill, open_page: Open) -> None:
    at = {"run_id": 21, "created_at": NOW - DAY}
    known = [
        job(job_id=1, name="lint", duration_s=60.0, **at),
        job(job_id=2, name="test", duration_s=900.0, conclusion="failure", **at),
        job(job_id=3, name="test", duration_s=300.0, run_attempt=2, **at),
        job(job_id=4, name="other", workflow_name="lint", **{**at, "run_id": 41}),
    ]
    fill(**two_workflows(), workflow_jobs=known)
    app = open_page("workflow_analysis", range="30d")
    found = table(app, "flaky_runs")
    assert (found["name"], found["p50_s"], found["flaky_runs"]) == (["test", "lint"], [10.0, 1.0], [1, 0])
    assert (found["failure_rate"], found["n"]) == ([50.0, 0.0], [2, 1])
    assert not app.code


def test_a_workflow_without_a_run_in_the_range_says_so(fill: Fill, open_page: Open) -> None:
    fill(workflow_runs=[run(created_at=NOW - 50 * DAY), run(run_id=2, created_at=NOW - DAY, **LINT)])
    app = open_page("workflow_analysis", only_analysed="acme/api: build", range="30d")
    assert figures(app)["State"] == "✓ Healthy"
    assert figures(app)["Duration, median"] == "—"
    assert "Workflow runs: nothing in this range and with these filters" in texts(app)
    assert not app.get("plotly_chart")


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Workflows and workflow runs: nothing collected yet" in texts(open_page("workflow_analysis"))
