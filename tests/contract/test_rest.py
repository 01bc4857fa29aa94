"""REST over real HTTP: what the routes read is what the metrics say, and what they take is there within seconds."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.builders import NOW
from tests.contract.asking_rest import ADMIN, FORMULA, ODD, OPERATOR, VIEWER, Client, answering, soon


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with answering(tmp_path_factory.mktemp("rest")) as client:
        yield client


READS = (
    *("/stats", "/repos", "/repo/acme/api", "/runs", "/workflow-runs", "/sessions", "/prs", "/issues", "/alerts"),
    *("/issues/search?q=x", "/mttr", "/sla", "/sla/worklist", "/health/repositories", "/workflows", "/metrics"),
    *("/metrics/open_alerts", "/customers", "/customers/c0", "/customers/c0/health", "/customers/c0/events"),
    *("/dashboard/", "/requests", "/threats", "/me", "/config", "/audit-log", "/audit-log/export", "/demo-data"),
    "/poll",
)

ASKS_MUCH = (
    *("/stats", "/repos", "/repo/acme/api", "/health/repositories", "/runs", "/sla", "/customers/c0/health"),
    "/dashboard/",
)
"""To make the SQL of these takes seconds; pages and the GraphQL API ask the same questions every day."""


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.slow if path in ASKS_MUCH else ()) for path in READS]
)
def test_every_route_answers(api: Client, path: str) -> None:
    answer = api("GET", path)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", READS)
def test_only_who_has_a_key_may_read(api: Client, path: str) -> None:
    assert Client(api.base, None)("GET", path).status_code == 401
    assert Client(api.base, "fettle_" + "0" * 12 + "_" + "x" * 43)("GET", path).status_code == 401


def test_lists_are_paged_and_every_row_comes_once(api: Client) -> None:
    first, second, third = (api.get("/alerts", per_page=2, page=page) for page in (1, 2, 3))
    assert [len(page["items"]) for page in (first, second, third)] == [2, 2, 1]
    assert first["total"] == 5
    subjects = [row["subject"] for page in (first, second, third) for row in page["items"]]
    assert len(set(subjects)) == 5
    assert api.get("/alerts", page=9)["items"] == []


def test_filters_narrow_and_names_are_values(api: Client) -> None:
    assert api.get("/alerts", repo=ODD)["total"] == 3
    assert api.get("/alerts", repo=[ODD, "acme/api"])["total"] == 5
    assert api.get("/alerts", repo="' OR 1=1 --")["total"] == 0
    assert api.get("/alerts", q=FORMULA)["total"] == 3
    assert api.get("/workflow-runs", conclusion="failure")["total"] == 2


def test_time_to_remediate_is_that_of_the_alerts(api: Client) -> None:
    (found,) = api.get("/mttr")["items"]
    lived = [timedelta(days=n) - timedelta(hours=n) for n in (2, 4)]
    assert found["n"] == 2
    assert found["mean_s"] == pytest.approx(sum(one.total_seconds() for one in lived) / 2)
    by_repo = api.get("/mttr", by="repo")["items"]
    assert [row["n"] for row in by_repo if row["repo"] == "acme/api"] == [2]


def test_a_metric_as_json_csv_and_parquet_is_the_same(api: Client) -> None:
    as_json = api.get("/metrics/open_alerts", by="repo")["rows"]
    as_csv = api("GET", "/metrics/open_alerts?by=repo&format=csv")
    as_parquet = api("GET", "/metrics/open_alerts?by=repo&format=parquet")
    from_csv = list(csv.DictReader(io.StringIO(as_csv.content.decode(), newline="")))
    from_parquet = pq.read_table(io.BytesIO(as_parquet.content)).to_pylist()
    assert {row["repo"]: row["n"] for row in as_json} == {ODD: 3}
    assert {row["repo"]: int(row["n"]) for row in from_csv} == {ODD: 3}
    assert {row["repo"]: row["n"] for row in from_parquet} == {ODD: 3}


def test_csv_holds_no_formula(api: Client) -> None:
    answer = api("GET", "/metrics/sla_worklist?format=csv")
    cells = [cell for row in csv.reader(io.StringIO(answer.content.decode(), newline="")) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith("=")]


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/alerts?per_page=201", 422, "per_page"),
        ("/alerts?range=never", 422, None),
        ("/mttr?by=colour", 422, "by"),
        ("/metrics/none_such", 404, "name"),
        ("/metrics/open_alerts?by=colour", 422, "by"),
        ("/metrics/open_alerts?colour=red", 422, "colour"),
        ("/repo/acme/none", 404, "name"),
        ("/issues/none/detail", 404, "fingerprint"),
        ("/customers/none", 404, "customer_id"),
        ("/dashboard/?range=eternity", 422, "range"),
        ("/nowhere", 404, None),
    ],
)
def test_what_is_wrong_is_said_in_one_shape(api: Client, path: str, status: int, field: str | None) -> None:
    answer = api("GET", path)
    told = answer.json()["error"]
    assert (answer.status_code, told["field"]) == (status, field)
    assert told["code"]
    assert told["message"].endswith((".", "Found"))


def test_roles_may_do_what_they_may(api: Client) -> None:
    event = {"customer_id": "c0", "event_type": "login", "timestamp": "2026-03-01T10:00:00Z"}
    told = {key: Client(api.base, key)("POST", "/events", json=event).status_code for key in (VIEWER, OPERATOR, ADMIN)}
    assert told == {VIEWER: 403, OPERATOR: 201, ADMIN: 201}
    read = {key: Client(api.base, key)("GET", "/audit-log").status_code for key in (VIEWER, OPERATOR, ADMIN)}
    assert read == {VIEWER: 403, OPERATOR: 403, ADMIN: 200}
    assert (
        Client(api.base, None)("GET", "/me", headers={"Authorization": f"Bearer {VIEWER}"}).json()["role"] == "viewer"
    )


def test_without_credentials_nothing_is_collected_and_nobody_is_asked(api: Client) -> None:
    for path, body in {"/poll": {"orgs": ["acme"]}, "/refresh": {"repos": ["acme/api"]}}.items():
        answer = api("POST", path, json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
        assert "set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY" in answer.json()["error"]["message"]
    assert api.get("/poll") == {"running": None, "ended": []}


def test_no_secret_is_told(api: Client) -> None:
    text = api("GET", "/config").text
    assert not [key for key in (ADMIN, OPERATOR, VIEWER) if key in text]


def test_an_event_is_on_its_customer_within_seconds_and_in_the_audit_log(api: Client) -> None:
    told = {"event_type": "ticket", "created_at": "2026-03-02T10:00:00", "status": "open"}
    as_json = api("POST", "/customers/c1/events", json=told)
    as_form = api("POST", "/customers/c1/events", data={"event_type": "login", "timestamp": "2026-03-02T11:00:00Z"})
    assert (as_json.status_code, as_form.status_code) == (201, 201)
    ids = {*as_json.json()["ids"], *as_form.json()["ids"]}
    soon(lambda: api.get("/customers/c1/events", range="1y")["total"] == 2)
    assert {row["event_id"] for row in api.get("/customers/c1/events", range="1y")["items"]} == ids
    soon(lambda: api.get("/audit-log", action="events.record", range="all", as_of="2100-01-01")["total"] >= 2)


def test_all_problems_are_named_at_once_and_nothing_is_taken(api: Client) -> None:
    before = api.get("/customers/c2/events", range="1y")["total"]
    events = [
        {"customer_id": "c2", "event_type": "login", "timestamp": "2026-03-01T10:00:00Z"},
        {"customer_id": "c2", "event_type": "invoice", "issued_at": "yesterday", "amount": "-1"},
        "no object",
    ]
    answer = api("POST", "/events", json=events)
    assert answer.status_code == 422
    named = {(problem.get("place"), problem["field"]) for problem in answer.json()["error"]["problems"]}
    assert named == {(1, "issued_at"), (1, "due_date"), (1, "amount"), (2, None)}
    time.sleep(3)
    assert api.get("/customers/c2/events", range="1y")["total"] == before


def test_events_of_a_customer_nobody_knows_are_404(api: Client) -> None:
    event = {"customer_id": "nobody", "event_type": "login", "timestamp": "2026-03-01T10:00:00Z"}
    answer = api("POST", "/events", json=event)
    assert (answer.status_code, answer.json()["error"]["field"]) == (404, "customer_id")


def test_customers_are_sorted_by_name_or_health(api: Client) -> None:
    names = [row["name"] for row in api.get("/customers", sort_by="name")["items"]]
    assert names == ["abe", ODD, "Zoe"]
    assert [row["name"] for row in api.get("/customers", sort_by="name", order="desc")["items"]] == names[::-1]


def test_requests_ratings_and_threats_are_in_the_dashboard_within_seconds(api: Client) -> None:
    at = (NOW - timedelta(hours=1)).isoformat()
    logged = [{"request_id": f"r{n}", "at": at, "status": 200 if n else 500, "model": "m"} for n in range(3)]
    assert api("POST", "/requests", json=logged).json()["accepted"] == 3
    assert api("POST", "/feedback", json={"request_id": "r1", "user": "u", "at": at, "rating": 4}).status_code == 202
    threat = {"threat_id": "t1", "at": at, "type": "rate_limit", "severity": "high"}
    assert api("POST", "/threats", json=threat).status_code == 202

    def found() -> bool:
        told = api.get("/dashboard/", range="7d")
        known = [one for one in told["topModels"] if one["name"] == "m"]
        return bool(known and told["feedback"]["totalFeedback"] and told["threats"]["totalThreats"])

    soon(found)
    told = api.get("/dashboard/", range="7d")
    assert told["topModels"] == [{"name": "m", "requests": 3}]
    assert told["threats"]["unresolvedThreats"] == 1
    assert api("POST", "/threats/resolve", json={"threat_ids": ["t1", "none"]}).json() == {"resolved": 1}
    soon(lambda: api.get("/threats", resolved=True)["total"] == 1)
    assert api.get("/threats", resolved=True)["items"][0]["resolved_by"] == "a"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"1", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"items": [1]}', "application/json", 422),
        (json.dumps([{}] * 1_001).encode(), "application/json", 413),
        (b"[" * 100_000, "application/json", 400),
        (b"a=1&b=2", "application/x-www-form-urlencoded", 422),
        (b"--x\r\n", "multipart/form-data; boundary=x", 422),
        (b"\xff\xfe", "text/plain", 400),
    ],
)
def test_a_body_of_no_use_is_no_error_of_ours(api: Client, content: bytes, kind: str, status: int) -> None:
    answer = api("POST", "/events", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert "Traceback" not in answer.text


def test_a_body_that_is_too_large_is_refused(api: Client) -> None:
    answer = api("POST", "/events", content=b"x" * 10_000_001, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_answers_carry_security_headers(api: Client) -> None:
    headers = api("GET", "/me").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_the_api_logs_its_own_requests(api: Client) -> None:
    api("GET", "/me", headers={"User-Agent": "odd\tagent"})

    def logged() -> list[Any]:
        rows = api.get("/requests", range="all", as_of="2100-01-01", per_page=200)["items"]
        return [row for row in rows if row["user_agent"] == "odd\tagent"]

    soon(lambda: bool(logged()))
    row = logged()[0]
    assert (row["method"], row["status"], row["user"]) == ("GET", 200, "a")
    assert row["ip_hash"]
    assert "127.0.0.1" not in json.dumps(row)


def test_names_are_whole_in_csv_and_the_audit_log_holds_no_formula(api: Client) -> None:
    names = ['"quoted"', "two\nlines", "\u202eevil\u202c", "x" * 10_000, "=1+1", "@SUM(A1)"]
    events = [{"event_type": "feature", "customer_id": "c2", "feature_name": name} for name in names]
    for number, event in enumerate(events):
        taken = api("POST", "/events", json={**event, "timestamp": f"2026-01-0{number + 1}T00:00:00Z"})
        assert taken.status_code == 201, taken.text
    assert api("POST", "/customers", json={"customer_id": FORMULA, "name": FORMULA}).status_code < 300

    def rows(path: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(api("GET", path).content.decode(), newline="")))

    soon(lambda: any(f"'{FORMULA}" in row for row in rows("/audit-log/export")))
    soon(lambda: any("'=1+1" in row for row in rows("/metrics/customer_events?format=csv&range=all")))
    for path in (
        "/audit-log/export",
        "/metrics/customer_events?format=csv&range=all",
        "/metrics/customer_health?format=csv",
    ):
        found = rows(path)
        assert len({len(row) for row in found}) == 1, "a name breaks no line"
        assert not [cell for row in found for cell in row if cell.startswith(("=", "@", "+"))]
    cells = {cell for row in rows("/metrics/customer_events?format=csv&range=all") for cell in row}
    assert {'"quoted"', "two\nlines", "\u202eevil\u202c", "'=1+1", "'@SUM(A1)"} <= cells
