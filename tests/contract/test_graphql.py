"""GraphQL over real HTTP: GCSMTTR's questions by name, against plain Python; and those beyond, against the metrics."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.api.graphql import pages
from backend.api.reading import answer
from shared.datasets import ALERTS, WORKFLOW_RUNS
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import Row, run
from tests.conftest import NOW
from tests.contract.asking_graphql import Asker, answering
from tests.contract.overviews import DAY, ROWS, SEVERITIES, plain_overviews
from tests.lakes import lake_in

RUNS = [run(run_id=n, created_at=NOW - n * DAY, conclusion="success" if n % 3 else "failure") for n in range(1, 10)]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    folder: Path = tmp_path_factory.mktemp("graphql")
    lake = lake_in(folder, lambda: NOW)
    lake.upsert(ALERTS, ALERTS.table(ROWS))
    lake.upsert(WORKFLOW_RUNS, WORKFLOW_RUNS.table(RUNS))
    with answering(lake) as asker:
        yield asker
    lake.close()


OVERVIEW = (
    "id monthlyPeriod organisationName openAlerts numberFixed numberManuallyClosed numberManuallyCosed "
    "totalTimeToRemediate meanTimeToRemediate"
)


def test_overviews_of_repositories_equal_plain_python(ask: Asker) -> None:
    expected = plain_overviews(ROWS, "repo")
    found = ask(f"{{getRepositoryOverviews {{data {{{OVERVIEW} repositoryName}} nextToken}}}}")[
        "getRepositoryOverviews"
    ]
    assert found == {"data": expected, "nextToken": None}
    assert max(row["totalTimeToRemediate"] for row in found["data"]) > 2**31
    assert any(row["numberManuallyClosed"] for row in found["data"])
    one = ask(f"query($id: ID) {{getRepositoryOverview(id: $id) {{{OVERVIEW} repositoryName}}}}", id=expected[4]["id"])
    assert one == {"getRepositoryOverview": expected[4]}


def test_overviews_of_organisations_equal_plain_python(ask: Asker) -> None:
    expected = plain_overviews(ROWS, "org")
    found = ask(f"{{getOrganisationOverviews {{data {{{OVERVIEW}}} nextToken}}}}")["getOrganisationOverviews"]
    assert found == {"data": expected, "nextToken": None}
    one = ask(f'{{getOrganisationOverview(id: "acme/2026-October") {{{OVERVIEW}}}}}')["getOrganisationOverview"]
    assert one == next(row for row in expected if row["id"] == "acme/2026-October")


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_overviews_by_name_and_by_month(ask: Asker, direction: str) -> None:
    text = """
        query($d: Sort) {
          a: repositoryOverviewbyRepositoryName(repositoryName: "acme/web", sortDirection: $d) {data {id}}
          b: repositoryOverviewbyMonthlyPeriod(monthlyPeriod: "2026-October", sortDirection: $d) {data {id}}
          c: organisationOverviewbyOrganisationName(organisationName: "zeta", sortDirection: $d) {data {id}}
          d: organisationOverviewbyMonthlyPeriod(monthlyPeriod: "2026-October", sortDirection: $d) {data {id}}
          e: repositoryOverviewbyRepositoryName(repositoryName: "acme/web", monthlyPeriod: "2026-October") {data {id}}
          f: organisationOverviewbyMonthlyPeriod(monthlyPeriod: "2026-October", organisationName: "acme") {data {id}}
        }
    """
    found = {name: [row["id"] for row in page["data"]] for name, page in ask(text, d=direction).items()}
    turn = 1 if direction == "asc" else -1
    months = ("August", "September", "October", "November")
    assert found == {
        "a": [f"acme/web/2026-{month}" for month in months][::turn],
        "b": [f"{name}/2026-October" for name in ("acme/api", "acme/web", "zeta/api")][::turn],
        "c": [f"zeta/2026-{month}" for month in months][::turn],
        "d": ["acme/2026-October", "zeta/2026-October"][::turn],
        "e": ["acme/web/2026-October"],
        "f": ["acme/2026-October"],
    }


ALERT = (
    "id alertID alertURL organisationName repositoryName kind severity state alertCreatedAtFullTimestamp "
    "alertCreatedAtYear alertCreatedAtMonth alertCreatedAtDate alertClosedAtFullTimestamp alertClosedAtYear "
    "alertClosedAtMonth alertClosedAtDate alertClosedAtReason"
)


def test_alerts_are_told_as_gcsmttr_does(ask: Asker) -> None:
    found = ask(f"{{getAlerts(limit: 200) {{data {{{ALERT}}} nextToken}}}}")["getAlerts"]
    assert [row["alertID"] for row in found["data"]] == [row["number"] for row in ROWS]
    assert len({row["id"] for row in found["data"]}) == len(ROWS)
    assert found["data"][1] == {
        "id": "acme/web/2",
        "alertID": 2,
        "alertURL": "https://github.com/acme/api/security/code-scanning/2",
        "organisationName": "acme",
        "repositoryName": "acme/web",
        "kind": "code_scanning",
        "severity": "high",
        "state": "fixed",
        "alertCreatedAtFullTimestamp": "2026-08-05T14:30:00Z",
        "alertCreatedAtYear": "2026",
        "alertCreatedAtMonth": "August",
        "alertCreatedAtDate": "5",
        "alertClosedAtFullTimestamp": "2026-08-07T15:30:00Z",
        "alertClosedAtYear": "2026",
        "alertClosedAtMonth": "August",
        "alertClosedAtDate": "7",
        "alertClosedAtReason": "FIXED",
    }
    assert found["data"][0]["alertClosedAtReason"] is None
    assert found["data"][2]["alertClosedAtReason"] == "CLOSED"
    for row in (found["data"][1], found["data"][7]):
        assert ask(f"query($id: ID) {{getAlert(id: $id) {{{ALERT}}}}}", id=row["id"]) == {"getAlert": row}
    assert found["data"][7]["id"] == "acme/web/dependabot/8"


def test_what_is_not_there_is_null(ask: Asker) -> None:
    text = """{
        getAlert(id: "acme/web/99999") {id}
        none: getAlert {id}
        other: getAlert(id: "acme/web/8") {id}
        getRepositoryOverview(id: "acme/none/2026-October") {id}
        getOrganisationOverview(id: "acme/1999-January") {id}
        repositoryOverviewbyRepositoryName(repositoryName: "a' OR 1=1 --") {data {id} nextToken}
    }"""
    *ones, page = ask(text).values()
    assert ones == [None] * 5
    assert page == {"data": [], "nextToken": None}


@pytest.mark.parametrize("limit", [1, 7, 13])
def test_pages_follow_each_other(ask: Asker, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BLOCK", 10)
    text = "query($n: Int, $t: String) {getAlerts(limit: $n, nextToken: $t) {data {id} nextToken}}"
    found, token = [], None
    while True:
        page = ask(text, n=limit, t=token)["getAlerts"]
        assert 0 < len(page["data"]) <= limit
        found += [row["id"] for row in page["data"]]
        token = page["nextToken"]
        if token is None:
            break
    assert found == [row["id"] for row in ask("{getAlerts {data {id}}}")["getAlerts"]["data"]]


def test_page_is_capped_and_filtered(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(ask("{getAlerts(limit: 1000000) {data {id}}}")["getAlerts"]["data"]) == len(ROWS)
    monkeypatch.setattr(pages, "MOST_A_PAGE", 30)
    assert len(ask("{getAlerts(limit: 2000) {data {id}}}")["getAlerts"]["data"]) == 30
    chosen = ask(
        "query($f: Filter) {getAlerts(filter: $f) {data {alertID}}}",
        f={"kinds": ["code_scanning"], "organisations": ["acme"], "severities": ["critical", "medium"]},
    )
    wanted = [
        row["number"]
        for row in ROWS
        if row["kind"] == "code_scanning" and row["org"] == "acme" and row["severity"] in ("critical", "medium")
    ]
    assert [row["alertID"] for row in chosen["getAlerts"]["data"]] == wanted
    text = f"{{getRepositoryOverviews(filter: {{kinds: [code_scanning]}}) {{data {{{OVERVIEW} repositoryName}}}}}}"
    scanned = plain_overviews([row for row in ROWS if row["kind"] == "code_scanning"], "repo")
    assert ask(text)["getRepositoryOverviews"]["data"] == scanned


@pytest.mark.slow
def test_figures_beyond_are_those_of_the_metrics(ask: Asker) -> None:
    found = ask("""{
        alertsBySeverity(range: "all") {severity openAlerts numberFixed meanTimeToRemediate}
        sla(range: "all", by: repo) {data {part alerts met breachedOpen compliance meanTime} nextToken}
        one: sla(range: "all") {data {part alerts}}
        repositoryHealth {data {repositoryName score tier}}
        workflows(range: "30d", filter: {bots: true}) {
            data {repositoryName workflowId state runs successRate lastRunAt}
        }
    }""")
    by_severity = {row["severity"]: row for row in found["alertsBySeverity"]}
    assert list(by_severity) == list(SEVERITIES)
    for name, row in by_severity.items():
        own = [one for one in ROWS if one["severity"] == name]
        lived = [one["closed_at"] - one["created_at"] for one in own if one["state"] == "fixed"]
        assert (row["openAlerts"], row["numberFixed"]) == (sum(r["state"] == "open" for r in own), len(lived))
        assert row["meanTimeToRemediate"] == pytest.approx(
            sum(lived, timedelta()) / len(lived) / timedelta(milliseconds=1)
        )

    def told(name: str, by: str | None = None, days: int | None = None) -> list[Row]:
        scope = Scope(until=NOW, since=days and NOW - days * DAY)  # type: ignore[arg-type]
        tables = ask.readers.lake.tables("real")
        rows: list[Row] = answer(tables, name, scope, by, Policy()).to_pylist()
        return rows

    assert found["sla"]["data"] == [
        {
            "part": row["repo"],
            "alerts": row["n"],
            "met": row["met"],
            "breachedOpen": row["breached_open"],
            "compliance": row["compliance"],
            "meanTime": pytest.approx(row["mean_s"] * 1000),
        }
        for row in told("sla_summary", "repo")
    ]
    assert found["one"]["data"] == [{"part": None, "alerts": told("sla_summary")[0]["n"]}]
    assert found["repositoryHealth"]["data"] == [
        {"repositoryName": row["repo"], "score": row["score"], "tier": row["tier"]} for row in told("repository_health")
    ]
    (workflow,) = found["workflows"]["data"]
    assert workflow == {
        "repositoryName": "acme/api",
        "workflowId": "7",
        "state": told("workflow_state", days=30)[0]["state"],
        "runs": 9,
        "successRate": pytest.approx(6 / 9),
        "lastRunAt": (NOW - DAY).isoformat(),
    }


def test_every_name_of_gcsmttr_is_there(ask: Asker) -> None:
    text = """{
        __schema {queryType {fields {name}}}
        a: __type(name: "Alert") {fields {name}}
        s: __type(name: "Sort") {enumValues {name}}
    }"""
    found = ask(text)
    assert {field["name"] for field in found["__schema"]["queryType"]["fields"]} >= {
        *("getAlert", "getAlerts", "getRepositoryOverview", "getRepositoryOverviews"),
        *("repositoryOverviewbyRepositoryName", "repositoryOverviewbyMonthlyPeriod"),
        *("getOrganisationOverview", "getOrganisationOverviews"),
        *("organisationOverviewbyOrganisationName", "organisationOverviewbyMonthlyPeriod"),
    }
    assert {field["name"] for field in found["a"]["fields"]} >= {
        *("id", "alertID", "alertURL", "organisationName", "repositoryName"),
        *(f"alertCreatedAt{part}" for part in ("Date", "FullTimestamp", "Month", "Year")),
        *(f"alertClosedAt{part}" for part in ("Date", "FullTimestamp", "Month", "Year", "Reason")),
    }
    assert found["s"]["enumValues"] == [{"name": "asc"}, {"name": "desc"}]
    fields = ask(
        '{__type(name: "RepositoryOverview") {fields(includeDeprecated: true) {name isDeprecated type {name}}}}'
    )
    deprecated = {field["name"] for field in fields["__type"]["fields"] if field["isDeprecated"]}
    assert deprecated == {"numberManuallyCosed"}


def test_page_for_people_is_there_and_questions_by_get_are_not(ask: Asker) -> None:
    page = ask.client.get(ask.address, headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "graphiql" in page.text.lower()
    asked = ask.client.get(ask.address, params={"query": "{getAlerts {nextToken}}"})
    assert asked.status_code == 400
