"""The Flaky and cost page: what runs cost, where, and what of it flakes wasted."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, job, run

DAY = timedelta(days=1)


def some_runs() -> dict[str, list[Row]]:
    """A flake with three jobs of five minutes, one of them on Windows, and a run in another repository without any."""
    failed = run(conclusion="failure", is_latest_attempt=False)
    again = run(run_attempt=2, run_started_at=NOW - timedelta(minutes=30), actor="hubot")
    bare = run(run_id=2, repo="acme/web", created_at=NOW - DAY, workflow_name="lint")
    jobs = [
        job(),
        job(job_id=2, labels=["windows-latest"]),
        job(job_id=3, run_attempt=2, created_at=NOW - timedelta(minutes=30)),
    ]
    return {"workflow_runs": [failed, again, bare], "workflow_jobs": jobs}


def test_figures_and_tables_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(**some_runs())
    app = open_page("flaky_and_cost")
    assert figures(app) == {
        "Cost": "0.11 USD",
        "Estimated cost": "0.03 USD",
        "Minutes": "15",
        "Flakes": "1",
        "Minutes wasted": "10",
        "Cost wasted": "0.08 USD",
    }
    assert "The jobs of 66.7 % of 3 attempts are known" in texts(app)
    tables = [table.value for table in app.dataframe]
    ledger = next(table for table in tables if "minutes_from" in table)
    assert (ledger.head_sha[0], ledger.failed_attempts[0], ledger.wasted_minutes[0]) == ("0000000", 1, 10)
    ranked = next(table for table in tables if "flake_rate" in table)
    assert (ranked.workflow_name.to_list(), ranked.flake_rate.to_list()) == (["build"], [100.0])


@pytest.mark.slow
def test_shared_link_restores_breakdown_and_measure(fill: Fill, open_page: Open) -> None:
    fill(**some_runs())
    app = open_page("flaky_and_cost", cost_by="Runner", measure="Minutes", range="30d")
    assert app.button_group(key="cost_by").value == "Runner"
    assert app.button_group(key="range").value == "30d"
    assert "Minutes by runner" in texts(app)


def test_repository_filter_changes_the_figures(fill: Fill, open_page: Open) -> None:
    fill(**some_runs())
    app = open_page("flaky_and_cost", repo="acme/web")
    assert figures(app)["Cost"] == "—"
    assert figures(app)["Flakes"] == "0"
    assert "no jobs collected" in texts(app)
    assert "Nothing failed and then succeeded" in texts(app)


def test_prices_of_the_policy_apply(
    fill: Fill, open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = '[cost]\ncurrency = "EUR"\nincluded_minutes = 2000\n[cost.per_minute]\n"ubuntu*" = 1.5\n'
    (tmp_path / "policy.toml").write_text(policy)
    monkeypatch.setenv("FETTLE_POLICY", str(tmp_path / "policy.toml"))
    fill(**some_runs())
    app = open_page("flaky_and_cost")
    assert figures(app)["Cost"] == "15.00 EUR"
    assert figures(app)["Estimated cost"] == "—"
    assert "includes 2,000 minutes a month" in texts(app)
    assert "5 minutes ran where the policy has no price" in texts(app)


@pytest.mark.slow
def test_periods_with_and_without_jobs_are_not_compared(fill: Fill, open_page: Open) -> None:
    before = [run(run_id=90 + n, created_at=NOW - 100 * DAY) for n in range(5)]
    world = some_runs()
    fill(workflow_runs=[*world["workflow_runs"], *before], workflow_jobs=world["workflow_jobs"])
    shown = {metric.label: metric.delta for metric in open_page("flaky_and_cost").metric}
    assert shown["Cost"] in ("", None)
    assert shown["Estimated cost"] in ("", None)
    assert shown["Flakes"] == "+1"


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "Workflow runs and workflow jobs: nothing collected yet" in texts(open_page("flaky_and_cost"))
