"""The GitHub stand-in's apps: GitHub's words for what is wrong with a signature, and its shapes."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from tests.contract.test_github_standin_openapi import DESCRIPTION
from tests.standins.authority import KeyPair, key_pair
from tests.standins.github import EVERYTHING, GitHubStandin
from tests.standins.github.reader import get

ACCESS = "/app/installations/501/access_tokens"


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return key_pair()


@pytest.fixture
def gh(shared_data: Path, keys: KeyPair) -> Iterator[GitHubStandin]:
    with GitHubStandin() as standin:
        standin.state.create_repo("acme/shop", private=True)
        apps = standin.state.tokens.apps
        apps.install(apps.create(7, keys.public), "acme", EVERYTHING)
        yield standin


def signed(keys: KeyPair, *, iat: float = -60, exp: float = 540, iss: str = "7") -> str:
    now = int(time.time())
    return jwt.encode({"iat": now + iat, "exp": now + exp, "iss": iss}, keys.private, algorithm="RS256")


def post(gh: GitHubStandin, path: str, token: str) -> requests.Response:
    return requests.post(gh.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=10)


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"exp": -1}, 401, "'Expiration time' claim ('exp') must be a numeric value"),
        ({"exp": 700}, 401, "'Expiration time' claim ('exp') is too far in the future"),
        ({"iat": 60}, 401, "'Issued at' claim ('iat') must be an Integer"),
        ({"iss": "8"}, 404, "Integration not found"),
    ],
)
def test_a_signature_is_judged_by_the_stand_ins_clock(
    gh: GitHubStandin, keys: KeyPair, claims: dict[str, Any], status: int, words: str
) -> None:
    answer = get(gh, "/app", signed(keys, **claims))
    assert (answer.status_code, answer.json()["message"][: len(words)]) == (status, words)


def test_another_key_and_a_changed_token_are_refused(gh: GitHubStandin, keys: KeyPair) -> None:
    good = signed(keys)
    assert get(gh, "/app", good).json()["id"] == 7
    for wrong in (signed(key_pair()), good[:-8] + "AAAAAAAA", good.replace(".", "", 1)):
        assert get(gh, "/app", wrong).json()["message"] == "A JSON web token could not be decoded"


def test_a_token_of_an_installation_ends_and_is_refused_while_suspended(gh: GitHubStandin, keys: KeyPair) -> None:
    token = post(gh, ACCESS, signed(keys)).json()["token"]
    assert get(gh, "/repos/acme/shop", token).status_code == 200
    gh.state.tokens.apps.suspend(501)
    assert get(gh, "/repos/acme/shop", token).status_code == 403
    assert post(gh, ACCESS, signed(keys)).status_code == 403
    gh.state.tokens.apps.suspend(501, suspended=False)
    gh.state.clock = lambda: time.time() + 3_600
    assert get(gh, "/repos/acme/shop", token).status_code == 401


def test_a_token_reads_nothing_private_elsewhere_and_an_app_nothing_at_all(gh: GitHubStandin, keys: KeyPair) -> None:
    gh.state.create_repo("globex/shop", private=True)
    gh.state.create_repo("globex/public")
    token = post(gh, ACCESS, signed(keys)).json()["token"]
    assert get(gh, "/repos/globex/shop", token).status_code == 404
    assert get(gh, "/repos/globex/public", token).status_code == 200
    assert get(gh, "/repos/globex/public/dependabot/alerts", token).status_code == 403
    assert get(gh, "/repos/acme/shop/actions/runs", signed(keys)).status_code in {403, 404}
    assert get(gh, "/app", token).status_code == get(gh, "/app").status_code == 401


def test_the_installation_is_found_by_organisation_person_and_repository(gh: GitHubStandin, keys: KeyPair) -> None:
    paths = ("/orgs/acme/installation", "/users/acme/installation", "/repos/acme/shop/installation")
    found = [get(gh, path, signed(keys)).json() for path in paths]
    assert [installation["id"] for installation in found] == [501] * 3
    assert [installation["id"] for installation in get(gh, "/app/installations", signed(keys)).json()] == [501]
    gh.state.create_org("globex")
    assert get(gh, "/orgs/globex/installation", signed(keys)).status_code == 404


@pytest.mark.skipif(not DESCRIPTION.exists(), reason="GitHub's OpenAPI description is not installed")
def test_answers_have_the_fields_that_github_describes(gh: GitHubStandin, keys: KeyPair) -> None:
    schemas = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["components"]["schemas"]
    answers = {
        "installation": get(gh, "/orgs/acme/installation", signed(keys)).json(),
        "installation-token": post(gh, ACCESS, signed(keys)).json(),
        "integration": get(gh, "/app", signed(keys)).json(),
    }
    for name, found in answers.items():
        assert set(schemas[name]["required"]) <= set(found) <= set(schemas[name]["properties"]), name
