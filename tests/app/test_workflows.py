"""The workflows page: every workflow with its state, and how runs fare over time."""

from datetime import timedelta

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, repository, run, workflow

DAY = timedelta(days=1)


def three_workflows() -> dict[str, list[dict[str, object]]]:
    """One that fails, one that is healthy and one that has never run."""
    healthy = [run(run_id=n, created_at=NOW - n * DAY) for n in range(1, 11)]
    failing = [
        run(run_id=20 + n, workflow_id=8, workflow_name="deploy", created_at=NOW - n * DAY, conclusion="failure")
        for n in (1, 2)
    ]
    listed = [workflow(), workflow(workflow_id=8, name="deploy"), workflow(workflow_id=9, name="release")]
    return {"workflow_runs": [*healthy, *failing], "workflows": listed, "repositories": [repository()]}


def test_states_are_tallied_and_failing_comes_first(fill: Fill, open_page: Open) -> None:
    fill(**three_workflows())
    app = open_page("workflows")
    tally = figures(app)
    assert (tally["Failing"], tally["Healthy"], tally["Never run"], tally["Stale"]) == ("1", "1", "1", "0")
    table = app.dataframe[0].value
    assert table.workflow_name.tolist() == ["deploy", "build", "release"]
    assert [chip[0] for chip in table.state] == ["✕ Failing", "✓ Healthy", "◌ Never run"]
    assert table.failure_streak.tolist() == [2, 0, 0]


def test_durations_are_in_minutes(fill: Fill, open_page: Open) -> None:
    start = NOW - DAY
    times = {"run_started_at": start, "completed_at": start + timedelta(minutes=12)}
    fill(workflow_runs=[run(created_at=start, **times)])
    assert open_page("workflows").dataframe[0].value.p50_s.tolist() == [12.0]


def test_time_to_restore_is_from_the_failure_to_the_next_success(fill: Fill, open_page: Open) -> None:
    broken = [
        run(
            run_id=n,
            created_at=NOW - n * DAY,
            completed_at=NOW - n * DAY,
            conclusion="failure" if n % 2 == 0 else "success",
        )
        for n in range(1, 13)
    ]
    fill(workflow_runs=broken)
    app = open_page("workflows")
    assert figures(app)["Time to restore"] == "24.0 h"
    assert "of 6 episodes" in texts(app)


def test_branch_changes_what_is_judged(fill: Fill, open_page: Open) -> None:
    on_main = run(run_id=1, created_at=NOW - 2 * DAY)
    on_dev = run(run_id=2, created_at=NOW - DAY, branch="dev", conclusion="failure")
    fill(workflow_runs=[on_main, on_dev])
    app = open_page("workflows")
    assert figures(app)["Failing"] == "0"
    app.selectbox(key="branch").select("dev").run()
    assert figures(app)["Failing"] == "1"
    app.selectbox(key="branch").select("All branches").run()
    assert figures(app)["Failing"] == "1"


def test_runs_of_bots_can_be_left_out(fill: Fill, open_page: Open) -> None:
    fill(workflow_runs=[run(run_id=1), run(run_id=2, actor_is_bot=True)])
    app = open_page("workflows")
    assert app.dataframe[0].value.runs.tolist() == [2]
    app.toggle(key="bots").set_value(False).run()
    assert app.dataframe[0].value.runs.tolist() == [1]


@pytest.mark.slow
def test_shared_link_restores_workflow_and_branch(fill: Fill, open_page: Open) -> None:
    fill(**three_workflows())
    app = open_page("workflows", workflow="deploy", branch="main", bots="false")
    assert app.dataframe[0].value.workflow_name.tolist() == ["deploy"]
    assert app.selectbox(key="branch").value == "main"
    assert app.toggle(key="bots").value is False


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Workflows and workflow runs: nothing collected yet" in texts(open_page("workflows"))


@pytest.mark.slow
def test_link_from_another_page_narrows_and_keeps_the_other_filters(fill: Fill, open_page: Open) -> None:
    fill(**three_workflows())
    app = open_page("workflows", only_repo="acme/api", only_workflow="deploy", range="30d")
    assert app.dataframe[0].value.workflow_name.tolist() == ["deploy"]
    assert app.multiselect(key="repo").value == ["acme/api"]
    assert app.button_group(key="range").value == "30d"


@pytest.mark.slow
def test_link_to_what_is_gone_narrows_nothing(fill: Fill, open_page: Open) -> None:
    fill(**three_workflows())
    assert len(open_page("workflows", only_repo="no/such").dataframe[0].value) == 3
