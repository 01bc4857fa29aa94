"""The Deployments page: the four DORA figures, or how to get them."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, merged_change, repository, run, workflow

DAY = timedelta(days=1)


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policy.toml").write_text('[delivery]\ndeployments = ["acme/*:ship*"]\n')
    monkeypatch.setenv("FETTLE_POLICY", str(tmp_path / "policy.toml"))


def deployed() -> dict[str, list[Row]]:
    """Ten deployments of acme/api two days apart, of which the third last failed, and one of acme/web."""
    rows = [
        run(
            run_id=n,
            workflow_name="ship it",
            created_at=NOW - 2 * n * DAY,
            conclusion="failure" if n == 3 else "success",
        )
        for n in range(1, 11)
    ]
    other = run(run_id=99, repo="acme/web", workflow_name="ship it", created_at=NOW - DAY)
    changes = [
        merged_change(number=n, created_at=NOW - (2 * n + 3) * DAY, merged_at=NOW - 2 * n * DAY - DAY)
        for n in (1, 2, 3, 4, 5)
    ]
    return {"workflow_runs": [*rows, other], "pull_requests": changes, "repositories": [repository()]}


@pytest.mark.usefixtures("named")
def test_figures_and_ledgers_are_those_of_the_data(fill: Fill, open_page: Open) -> None:
    fill(**deployed())
    app = open_page("delivery", range="30d")
    assert figures(app) == {
        "Frequency": "2.3 a week",
        "Lead time": "3.0 days",
        "Change failure rate": "9.1 %",
        "Time to restore": "2.0 days",
        "Not restored yet": "0",
    }
    said = texts(app)
    assert "High, of 10 successes" in said
    assert "High, of 5 changes" in said
    assert "Elite, of 11 deployments" in said
    assert "High, n = 1, too few" in said
    tables = [table.value for table in app.dataframe]
    ledger = next(table for table in tables if "outcome" in table)
    assert ledger.outcome.value_counts().to_dict() == {"Succeeded": 10, "Failed": 1}
    assert [round(value, 1) for value in ledger.restored_after_s.dropna()] == [48.0]
    changes = next(table for table in tables if "merged_at" in table)
    assert len(changes) == 5


@pytest.mark.usefixtures("named")
def test_repository_filter_changes_the_figures(fill: Fill, open_page: Open) -> None:
    fill(**deployed())
    app = open_page("delivery", repo="acme/web")
    assert figures(app)["Change failure rate"] == "0.0 %"
    assert figures(app)["Lead time"] == "—"
    assert "Pull requests: nothing in this range" in texts(app)


@pytest.mark.slow
@pytest.mark.usefixtures("named")
def test_shared_link_restores_breakdown_and_scale(fill: Fill, open_page: Open) -> None:
    fill(**deployed())
    app = open_page("delivery", delivery_by="Organisation", log="true", range="1y")
    assert app.button_group(key="delivery_by").value == "Organisation"
    assert app.toggle(key="log").value is True
    assert "Deployments by organisation" in texts(app)


@pytest.mark.usefixtures("named")
def test_a_policy_that_fits_no_run_is_told(fill: Fill, open_page: Open) -> None:
    fill(workflow_runs=[run()])
    app = open_page("delivery")
    assert set(figures(app).values()) == {"—", "0"}
    assert "`acme/*:ship*`" in texts(app)


def test_without_a_policy_the_page_offers_likely_workflows(fill: Fill, open_page: Open) -> None:
    listed = [workflow(), workflow(workflow_id=8, name="Production", path=".github/workflows/deploy-prod.yml")]
    fill(workflow_runs=[run()], workflows=listed)
    app = open_page("delivery")
    assert not app.metric
    assert "delivery.deployments" in texts(app)
    assert 'deployments = ["acme/api:deploy-prod.yml"]' in app.code[0].value
    assert app.dataframe[0].value.workflow_name.to_list() == ["Production"]


def test_without_a_policy_or_data_the_page_has_an_example(open_page: Open) -> None:
    app = open_page("delivery")
    assert "acme/shop:deploy.yml" in app.code[0].value
    assert "No workflow has deploy" in texts(app)
