import orjson
import pytest

from backend.collect.connection.line import Reply
from backend.collect.plan import Planned, Rehearsal, plan_lines


class Wire:
    """Answers everything with what was asked for."""

    def ask(self, path: str, params: dict[str, str | int], etag: str | None) -> Reply:
        return Reply(200, {}, orjson.dumps([path, params, etag]))

    def redirected(self, address: str) -> tuple[str, dict[str, str | int]]:
        return address, {"redirected": 1}

    def target(self, address: str) -> tuple[str, dict[str, str | int]]:
        return address, {}


@pytest.mark.parametrize(
    "path",
    ["/orgs/acme/repos", "/users/octocat/repos", "/user", "/user/repos", "/repos/acme/shop", "/repositories/7"],
)
def test_repositories_are_really_asked_for(path: str) -> None:
    rehearsal = Rehearsal(Wire())
    assert orjson.loads(rehearsal.ask(path, {"page": 2}, 'W/"1"').body) == [path, {"page": 2}, 'W/"1"']
    assert [(request.path, request.made) for request in rehearsal.planned] == [(path, True)]


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/orgs/acme/dependabot/alerts", None),
        ("/repos/acme/shop/pulls", None),
        ("/repos/acme/shop/code-scanning/analyses", None),
        ("/repos/acme/shop/actions/runs", "workflow_runs"),
        ("/repos/acme/shop/actions/workflows", "workflows"),
        ("/repos/acme/shop/actions/runs/5/jobs", "jobs"),
        ("/agents/repos/acme/shop/tasks", "tasks"),
    ],
)
def test_everything_else_is_answered_as_if_nothing_were_new(path: str, key: str | None) -> None:
    rehearsal = Rehearsal(Wire())
    body = orjson.loads(rehearsal.ask(path, {}, None).body)
    assert (body[key] if key else body) == []
    known = rehearsal.ask(path, {}, 'W/"1"')
    assert (known.status, known.headers["etag"]) == (304, 'W/"1"')
    assert [request.conditional for request in rehearsal.planned] == [False, True]
    assert not any(request.made for request in rehearsal.planned)


def test_addresses_lead_where_they_lead_in_earnest() -> None:
    rehearsal = Rehearsal(Wire())
    assert rehearsal.redirected("/a") == ("/a", {"redirected": 1})
    assert rehearsal.target("/a") == ("/a", {})


@pytest.mark.parametrize(
    ("planned", "line"),
    [
        (Planned("/orgs/acme/repos", {}, False, False), "GET /orgs/acme/repos"),
        (Planned("/a", {"per_page": 100, "page": 2}, False, False), "GET /a?per_page=100&page=2"),
        (Planned("/a", {"created": ">=2026-01-01T00:00:00Z"}, False, False), "GET /a?created=>=2026-01-01T00:00:00Z"),
        (Planned("/a", {}, True, False), "GET /a  (if changed)"),
        (Planned("/a", {}, True, True), "GET /a  (if changed, made for this plan)"),
    ],
)
def test_request_is_a_line_that_can_be_read(planned: Planned, line: str) -> None:
    assert str(planned) == line


def test_last_line_counts_the_requests_and_those_that_are_free() -> None:
    planned = [Planned(f"/{number}", {}, number % 4 > 0, False) for number in range(2_000)]
    lines = list(plan_lines(planned))
    assert lines[:-1] == list(map(str, planned))
    assert lines[-1].startswith("2,000 requests, 1,500 of them conditional (free while nothing has changed)")


def test_plan_of_nothing_says_so() -> None:
    (line,) = plan_lines([])
    assert line.startswith("0 requests, 0 of them conditional")
