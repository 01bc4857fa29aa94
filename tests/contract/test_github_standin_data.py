"""What the GitHub stand-in holds comes back as GitHub would give it: shipped data, alerts, pulls."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.recorded import own, recorded
from tests.standins.github import DATA, AlertName, GitHubStandin, State, load_shipped
from tests.standins.github.reader import get, walk

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout")

SHOP = "acme/shop"
DAY = "2026-03-01T{:02}:00:00Z"
KINDS: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")


@pytest.fixture
def gh() -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo(SHOP)
        yield standin


@pytest.fixture(scope="module")
def shipped() -> Iterator[GitHubStandin]:
    state = State()
    load_shipped(state)
    with GitHubStandin(state) as standin:
        yield standin


def test_shipped_runs_come_back_exactly_as_recorded(shipped: GitHubStandin) -> None:
    runs = own(shipped, recorded("runs/ionic_stencil_workflow_runs.json"))
    served = walk(shipped, "/repos/ionic-team/ionic-framework/actions/runs", per_page=100)
    assert {str(run["id"]): run for run in served} == runs


@pytest.mark.parametrize(
    ("kind", "repo", "file"),
    [
        ("code-scanning", "Tibule12/AutoPromote", "code_scanning_autopromote"),
        ("dependabot", "AvansHogeschoolBreda/openmrsmodule", "dependabot_openmrs"),
    ],
)
def test_shipped_alerts_come_back_exactly_as_recorded(shipped: GitHubStandin, kind: str, repo: str, file: str) -> None:
    alerts = own(shipped, recorded(f"alerts/{file}.json"))
    served = walk(shipped, f"/repos/{repo}/{kind}/alerts", per_page=100)
    assert sorted(served, key=lambda a: a["number"]) == sorted(alerts, key=lambda a: a["number"])


@pytest.mark.parametrize("kind", KINDS)
def test_organisation_alerts_name_their_repository(gh: GitHubStandin, kind: AlertName) -> None:
    gh.state.new_alert(SHOP, kind)
    (alert,) = get(gh, f"/orgs/acme/{kind}/alerts").json()
    assert alert["repository"]["full_name"] == SHOP
    assert "repository" not in get(gh, f"/repos/{SHOP}/{kind}/alerts").json()[0]


@pytest.mark.parametrize("kind", KINDS)
def test_an_alert_can_be_fixed_dismissed_and_reopened(gh: GitHubStandin, kind: AlertName) -> None:
    def shown() -> Any:
        return get(gh, f"/repos/{SHOP}/{kind}/alerts").json()[0]

    before = gh.state.new_alert(SHOP, kind, at=DAY.format(1))
    ends = {"secret-scanning": ("resolved", "resolved", "resolved_at")}.get(kind, ("fixed", "dismissed", "fixed_at"))
    gh.state.fix_alert(SHOP, kind, 1, at=DAY.format(2))
    assert (shown()["state"], shown()[ends[2]], shown()["updated_at"]) == (
        ends[0],
        DAY.format(2),
        DAY.format(2),
    )
    gh.state.dismiss_alert(SHOP, kind, 1, at=DAY.format(3), by="ann")
    assert shown()["state"] == ends[1]
    gh.state.reopen_alert(SHOP, kind, 1, at=DAY.format(4))
    assert shown() == own(gh, before) | {"updated_at": DAY.format(4)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_cursors_lead_through_all_alerts_and_back(gh: GitHubStandin, kind: AlertName, direction: str) -> None:
    for hour in range(5):
        gh.state.new_alert(SHOP, kind, at=DAY.format(hour))
    path = f"/orgs/acme/{kind}/alerts"
    forward = [alert["number"] for alert in walk(gh, path, after="", per_page=2, sort="updated", direction=direction)]
    assert forward == ([1, 2, 3, 4, 5] if direction == "asc" else [5, 4, 3, 2, 1])
    first = get(gh, path, after="", per_page=2, direction=direction)
    second = get(gh, first.links["next"]["url"])
    assert get(gh, second.links["prev"]["url"]).json() == first.json()


def test_an_alert_that_moves_to_the_front_is_not_lost_by_a_cursor(gh: GitHubStandin) -> None:
    for hour in range(4):
        gh.state.new_alert(SHOP, "dependabot", at=DAY.format(hour))
    first = get(gh, "/orgs/acme/dependabot/alerts", per_page=2, sort="updated")
    gh.state.fix_alert(SHOP, "dependabot", 4, at=DAY.format(9))
    assert [alert["number"] for alert in get(gh, first.links["next"]["url"]).json()] == [2, 1]


def test_dependabot_alerts_have_no_page(gh: GitHubStandin) -> None:
    answer = get(gh, "/orgs/acme/dependabot/alerts", page=1)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Pagination using the `page` parameter is not supported."


def test_states_select_alerts(gh: GitHubStandin) -> None:
    for number in (1, 2, 3):
        gh.state.new_alert(SHOP, "code-scanning", number=number)
    gh.state.fix_alert(SHOP, "code-scanning", 1)
    gh.state.dismiss_alert(SHOP, "code-scanning", 2)
    path = f"/repos/{SHOP}/code-scanning/alerts"
    found = {s: len(walk(gh, path, state=s)) for s in ("open", "closed", "fixed", "dismissed")}
    assert found == {"open": 1, "closed": 2, "fixed": 1, "dismissed": 1}


def test_the_secret_is_given_unless_it_is_to_be_hidden(gh: GitHubStandin) -> None:
    gh.state.new_alert(SHOP, "secret-scanning")
    path = "/orgs/acme/secret-scanning/alerts"
    assert "secret" in get(gh, path).json()[0]
    assert "secret" not in get(gh, path, hide_secret="true").json()[0]


@pytest.mark.parametrize(("kind", "status"), [("code-scanning", 403), ("dependabot", 403), ("secret-scanning", 404)])
def test_a_feature_that_is_off_says_so(gh: GitHubStandin, kind: AlertName, status: int) -> None:
    gh.state.switch(SHOP, kind, "off")
    answer = get(gh, f"/repos/{SHOP}/{kind}/alerts")
    assert answer.status_code == status
    assert any(word in answer.json()["message"] for word in ("not enabled", "disabled"))
    assert get(gh, f"/orgs/acme/{kind}/alerts").json() == []


def test_pulls_and_analyses_are_listed(gh: GitHubStandin) -> None:
    gh.state.new_pull(SHOP, state="closed", merged_at=DAY.format(3), updated_at=DAY.format(3))
    gh.state.new_pull(SHOP, updated_at=DAY.format(4))
    pulls = get(gh, f"/repos/{SHOP}/pulls", state="all", sort="updated", direction="desc").json()
    assert [pull["number"] for pull in pulls] == [2, 1]
    assert get(gh, f"/repos/{SHOP}/code-scanning/analyses").status_code == 404
    analysis = gh.state.new_analysis(SHOP, results_count=3)
    assert [a["id"] for a in get(gh, f"/repos/{SHOP}/code-scanning/analyses").json()] == [analysis["id"]]
