"""Whoever may see three of ten repositories: every route of the API, and every question of GraphQL, tells of those."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from graphql import GraphQLObjectType, get_named_type

from backend.api.graphql.schema import make_schema
from shared.access.roles import Caller
from shared.datasets import DATASETS
from shared.lake.inbox import INBOX
from shared.metrics import METRICS
from tests.builders import NOW
from tests.contract.reaching import EVERYONE, Asking, asking
from tests.lakes import lake_in
from tests.ten_repositories import EVERY_DAY, FINGERPRINT, LIMITED, MINE, OTHERS, fill, hidden_in

FULL = {"range": "all", "per_page": "200"}
BY_REPO = {"range": "all", "by": "repo"}

LISTS: dict[tuple[str, str], tuple[str, dict[str, str]]] = {
    ("GET", f"/api{path}"): (f"/api{asked or path}", parameters)
    for path, asked, parameters in (
        ("/alerts", "", FULL),
        ("/mttr", "", BY_REPO),
        ("/sla", "", BY_REPO),
        ("/sla/worklist", "", FULL),
        ("/prs", "", FULL),
        ("/sessions", "", FULL),
        ("/issues", "", FULL),
        ("/issues/search", "", {**FULL, "q": "sql"}),
        ("/repos", "", FULL),
        ("/health/repositories", "", FULL),
        ("/workflows", "", FULL),
        ("/workflow-runs", "", FULL),
        ("/runs", "", FULL),
        ("/metrics/{name}", "/metrics/open_alerts", BY_REPO),
    )
}
"""Routes that list repositories, or what is of them: all three are named, and no other."""

FIGURES: dict[tuple[str, str], tuple[str, dict[str, str]]] = {
    ("GET", f"/api{path}"): (f"/api{asked or path}", parameters)
    for path, asked, parameters in (
        ("/stats", "", {"period": "all"}),
        ("/repo/{owner}/{name}", f"/repo/{MINE[0]}", FULL),
        ("/issues/{fingerprint}/detail", f"/issues/{FINGERPRINT}/detail", {"in_repo": MINE[0]}),
        ("/me", "", {}),
        ("/metrics", "", {}),
        ("/health", "", {}),
        ("/ready", "", {}),
        ("/dashboard/health", "", {}),
        ("/dashboard/health/", "", {}),
        ("/openapi.json", "", {}),
        ("/docs", "", {}),
    )
} | {("GET", "/docs/oauth2-redirect"): ("/docs/oauth2-redirect", {})}
"""Routes that may be asked by anybody who may ask at all: no other repository is named."""

REFUSED = {
    *(("GET", f"/api{path}") for path in ("/config", "/audit-log", "/audit-log/export", "/demo-data")),
    *(("GET", f"/api{path}") for path in ("/poll", "/prometheus")),
    *(("POST", f"/api{path}") for path in ("/poll", "/refresh", "/backfill")),
    *(("GET", f"/api{path}") for path in ("/dashboard", "/dashboard/", "/requests", "/threats", "/customers")),
    *(("GET", f"/api/customers/{{customer_id}}{path}") for path in ("", "/health", "/events")),
    *(("POST", f"/api{path}") for path in ("/demo-data", "/demo-data/reset", "/customers", "/events", "/requests")),
    *(("POST", f"/api{path}") for path in ("/customers/{customer_id}/events", "/feedback", "/threats")),
    *(("POST", "/api/threats/resolve"), ("DELETE", "/api/demo-data")),
}
"""Routes about what is of no repository, or of all."""

OF_THEIR_OWN = {
    ("PATCH", "/api/issues/{fingerprint}/status"),  # see test_a_decision_is_on_what_one_may_see
    ("GET", "/api/graphql"),
    ("POST", "/api/graphql"),  # see QUESTIONS
    ("POST", "/api/webhooks/github"),  # has no caller, but a signature; and reads nothing
}

REPO, OTHER = MINE[0], OTHERS[0]
QUESTIONS = {
    "getAlert": f'(id: "{REPO}/1")',
    "getAlerts": "(limit: 200)",
    "getRepositoryOverview": f'(id: "{REPO}/2026-June")',
    "getRepositoryOverviews": "(limit: 200)",
    "repositoryOverviewbyRepositoryName": f'(repositoryName: "{REPO}")',
    "repositoryOverviewbyMonthlyPeriod": '(monthlyPeriod: "2026-June")',
    "getOrganisationOverview": '(id: "north/2026-June")',
    "getOrganisationOverviews": "(limit: 200)",
    "organisationOverviewbyOrganisationName": '(organisationName: "north")',
    "organisationOverviewbyMonthlyPeriod": '(monthlyPeriod: "2026-June")',
    "alertsBySeverity": '(range: "all")',
    "sla": '(range: "all", by: repo)',
    "repositoryHealth": "(limit: 200)",
    "workflows": '(range: "all", limit: 200)',
}
"""Every question of GraphQL with arguments that have it tell much."""

NAMING = ("getAlerts", "getRepositoryOverviews", "repositoryOverviewbyMonthlyPeriod", "sla", "repositoryHealth")
OF_OTHERS = {
    "getAlert": f'(id: "{OTHER}/1")',
    "getRepositoryOverview": f'(id: "{OTHER}/2026-June")',
    "repositoryOverviewbyRepositoryName": f'(repositoryName: "{OTHER}")',
    "getOrganisationOverview": '(id: "westmarch/2026-June")',
    "organisationOverviewbyOrganisationName": '(organisationName: "westmarch")',
    "getAlerts": f'(filter: {{repositories: ["{OTHER}"]}})',
    "workflows": f'(range: "all", filter: {{repositories: ["{OTHER}"]}})',
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("reach")
    lake = lake_in(folder, lambda: NOW)
    fill(lake)
    lake.close()
    with asking(folder / "store", folder / "api-cache") as found:
        yield found


def test_every_route_is_known_here(ask: Asking) -> None:
    """A new route has to be added, and so tried with somebody who may see three of ten repositories."""
    assert ask.routes() == {*LISTS, *FIGURES, *REFUSED, *OF_THEIR_OWN}


@pytest.mark.parametrize("route", LISTS, ids="-".join)
def test_a_list_names_the_three_alone(ask: Asking, route: tuple[str, str]) -> None:
    path, parameters = LISTS[route]
    answer = ask(LIMITED, route[0], path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert hidden_in(answer.text) == []
    assert [repo for repo in MINE if repo not in answer.text] == []
    assert hidden_in(ask(EVERYONE, route[0], path, params=parameters).text) != []


@pytest.mark.parametrize("route", FIGURES, ids="-".join)
def test_figures_tell_of_no_other(ask: Asking, route: tuple[str, str]) -> None:
    path, parameters = FIGURES[route]
    answer = ask(LIMITED, route[0], path, params=parameters)
    assert answer.status_code == 200, answer.text
    assert hidden_in(answer.text) == []


@pytest.mark.parametrize("route", sorted(REFUSED), ids="-".join)
def test_what_is_of_no_repository_is_refused(ask: Asking, route: tuple[str, str]) -> None:
    method, path = route
    body = {} if method == "GET" else {"json": {"threat_ids": ["threat-1"]}}
    answer = ask(LIMITED, method, path.replace("{customer_id}", "zanzibar"), **body)
    assert answer.status_code == 403, answer.text
    assert answer.json()["error"]["message"].startswith("kim may see the rows of 3 repositories alone")
    assert hidden_in(answer.text) == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERY_DAY else pytest.mark.slow) for name in METRICS]
)
def test_a_metric_is_of_the_three_or_refused(ask: Asking, name: str) -> None:
    entry = METRICS[name]
    answer = ask(LIMITED, "GET", f"/api/metrics/{name}", params={"range": "all"})
    assert hidden_in(answer.text) == []
    of_nobody = any(DATASETS[dataset].reach == "nobody" for dataset in entry.inputs)
    assert answer.status_code == (403 if of_nobody else 200), answer.text


def test_downloads_hold_the_three_alone(ask: Asking) -> None:
    as_csv, as_parquet = (
        ask(LIMITED, "GET", "/api/metrics/success_rate", params={**BY_REPO, "format": form})
        for form in ("csv", "parquet")
    )
    assert hidden_in(as_csv.text) == []
    assert all(repo in as_csv.text for repo in MINE)
    assert set(pq.read_table(io.BytesIO(as_parquet.content))["repo"].to_pylist()) == set(MINE)


def test_a_repository_of_others_is_as_one_that_is_not_there(ask: Asking) -> None:
    for path in ("/api/repo/{}", f"/api/issues/{FINGERPRINT}/detail?in_repo={{}}"):
        other, none = (ask(LIMITED, "GET", path.format(repo)) for repo in (OTHER, "north/nowhere"))
        assert (other.status_code, none.status_code) == (404, 404)
        assert other.text.replace(OTHER, "north/nowhere") == none.text
    assert ask(LIMITED, "GET", "/api/alerts", params={**FULL, "repo": OTHER}).json()["total"] == 0


def test_every_reach_has_its_own_answers(ask: Asking) -> None:
    """One after the other on the same threads."""
    nobody = Caller("lee", "viewer", frozenset())
    one = Caller("kai", "viewer", frozenset(MINE[:1]))
    for _ in range(2):
        for caller, count in ((LIMITED, 3), (EVERYONE, 10), (nobody, 0), (one, 1)):
            assert ask(caller, "GET", "/api/repos").json()["total"] == count
            assert len(ask(caller, "GET", "/api/sla", params=BY_REPO).json()["items"]) == count


def test_a_decision_is_on_what_one_may_see(ask: Asking) -> None:
    path, decided = f"/api/issues/{FINGERPRINT}/status", {"decision": "false_positive", "reason": "It is a constant."}
    several = ask(LIMITED, "PATCH", path, json=decided)
    assert several.status_code == 409
    assert hidden_in(several.text) == []
    assert ask(LIMITED, "PATCH", path, json=decided, params={"in_repo": OTHER}).status_code == 404
    lake = ask.app.state.lake
    before = lake.snapshot()
    answer = ask(LIMITED, "PATCH", path, json=decided, params={"in_repo": REPO})
    assert (answer.status_code, answer.json()["subject"]) == (200, f"finding:{REPO}/CodeQL/{FINGERPRINT}")
    assert lake.snapshot() != before
    assert any(b"kim" in lake.store.read(blob.name)[0] for blob in lake.store.list(INBOX))


def test_every_question_is_known_here() -> None:
    """A new one has to be added, and so tried with somebody who may see three of ten repositories."""
    assert set(_fields()) == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_tells_of_the_three_alone(ask: Asking, name: str) -> None:
    query = f"{{{name}{QUESTIONS[name]} {_selection(_fields()[name].type)}}}"
    told, whole = (_data(ask(caller, "POST", "/api/graphql", json={"query": query})) for caller in (LIMITED, EVERYONE))
    assert told[name]
    assert hidden_in(json.dumps(told)) == []
    assert told != whole or name in ("getAlert", "getRepositoryOverview", "repositoryOverviewbyRepositoryName")
    if name in NAMING:
        assert [repo for repo in MINE if repo not in json.dumps(told)] == []


@pytest.mark.parametrize("name", OF_OTHERS)
def test_a_question_about_others_finds_nothing(ask: Asking, name: str) -> None:
    query = f"{{{name}{OF_OTHERS[name]} {_selection(_fields()[name].type)}}}"
    told, whole = (_data(ask(caller, "POST", "/api/graphql", json={"query": query})) for caller in (LIMITED, EVERYONE))
    assert told[name] in (None, {"data": [], "nextToken": None})
    assert hidden_in(json.dumps(whole)) != []


def _data(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert "errors" not in told, told
    data: dict[str, Any] = told["data"]
    return data


def _fields() -> dict[str, Any]:
    query = make_schema()._schema.query_type
    assert query is not None
    return dict(query.fields)


def _selection(kind: Any) -> str:
    """Every field of a type, and of the types of its fields."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return ""
    return "{" + " ".join(f"{name} {_selection(field.type)}" for name, field in named.fields.items()) + "}"
