"""Alerts, pull requests and sessions are found in what people and agents write."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.references import (
    LIMIT,
    alert_refs,
    pull_request_repository,
    pull_request_urls,
    session_id,
    session_ids,
)

ID = "76d1afdeaadc4fa796872adca009def2"
OTHER = "9d356073798240d68a758e4e9439d048"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Fix CQLF-R1-0001 and CQLF-12.", ["CQLF-R1-0001", "CQLF-12"]),
        ("devin/cqlf-r12-0003-fix-injection", ["CQLF-R12-0003"]),
        ("acme/api/code_scanning/12", ["acme/api/code_scanning/12"]),
        ("(acme/api/secret-scanning/4)", ["acme/api/secret_scanning/4"]),
        ("fix/acme/api.js/dependabot/3-bump", ["acme/api.js/dependabot/3"]),
        ("https://github.com/acme/api/security/code-scanning/12?x#y", ["acme/api/code_scanning/12"]),
        ("https://github.com/acme/security/security/dependabot/3", ["acme/security/dependabot/3"]),
        ("https://ghe.corp:8443/acme/api/security/secret-scanning/4.", ["acme/api/secret_scanning/4"]),
        ("https://api.github.com/repos/acme/api/code-scanning/alerts/12", ["acme/api/code_scanning/12"]),
        ("https://ghe.corp/api/v3/repos/acme/api/dependabot/alerts/3", ["acme/api/dependabot/3"]),
        ("CQLF-1 again: cqlf-1, acme/api/dependabot/3 acme/api/dependabot/3", ["CQLF-1", "acme/api/dependabot/3"]),
        ("XCQLF-1 CQLF-1a CQLF- acme/api/issues/3 acme/api/dependabot/0 acme/api/dependabot/x", []),
        ("https://github.com/acme/api/security/advisories/3 api/dependabot/3", []),
    ],
)
def test_alerts_are_found_however_they_are_written(said: str, expected: list[str]) -> None:
    assert alert_refs(said) == expected


def test_references_of_several_texts_are_in_their_order_and_each_once() -> None:
    assert alert_refs("CQLF-2", None, "", "CQLF-1 CQLF-2") == ["CQLF-2", "CQLF-1"]
    assert alert_refs() == session_ids() == pull_request_urls() == []


@pytest.mark.parametrize(
    "said",
    [
        ID,
        f"devin-{ID}",
        f"Devin-{ID.upper()}",
        f"devin/{ID}-fix",
        f"devin_{ID}_fix",
        f"[run](https://app.devin.ai/sessions/{ID})",
        f"https://app.devin.ai/sessions/devin-{ID}?tab=1",
    ],
)
def test_a_session_is_found_however_it_is_written(said: str) -> None:
    assert session_ids(said) == [ID]


def test_what_is_longer_or_no_hexadecimal_number_is_no_session() -> None:
    assert session_ids(f"{ID}0", f"{ID}{OTHER[:8]}", "z" + ID, ID[:31], "devin-abc") == []


def test_what_is_marked_as_a_session_comes_before_what_might_be_a_checksum() -> None:
    assert session_ids(f"md5 {OTHER}", f"https://app.devin.ai/sessions/{ID}") == [ID, OTHER]


def test_a_session_has_one_id_in_all_versions_of_the_api() -> None:
    assert session_id(ID) == session_id(f"devin-{ID}") == session_id(f"devin-{ID.upper()}") == ID
    assert session_id("devin-Abc") == "Abc"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("https://github.com/acme/api/pull/7", ["https://github.com/acme/api/pull/7"]),
        ("see https://ghe.corp:8443/acme/api/pull/7/files#d.", ["https://ghe.corp:8443/acme/api/pull/7"]),
        ("(http://git/acme/api/pull/7)", ["http://git/acme/api/pull/7"]),
        ("https://gitlab.com/a/b/c/-/merge_requests/3", ["https://gitlab.com/a/b/c/-/merge_requests/3"]),
        ("https://bitbucket.org/a/b/pull-requests/3", ["https://bitbucket.org/a/b/pull-requests/3"]),
        ("https://user:word@github.com/acme/api/pull/7", []),
        ("https://github.com/acme/api/issues/7 github.com/acme/api/pull/7 https://github.com/acme/api/pull/7x", []),
    ],
)
def test_addresses_of_pull_requests_are_found_on_any_host(said: str, expected: list[str]) -> None:
    assert pull_request_urls(said) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/acme/api/pull/7", "acme/api"),
        ("https://corp/git/acme/api/pull/7", "acme/api"),
        ("https://gitlab.com/a/b/-/merge_requests/3", None),
        ("https://github.com/pull/7", None),
    ],
)
def test_the_repository_of_a_pull_request(url: str, expected: str | None) -> None:
    assert pull_request_repository(url) == expected


@pytest.mark.parametrize("find", [alert_refs, session_ids, pull_request_urls])
@pytest.mark.parametrize(
    "piece",
    ["a/", "a", "CQLF-", "CQLF-R", "0", "-", "devin-", "http://", "http://a", "http://a/", "/pull/", "a" * 38 + "/"],
)
def test_no_text_takes_long_to_search(find: Callable[..., list[str]], piece: str) -> None:
    began = time.process_time()
    find(piece * (LIMIT // len(piece)), "http://a/" + piece * LIMIT)
    assert time.process_time() - began < 5


@given(st.text() | st.from_regex(r"(https?://|devin-|CQLF-|[a-z]{1,3}/|\d{1,3}|dependabot/|pull/| ){0,20}"))
def test_any_text_gives_only_what_is_in_it(said: str) -> None:
    assert all(ref.casefold().replace("_", "-")[-3:] in said.casefold().replace("_", "-") for ref in alert_refs(said))
    assert all(url in said for url in pull_request_urls(said))
    assert all(found in said.lower() for found in session_ids(said))
