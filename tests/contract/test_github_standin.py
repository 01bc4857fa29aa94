"""The GitHub stand-in behaves as GitHub does: names, tokens, limits, conditional requests, PyGithub."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from github import Auth, BadCredentialsException, Github

from tests.standins.github import DATA, EVERYTHING, AlertName, GitHubStandin, State, Token, populate
from tests.standins.github.reader import get, walk

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout")

SHOP = "acme/shop"
RUNS = f"/repos/{SHOP}/actions/runs"


@pytest.fixture
def gh() -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo(SHOP)
        yield standin


@pytest.fixture
def client(gh: GitHubStandin) -> Iterator[Github]:
    client = Github(base_url=gh.url, auth=Auth.Token(gh.token), seconds_between_requests=0, retry=None)
    yield client
    client.close()


# --- accounts and names


def test_an_account_is_an_organisation_or_a_user(gh: GitHubStandin) -> None:
    gh.state.create_user("ann")
    gh.state.create_repo("ann/notes")
    kinds = [get(gh, f"/users/{login}").json()["type"] for login in ("acme", "ann")]
    assert kinds == ["Organization", "User"]
    assert get(gh, "/orgs/ann").status_code == 404
    assert [repo["full_name"] for repo in walk(gh, "/users/ann/repos")] == ["ann/notes"]


def test_repositories_of_an_organisation_come_in_pages(gh: GitHubStandin) -> None:
    names = populate(gh.state, org="many", repos=7)
    first = get(gh, "/orgs/many/repos", per_page=3, sort="full_name")
    assert [repo["full_name"] for repo in first.json()] == names[:3]
    assert f"/organizations/{gh.state.accounts['many'].id}/repos" in first.links["next"]["url"]
    assert [repo["full_name"] for repo in walk(gh, "/orgs/many/repos", per_page=3, sort="full_name")] == names


def test_names_are_found_in_any_case_and_unknown_ones_are_not(gh: GitHubStandin) -> None:
    assert get(gh, "/repos/ACME/Shop").json()["full_name"] == SHOP
    missing = get(gh, "/repos/acme/nothing")
    assert (missing.status_code, missing.json()["message"], missing.json()["status"]) == (
        404,
        "Not Found",
        "404",
    )


def test_a_renamed_repository_answers_301_by_id_with_the_query_kept(gh: GitHubStandin) -> None:
    run = gh.state.new_run(SHOP)
    repo = gh.state.rename_repo(SHOP, "acme/store")
    answer = get(gh, RUNS, per_page=5)
    assert answer.status_code == 301
    assert answer.headers["location"] == f"{gh.url}/repositories/{repo.id}/actions/runs?per_page=5"
    (moved,) = walk(gh, answer.headers["location"])
    assert (moved["id"], moved["url"]) == (run["id"], f"{gh.url}/repos/acme/store/actions/runs/{run['id']}")
    assert moved["repository"]["full_name"] == "acme/store"


def test_a_new_repository_may_take_the_old_name(gh: GitHubStandin) -> None:
    old = gh.state.rename_repo(SHOP, "acme/store")
    new = gh.state.create_repo(SHOP)
    assert [get(gh, f"/repos/{name}").json()["id"] for name in (SHOP, "acme/store")] == [new.id, old.id]


def test_a_deleted_repository_is_gone_under_every_name(gh: GitHubStandin) -> None:
    gh.state.rename_repo(SHOP, "acme/store")
    gh.state.delete_repo("acme/store")
    assert [get(gh, f"/repos/{name}").status_code for name in (SHOP, "acme/store")] == [404, 404]


def test_what_is_changed_is_shown_at_once(gh: GitHubStandin) -> None:
    assert get(gh, f"/repos/{SHOP}").json()["archived"] is False
    gh.state.edit_repo(SHOP, archived=True)
    assert get(gh, f"/repos/{SHOP}").json()["archived"] is True


# --- tokens


def test_a_wrong_token_is_401_everywhere(gh: GitHubStandin) -> None:
    answer = get(gh, f"/repos/{SHOP}", token="ghp_wrong")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_without_a_token_public_data_is_open_and_private_data_is_not(gh: GitHubStandin) -> None:
    gh.state.create_repo("acme/hidden", private=True)
    asked = (RUNS, "/user", f"/repos/{SHOP}/code-scanning/alerts", "/repos/acme/hidden")
    assert [get(gh, path, token="").status_code for path in asked] == [200, 401, 401, 404]
    assert [repo["full_name"] for repo in walk(gh, "/orgs/acme/repos", token="")] == [SHOP]


@pytest.mark.parametrize("kind", ["code-scanning", "dependabot", "secret-scanning"])
def test_a_missing_permission_is_403_and_named_in_a_header(gh: GitHubStandin, kind: AlertName) -> None:
    kept = EVERYTHING - {"security_events", "vulnerability_alerts", "secret_scanning_alerts"}
    gh.state.tokens.add(Token("github_pat_few", kind="fine-grained", permissions=kept))
    gh.state.tokens.add(Token("ghs_few", kind="installation", permissions=kept))
    for token, who in (("github_pat_few", "personal access token"), ("ghs_few", "integration")):
        answer = get(gh, f"/orgs/acme/{kind}/alerts", token=token)
        assert (answer.status_code, answer.json()["message"]) == (403, f"Resource not accessible by {who}")


def test_classic_tokens_are_told_their_scopes(gh: GitHubStandin) -> None:
    headers = get(gh, "/user").headers
    assert headers["x-oauth-scopes"] == "read:org, repo, security_events"
    assert headers["x-accepted-github-permissions"] == "metadata=read"


def test_a_revoked_token_is_refused_from_then_on(gh: GitHubStandin) -> None:
    assert get(gh, "/user").status_code == 200
    gh.state.tokens.revoke(gh.token)
    assert get(gh, "/user").status_code == 401


# --- limits and conditional requests


def test_an_unchanged_answer_is_304_and_costs_nothing(gh: GitHubStandin) -> None:
    first = get(gh, RUNS)
    again = get(gh, RUNS, headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["etag"].startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"] == "1"
    assert [(entry.conditional, entry.points) for entry in gh.log] == [(False, 1), (True, 0)]


def test_an_unchanged_page_still_leads_to_the_next(gh: GitHubStandin) -> None:
    for day in (1, 2):
        gh.state.new_run(SHOP, at=f"2026-03-0{day}")
    first = get(gh, RUNS, per_page=1)
    again = get(gh, RUNS, per_page=1, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.headers["link"]) == (304, first.headers["link"])


def test_a_changed_answer_has_another_etag(gh: GitHubStandin) -> None:
    first = get(gh, RUNS)
    gh.state.new_run(SHOP)
    again = get(gh, RUNS, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]


def test_a_change_elsewhere_leaves_the_etag(gh: GitHubStandin) -> None:
    first = get(gh, RUNS)
    gh.state.create_repo("acme/other")
    gh.state.new_run("acme/other")
    assert get(gh, RUNS, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_the_primary_limit_ends_and_begins_anew_after_an_hour() -> None:
    now = [1_800_000_000.0]
    with GitHubStandin(State(clock=lambda: now[0])) as gh:
        gh.state.tokens.add(Token(gh.token, limit=2))
        statuses = [get(gh, "/meta").status_code for _ in range(3)]
        spent = get(gh, "/meta")
        assert statuses == [200, 200, 403]
        assert (spent.headers["x-ratelimit-remaining"], spent.headers["x-ratelimit-reset"]) == (
            "0",
            "1800003600",
        )
        assert "API rate limit exceeded" in spent.json()["message"]
        assert get(gh, "/rate_limit").json()["rate"] == {
            "limit": 2,
            "used": 2,
            "remaining": 0,
            "reset": 1_800_003_600,
        }
        now[0] += 3_601
        assert get(gh, "/meta").status_code == 200


def test_asking_for_the_rate_limit_is_free(gh: GitHubStandin) -> None:
    assert get(gh, "/rate_limit").json()["resources"]["core"]["used"] == 0
    assert gh.log.points == 0


# --- the wire


def test_answers_are_packed_only_if_asked(gh: GitHubStandin) -> None:
    packed, plain = (get(gh, f"/repos/{SHOP}", headers={"Accept-Encoding": how}) for how in ("gzip", "identity"))
    assert (packed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.json() == plain.json()


def test_one_connection_serves_many_requests(gh: GitHubStandin) -> None:
    with requests.Session() as session:
        for _ in range(3):
            assert session.get(f"{gh.url}/meta", timeout=10).ok
        (pool,) = session.adapters["http://"].poolmanager.pools._container.values()  # type: ignore[attr-defined]
        assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_the_log_knows_how_many_requests_ran_at_once() -> None:
    with GitHubStandin(latency_s=0.2) as gh, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: get(gh, "/meta"), range(4)))
        assert len(gh.log.matching("^/meta$", status=200)) == 4
        assert gh.log.max_in_flight > 1


def test_a_base_path_is_part_of_every_address() -> None:
    with GitHubStandin(base_path="/api/v3") as gh:
        names = populate(gh.state, repos=3, runs=1)
        assert [repo["full_name"] for repo in walk(gh, "/orgs/acme/repos", per_page=1, sort="full_name")] == names
        (run,) = walk(gh, f"/repos/{names[0]}/actions/runs")
        assert run["url"].startswith(f"http://127.0.0.1:{gh.port}/api/v3/repos/")
        assert get(gh, f"http://127.0.0.1:{gh.port}/meta").status_code == 404


def test_a_failure_of_the_standin_itself_fails_the_test(gh: GitHubStandin) -> None:
    gh.state.repo(SHOP).features.clear()
    assert get(gh, f"/repos/{SHOP}/dependabot/alerts").status_code == 500
    with pytest.raises(AssertionError, match="KeyError"):
        gh.__exit__(None, None, None)
    gh.errors.clear()


# --- PyGithub


def ask(client: Github, path: str, **headers: str) -> tuple[int, dict[str, Any], str]:
    return client.requester.requestJson("GET", path, parameters={"per_page": 1}, headers=headers or None)


def test_pygithub_reads_pages_by_their_links(gh: GitHubStandin, client: Github) -> None:
    runs = [gh.state.new_run(SHOP, at=f"2026-03-0{day}") for day in (1, 2, 3)]
    status, headers, _ = ask(client, RUNS)
    following = requests.utils.parse_header_links(headers["link"])[0]["url"]
    _, _, second = client.requester.requestJson("GET", following)
    assert status == 200
    assert f'"id":{runs[1]["id"]}' in second


def test_pygithub_hands_on_a_304(gh: GitHubStandin, client: Github) -> None:
    _, headers, _ = ask(client, RUNS)
    assert ask(client, RUNS, **{"If-None-Match": headers["etag"]})[::2] == (304, "")


def test_pygithub_follows_a_rename_but_loses_the_query(gh: GitHubStandin, client: Github) -> None:
    for day in (1, 2):
        gh.state.new_run(SHOP, at=f"2026-03-0{day}")
    repo = gh.state.rename_repo(SHOP, "acme/store")
    status, headers, _ = ask(client, RUNS)
    assert (status, "link" in headers) == (200, False)
    assert gh.log[-1].target == f"/repositories/{repo.id}/actions/runs"


def test_pygithub_reads_objects(gh: GitHubStandin, client: Github) -> None:
    gh.state.new_run(SHOP, conclusion="failure")
    repo = client.get_repo(SHOP)
    assert [run.conclusion for run in repo.get_workflow_runs()] == ["failure"]
    assert client.get_organization("acme").login == "acme"


def test_pygithub_fails_loudly_with_a_wrong_token(gh: GitHubStandin) -> None:
    client = Github(base_url=gh.url, auth=Auth.Token("ghp_wrong"), seconds_between_requests=0, retry=None)
    with pytest.raises(BadCredentialsException):
        client.get_repo(SHOP)
    client.close()
