"""Pull requests are linked to the agent sessions that made them."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from backend.mapping.links import linked_sessions
from shared.datasets import AGENT_SESSIONS, PULL_REQUESTS
from tests.builders import NOW

HOUR = timedelta(hours=1)
URL = "https://github.com/acme/api/pull/7"


def pull(**values: Any) -> dict[str, Any]:
    defaults = {"repo": "acme/api", "org": "acme", "number": 7, "html_url": URL, "created_at": NOW, "source": "github"}
    return {**defaults, **values}


def session(session_id: str, *urls: str, hour: float | None = -1, **values: Any) -> dict[str, Any]:
    created_at = None if hour is None else NOW + hour * HOUR
    defaults = {
        "provider": "devin",
        "session_id": session_id,
        "pull_request_urls": list(urls),
        "created_at": created_at,
    }
    return {**defaults, **values}


def linked(pulls: list[dict[str, Any]], sessions: list[dict[str, Any]]) -> dict[int, str | None]:
    found = linked_sessions(PULL_REQUESTS.table(pulls), AGENT_SESSIONS.table(sessions))
    assert found.schema == PULL_REQUESTS.schema
    return {row["number"]: row["session_id"] for row in found.to_pylist()}


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "http://GitHub.com/Acme/API/pull/7/",
        "https://github.com/acme/api/pull/7/files",
        "https://github.com/acme/api/pull/7/commits/0a1b?diff=split#r1",
        "https://github.com/acme/api/pull/7?notification=1",
        "github.com/acme/api/pull/7#issuecomment-1",
        " https://github.com/acme/api/pull/7\n",
    ],
)
def test_a_session_that_names_a_pull_request_made_it(url: str) -> None:
    assert linked([pull()], [session("s1", url)]) == {7: "s1"}


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/api/pull/71",
        "https://github.com/acme/api/issues/7",
        "https://ghe.corp/acme/api/pull/7",
        "https://github.com/acme/api-docs/pull/7",
        "https://example.com/?from=github.com/acme/api/pull/7",
        "",
    ],
)
def test_an_address_of_something_else_links_nothing(url: str) -> None:
    assert linked([pull()], [session("s1", url)]) == {}


def test_an_address_is_better_than_what_the_pull_request_says() -> None:
    assert linked([pull(session_id="said")], [session("s1", URL)]) == {7: "s1"}
    assert linked([pull(session_id="s1")], [session("s1", URL)]) == {}


def test_a_shared_reference_links_only_where_nothing_better_is_known() -> None:
    shared = {"alert_refs": ["CQLF-1", "acme/api/code_scanning/3"]}
    by_reference = session("s1", alert_refs=["ACME/api/code_scanning/3"])
    assert linked([pull(**shared)], [by_reference]) == {7: "s1"}
    assert linked([pull(**shared, session_id="said")], [by_reference]) == {}
    assert linked([pull(**shared)], [by_reference, session("s2", URL, hour=5)]) == {7: "s2"}
    assert linked([pull(alert_refs=["CQLF-11"])], [session("s1", alert_refs=["CQLF-1"])]) == {}


def test_a_session_that_began_after_the_pull_request_did_not_make_it_by_reference() -> None:
    shared = {"alert_refs": ["CQLF-1"]}
    assert linked([pull(**shared)], [session("s1", hour=1, **shared)]) == {}
    assert linked([pull(**shared)], [session("s1", hour=None, **shared)]) == {7: "s1"}
    assert linked([pull(**shared, created_at=None)], [session("s1", hour=1, **shared)]) == {7: "s1"}


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([("a", -5), ("b", -1), ("c", 1)], "b"),
        ([("a", 0), ("b", -1)], "a"),
        ([("a", 3), ("b", 1), ("c", 2)], "b"),
        ([("a", 1), ("b", None)], "b"),
        ([("a", None), ("b", -9)], "b"),
        ([("b", -1), ("a", -1)], "a"),
    ],
)
def test_of_several_sessions_it_is_the_last_before_the_pull_request(
    sessions: list[tuple[str, float | None]], expected: str
) -> None:
    rows = [session(name, URL, hour=hour) for name, hour in sessions]
    assert linked([pull()], rows) == linked([pull()], rows[::-1]) == {7: expected}


def test_every_other_column_and_pull_request_stays() -> None:
    rows = [
        pull(number=number, html_url=f"https://github.com/acme/api/pull/{number}", title=str(number))
        for number in (1, 2, 3)
    ]
    found = linked_sessions(
        PULL_REQUESTS.table(rows),
        AGENT_SESSIONS.table([session("s2", rows[2]["html_url"], rows[0]["html_url"]), session("s3", hour=None)]),
    )
    assert found.equals(PULL_REQUESTS.table([{**rows[0], "session_id": "s2"}, {**rows[2], "session_id": "s2"}]))


def test_what_was_linked_is_not_linked_again() -> None:
    rows = [pull(), pull(number=8, html_url=None, alert_refs=["CQLF-1"])]
    sessions = AGENT_SESSIONS.table([session("s1", URL), session("s2", alert_refs=["CQLF-1"])])
    found = linked_sessions(PULL_REQUESTS.table(rows), sessions)
    assert found["session_id"].to_pylist() == ["s1", "s2"]
    assert linked_sessions(found, sessions).num_rows == 0


@pytest.mark.parametrize(
    ("pulls", "sessions"),
    [
        ([], []),
        ([pull()], []),
        ([], [session("s1", URL)]),
        ([pull(html_url=None)], [session("s1", pull_request_urls=None)]),
        ([pull(alert_refs=[None])], [session("s1", alert_refs=[None])]),
        ([pull(html_url="")], [session("s1", "")]),
    ],
)
def test_nothing_to_go_by_links_nothing(pulls: list[dict[str, Any]], sessions: list[dict[str, Any]]) -> None:
    assert linked(pulls, sessions) == {}


def test_tables_in_several_chunks_are_linked_alike() -> None:
    pulls = pa.concat_tables([PULL_REQUESTS.table([pull(number=1, html_url=None)]), PULL_REQUESTS.table([pull()])])
    found = linked_sessions(pulls, AGENT_SESSIONS.table([session("s1", URL)]))
    assert found["number"].to_pylist() == [7]
