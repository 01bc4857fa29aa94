"""Pull request objects become rows of pull_requests."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.pull_requests import pull_request_row
from backend.mapping.stamp import Stamp, Unusable, map_rows
from shared.datasets import PULL_REQUESTS

STAMP = Stamp("github", datetime(2026, 1, 1, tzinfo=UTC))
OPENED, CLOSED = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)
SESSION = "devin-" + "0123456789abcdef" * 2


def mapped(repo: str | None = "acme/api", **values: Any) -> dict[str, Any]:
    raw = {
        "number": 17,
        "state": "open",
        "title": "Escape the query",
        "user": {"login": "octocat", "type": "User"},
        "head": {"ref": "fix/escape"},
        "base": {"ref": "main"},
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-03T10:00:00Z",
        "html_url": "https://github.com/acme/api/pull/17",
    }
    return pull_request_row({**raw, **values}, repo, STAMP)


def test_the_published_pull_request_is_mapped(shared_data: Path) -> None:
    raws = json.loads((shared_data / "responses" / "pulls_list.200.default.json").read_text())
    table, rejects = map_rows(PULL_REQUESTS, lambda raw: pull_request_row(raw, None, STAMP), raws)
    assert rejects == []
    assert table.to_pylist()[0] == {
        "repo": "octocat/Hello-World",
        "org": "octocat",
        "number": 1347,
        "title": "Amazing new feature",
        "author": "octocat",
        "author_is_bot": False,
        "state": "merged",
        "head_branch": "new-topic",
        "base_branch": "master",
        "created_at": datetime(2011, 1, 26, 19, 1, 12, tzinfo=UTC),
        "updated_at": datetime(2011, 1, 26, 19, 1, 12, tzinfo=UTC),
        "merged_at": datetime(2011, 1, 26, 19, 1, 12, tzinfo=UTC),
        "closed_at": datetime(2011, 1, 26, 19, 1, 12, tzinfo=UTC),
        "session_id": None,
        "alert_refs": [],
        "html_url": "https://github.com/octocat/Hello-World/pull/1347",
        "collected_at": STAMP.collected_at,
        "source": "github",
    }


def test_every_delivered_pull_request_is_mapped(shared_data: Path) -> None:
    deliveries = [json.loads(path.read_text()) for path in sorted((shared_data / "webhooks").glob("pull_request.*"))]
    raws = [delivery["pull_request"] for delivery in deliveries]
    table, rejects = map_rows(PULL_REQUESTS, lambda raw: pull_request_row(raw, None, STAMP), raws)
    assert (rejects, set(table["repo"].to_pylist())) == ([], {"Codertocat/Hello-World"})
    closed = ["closed" if delivery["action"] == "closed" else "open" for delivery in deliveries]
    assert table["state"].to_pylist() == closed
    assert {"open", "closed"} == set(closed)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"state": "open"}, "open"),
        ({"state": "closed", "closed_at": "2026-03-02T10:00:00Z", "merged_at": None}, "closed"),
        ({"state": "closed", "merged_at": "2026-03-02T10:00:00Z"}, "merged"),
        ({"state": "closed", "merged": True}, "merged"),
        ({"state": "closed", "merged": False, "merged_at": None}, "closed"),
        ({"state": "MERGED"}, "merged"),
        ({"state": "draft"}, None),
        ({"state": None}, None),
    ],
)
def test_a_closed_pull_request_that_was_merged_is_merged(values: dict[str, Any], state: str | None) -> None:
    assert mapped(**values)["state"] == state


@pytest.mark.parametrize(
    ("user", "author", "is_bot"),
    [
        ({"login": "dependabot[bot]", "type": "Bot"}, "dependabot[bot]", True),
        ({"login": "renovate[bot]"}, "renovate[bot]", True),
        ({"login": "octocat", "type": "User"}, "octocat", False),
        (None, None, None),
    ],
)
def test_bots_are_told_apart_and_a_deleted_author_is_unknown(
    user: Any, author: str | None, is_bot: bool | None
) -> None:
    row = mapped(user=user)
    assert (row["author"], row["author_is_bot"]) == (author, is_bot)


@pytest.mark.parametrize(
    "said",
    [
        {"title": f"Fix injection ({SESSION})"},
        {"body": f"Made by https://app.devin.ai/sessions/{SESSION.removeprefix('devin-')}"},
        {"head": {"ref": f"devin/{SESSION}"}},
    ],
)
def test_the_session_is_the_one_that_title_body_or_branch_names(said: dict[str, Any]) -> None:
    assert mapped(**said)["session_id"] == "0123456789abcdef" * 2


def test_alerts_are_referred_to_in_title_body_or_branch() -> None:
    row = mapped(title="Fix CQLF-R01-0001", body="and acme/api/dependabot/7", head=None)
    assert (row["alert_refs"], row["session_id"]) == (["CQLF-R01-0001", "acme/api/dependabot/7"], None)
    assert mapped(head={"ref": "fix/CQLF-12"})["alert_refs"] == ["CQLF-12"]


def test_a_missing_updated_at_is_the_latest_time_there_is() -> None:
    assert mapped(updated_at=None)["updated_at"] == OPENED
    assert mapped(updated_at=None, closed_at="2026-03-02T10:00:00Z")["updated_at"] == CLOSED


def test_the_repository_is_the_one_it_is_to_be_merged_into() -> None:
    base = {"ref": "main", "repo": {"full_name": "umbrella/gateway"}}
    head = {"ref": "fix", "repo": {"full_name": "someone/gateway"}}
    assert mapped(base=base, head=head)["repo"] == "umbrella/gateway"
    assert mapped(base={"repo": None}, head={"repo": None})["repo"] == "acme/api"
    assert mapped(repo=None)["repo"] == "acme/api"


@pytest.mark.parametrize("missing", [{"number": None}, {"number": "x"}, {"repo": None, "html_url": None}])
def test_a_pull_request_without_what_identifies_it_is_unusable(missing: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        mapped(**missing)


FIELDS = ("number", "state", "title", "body", "user", "head", "base", "ref", "repo", "full_name", "merged", "merged_at")

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.just("acme/api"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)


@given(raws=st.lists(anything, max_size=4))
def test_every_object_becomes_a_row_or_a_reject(raws: list[Any]) -> None:
    table, rejects = map_rows(PULL_REQUESTS, lambda raw: pull_request_row(raw, "acme/api", STAMP), raws)
    assert table.num_rows + len(rejects) == len(raws)
    assert all(table[column].null_count == 0 for column in PULL_REQUESTS.required)


@given(odd=st.dictionaries(st.sampled_from(FIELDS[1:]), anything))
def test_odd_fields_cost_nothing_but_themselves(odd: dict[str, Any]) -> None:
    table, rejects = map_rows(
        PULL_REQUESTS, lambda raw: pull_request_row(raw, "acme/api", STAMP), [{"number": 5, **odd}]
    )
    assert (table["number"].to_pylist(), rejects) == ([5], [])
