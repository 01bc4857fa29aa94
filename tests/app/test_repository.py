"""The repository page: everything of one repository, and nothing of the others."""

from datetime import timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, agent_session, alert, collection, pull_request, repository, run, workflow

DAY = timedelta(days=1)


def two_repositories() -> dict[str, list[Row]]:
    return {
        "repositories": [repository(topics=["payments"], owner_team="core"), repository(repo="acme/web")],
        "alerts": [
            alert(number=1, severity="low", created_at=NOW - 30 * DAY),
            alert(number=2, severity="critical"),
            alert(number=3, closed_at=NOW - DAY),
            alert(repo="acme/web", number=4),
        ],
        "workflow_runs": [run(), run(repo="acme/web", run_id=2, workflow_name="web", conclusion="failure")],
        "workflows": [workflow(), workflow(repo="acme/web", name="web")],
        "agent_sessions": [agent_session(), agent_session(session_id="2", repo="acme/web")],
        "pull_requests": [pull_request(), pull_request(number=2, repo="acme/web")],
        "collections": [collection(dataset="code_scanning"), collection(dataset="dependabot", outcome="forbidden")],
    }


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The first table that has a column."""
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


def test_all_of_one_repository_and_nothing_of_the_others(fill: Fill, open_page: Open) -> None:
    fill(**two_repositories())
    app = open_page("repository", repository="acme/api")
    assert figures(app)["Open alerts"] == "2"
    assert figures(app)["CI success rate"] == "100.0 %"
    signals = table(app, "known").set_index("title")
    assert signals.index.tolist() == ["Security", "SLA", "CI", "Freshness", "Remediation", "Agent flow"]
    assert signals.known["Security"] == "1 critical, 1 low open"
    assert abs(signals.lost.sum() - (100 - float(figures(app)["Health score"]))) < 0.06
    assert table(app, "rule_id").number.tolist() == [2, 1], "worst first"

    app.selectbox(key="repository").select("acme/web").run()
    assert table(app, "rule_id").number.tolist() == [4]
    assert figures(app)["CI success rate"] == "0.0 %"
    unknown = table(app, "known").set_index("title")
    assert unknown.known["Remediation"] == "Unknown: no alert with a limit was fixed in 90 days"
    assert unknown.signal.isna()["Remediation"]


def test_parts_are_drawn_when_a_link_opens_them(fill: Fill, open_page: Open) -> None:
    fill(**two_repositories())
    app = open_page("repository", repository="acme/api", part="Workflows")
    assert table(app, "workflow_name").workflow_name.tolist() == ["build"]
    app = open_page("repository", repository="acme/api", part="Agents")
    assert table(app, "provider").title.tolist() == ["Fix an alert"]
    assert table(app, "merged_at").number.tolist() == [5]
    app = open_page("repository", repository="acme/api", part="Configuration")
    told = table(app, "value").set_index("name").value
    assert told[["Default branch", "Topics", "Owner team", "Archived"]].tolist() == ["main", "payments", "core", "no"]
    assert table(app, "covered_since").outcome.tolist() == ["✕ Forbidden", "✓ Ok"]


def test_without_a_choice_the_worst_are_offered_and_links_choose_one(fill: Fill, open_page: Open) -> None:
    fill(**two_repositories())
    app = open_page("repository", only_repository="no/such")
    assert "Choose a repository" in texts(app)
    assert [link.proto.query_string for link in app.get("page_link")][-2:] == [
        "only_repository=acme%2Fweb",
        "only_repository=acme%2Fapi",
    ]
    app = open_page("repository", only_repository="acme/web", range="30d")
    assert app.selectbox(key="repository").value == "acme/web"
    assert app.button_group(key="range").value == "30d"


@pytest.mark.slow
def test_archived_repository_is_scored_on_its_own_page(fill: Fill, open_page: Open) -> None:
    fill(repositories=[repository(archived=True)], alerts=[alert()])
    app = open_page("repository", repository="acme/api")
    assert figures(app)["Health score"] == "51.4"
    assert table(app, "known").known[0] == "1 high open"


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "nothing collected yet" in texts(open_page("repository"))
