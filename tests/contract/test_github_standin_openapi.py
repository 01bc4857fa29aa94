"""The GitHub stand-in keeps to GitHub's own OpenAPI description, as Prism judges from in between."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.standins.azurite import free_port
from tests.standins.github import DATA, AlertName, GitHubStandin, State, load_shipped, populate

NODE = Path(__file__).parents[1] / "node" / "node_modules"
PRISM = NODE / ".bin" / "prism"
DESCRIPTION = NODE / "@octokit" / "openapi" / "generated" / "api.github.com.json"
START_TIMEOUT_S = 60

pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout"),
    pytest.mark.skipif(
        not (PRISM.exists() and DESCRIPTION.exists()),
        reason="Prism and GitHub's OpenAPI description are not installed; run `npm ci` in tests/node",
    ),
]

KINDS: tuple[AlertName, ...] = ("code-scanning", "dependabot", "secret-scanning")
SHOP = "acme/service-0001"
IONIC = "ionic-team/ionic-framework"
RUN_ID = 77

# What real data does against the published description, by place in the answer (N stands for any index).
# Fettle must read all of it, so the stand-in serves it unchanged.
DEVIATIONS = {
    # Git takes any text for an author's address; some bots write a plain name.
    "workflow_runs/N/head_commit/author/email",
    # CodeQL classifies files in words that the published list does not have.
    "N/most_recent_instance/classifications/N",
}

OPERATIONS = (
    "/rate_limit",
    "/meta",
    "/user",
    "/user/repos",
    "/orgs/{org}",
    "/orgs/{org}/repos",
    "/users/{username}",
    "/users/{username}/repos",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/actions/workflows",
    "/repos/{owner}/{repo}/actions/runs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
    "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/code-scanning/analyses",
    *(f"/orgs/{{org}}/{kind}/alerts" for kind in ("code-scanning", "dependabot", "secret-scanning")),
    *(f"/repos/{{owner}}/{{repo}}/{kind}/alerts" for kind in ("code-scanning", "dependabot", "secret-scanning")),
)


def excerpt(description: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """The description of reading `paths` alone, with the components it needs: Prism is slow to read 13 MB."""
    chosen = {path: {"get": description["paths"][path]["get"]} for path in paths}
    components: dict[str, dict[str, Any]] = {}
    waiting = references(chosen)
    while waiting:
        kind, name = waiting.pop()
        if name not in components.setdefault(kind, {}):
            components[kind][name] = description["components"][kind][name]
            waiting |= references(components[kind][name])
    return {
        "openapi": description["openapi"],
        "info": description["info"],
        "paths": chosen,
        "components": components,
    }


def references(value: Any) -> set[tuple[str, str]]:
    """(kind, name) of each component that `value` refers to."""
    found = re.findall(r"#/components/(\w+)/([\w.-]+)", json.dumps(value))
    return {(kind, name) for kind, name in found}


@pytest.fixture(scope="module")
def gh() -> Iterator[GitHubStandin]:
    state = State()
    load_shipped(state)
    populate(state, repos=2, runs=60, alerts=6)
    state.new_run(SHOP, id=RUN_ID, at="2026-10-30T06:00:00Z", conclusion="failure")
    state.rerun(RUN_ID, "success", at="2026-10-30T07:00:00Z")
    state.new_run(SHOP, at="2026-10-30T08:00:00Z", conclusion=None)
    for kind in KINDS:
        state.dismiss_alert(SHOP, kind, 1, comment="known")
    state.new_pull(SHOP, state="closed")
    state.new_analysis(SHOP)
    with GitHubStandin(state) as standin:
        yield standin


@pytest.fixture(scope="module")
def prism(gh: GitHubStandin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that hands requests on to the stand-in and judges its answers."""
    folder = tmp_path_factory.mktemp("prism")
    description = folder / "github.json"
    whole = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    description.write_text(json.dumps(excerpt(whole, OPERATIONS)), encoding="utf-8")
    port = free_port()
    with (folder / "prism.log").open("w") as log:
        process = subprocess.Popen(
            [PRISM, "proxy", description, gh.url, "--port", str(port), "--validate-request", "false"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_listening(process, folder / "prism.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait_until_listening(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while "Prism is listening" not in log.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Prism did not start:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.1)


def violations(prism: str, gh: GitHubStandin, path: str) -> dict[str, str]:
    """What is wrong with the answer's body: place (N for any index) -> message."""
    answer = requests.get(prism + path, headers={"Authorization": f"token {gh.token}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.headers.get("sl-violations", "[]"))
    return {
        re.sub(r"\b\d+\b", "N", "/".join(map(str, violation["location"][2:]))): violation["message"]
        for violation in found
        if violation["location"][0] == "response"
    }


@pytest.mark.parametrize(
    "path",
    [
        "/rate_limit",
        "/meta",
        "/user",
        "/user/repos?per_page=2",
        "/orgs/acme",
        "/orgs/acme/repos?type=all&sort=full_name&per_page=2",
        "/users/octocat",
        "/users/acme/repos?per_page=2",
        f"/repos/{SHOP}",
        f"/repos/{SHOP}/actions/workflows",
        f"/repos/{SHOP}/actions/runs?per_page=100",
        f"/repos/{SHOP}/actions/runs?created=%3E%3D2026-10-01&status=success&exclude_pull_requests=true",
        f"/repos/{SHOP}/actions/runs/{RUN_ID}",
        f"/repos/{SHOP}/actions/runs/{RUN_ID}/attempts/1",
        f"/repos/{SHOP}/actions/runs/{RUN_ID}/jobs?filter=all",
        f"/repos/{SHOP}/actions/runs/{RUN_ID}/attempts/1/jobs",
        f"/repos/{SHOP}/pulls?state=all&sort=updated&direction=desc",
        f"/repos/{SHOP}/code-scanning/analyses",
        "/orgs/acme/code-scanning/alerts?sort=updated&direction=desc&per_page=100",
        "/orgs/acme/dependabot/alerts?sort=updated&direction=desc&per_page=100",
        "/orgs/acme/secret-scanning/alerts?sort=updated&direction=desc&per_page=100",
        f"/repos/{SHOP}/code-scanning/alerts?state=closed",
        f"/repos/{SHOP}/dependabot/alerts?state=dismissed,fixed",
        f"/repos/{SHOP}/secret-scanning/alerts?state=resolved&hide_secret=true",
    ],
)
def test_what_the_standin_makes_itself_violates_nothing(prism: str, gh: GitHubStandin, path: str) -> None:
    assert violations(prism, gh, path) == {}


@pytest.mark.parametrize(
    "path",
    [
        f"/repos/{IONIC}",
        f"/repos/{IONIC}/actions/workflows",
        f"/repos/{IONIC}/actions/runs?per_page=100",
        f"/repos/{IONIC}/actions/runs/8000161341/attempts/1",
        f"/repos/{IONIC}/actions/runs/8000161341/jobs",
        "/repos/Tibule12/AutoPromote/code-scanning/alerts?per_page=100",
        "/repos/AvansHogeschoolBreda/openmrsmodule/dependabot/alerts?per_page=100",
        "/orgs/AvansHogeschoolBreda/dependabot/alerts?per_page=100&direction=asc",
        "/orgs/octo-org/secret-scanning/alerts",
    ],
)
def test_shipped_data_violates_only_what_is_known_of_real_data(prism: str, gh: GitHubStandin, path: str) -> None:
    found = violations(prism, gh, path)
    assert {place: message for place, message in found.items() if place not in DEVIATIONS} == {}


def test_a_wrong_object_is_noticed(prism: str, gh: GitHubStandin) -> None:
    repo = gh.state.create_repo("acme/broken")
    gh.state.new_run(repo.full_name, run_number="twelve")
    assert list(violations(prism, gh, "/repos/acme/broken/actions/runs")) == ["workflow_runs/N/run_number"]
