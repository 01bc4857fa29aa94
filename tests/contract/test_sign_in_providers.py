"""Signing in with a provider over real HTTP: OpenID Connect's by oidc-provider-mock, GitHub's by the stand-in."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from shared.access import github_repos
from shared.access.opening import open_sessions
from shared.access.sealing import seal, unseal
from shared.access.sessions import Sessions
from shared.lake.local import LocalStore
from shared.settings import load_settings
from tests.contract.signing_in import COOKIE, Pages, pages
from tests.standins.github import GitHubStandin
from tests.standins.oidc import OidcProvider, oidc_provider

USERS: dict[str, dict[str, object]] = {
    "ann": {"email": "Ann@example.com", "email_verified": True},
    "bob": {"email": "bob@example.com", "email_verified": True},
    "eve": {"email": "eve@example.org", "email_verified": True},
    "mallory": {"email": "ann@example.com", "email_verified": False},
    "upn": {"preferred_username": "upn@example.com"},
    "nobody": {"name": "No Body"},
    "hub": {"email": "github:mona@example.com", "email_verified": True},
}


@dataclass(frozen=True)
class World:
    """The pages with two providers."""

    pages: Pages
    oidc: OidcProvider
    github: GitHubStandin

    @property
    def sessions(self) -> Sessions:
        """What another process, such as the API's, sees of sessions."""
        found = open_sessions(load_settings(), LocalStore(self.pages.folder / "store"))
        assert found is not None
        return found


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, Any]]:
    with oidc_provider(USERS) as oidc, GitHubStandin(base_path="/api/v3") as github:
        github.state.create_repo("acme/shop", private=True)
        github.state.create_repo("globex/secret", private=True)
        for number in range(120):
            github.state.create_repo(f"acme/tool-{number:03}", private=True)
        github.state.create_repo("other/public")
        github.oauth.account = "acme"
        yield {
            "oidc": oidc,
            "github": github,
            "settings": {
                "FETTLE_OIDC_ISSUER": oidc.issuer,
                "FETTLE_OIDC_CLIENT_ID": "fettle",
                "FETTLE_OIDC_CLIENT_SECRET": "secret",
                "FETTLE_GITHUB_CLIENT_ID": github.oauth.client_id,
                "FETTLE_GITHUB_CLIENT_SECRET": github.oauth.client_secret,
                "GITHUB_API_URL": github.url,
                "FETTLE_SIGN_IN_ADMINS": "ann@example.com",
                "FETTLE_SIGN_IN_OPERATORS": "github:mona",
                "FETTLE_SIGN_IN_VIEWERS": "@example.com",
                "FETTLE_TRUSTED_PROXIES": "127.0.0.1",
            },
        }


@pytest.fixture(scope="module")
def served(environment: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with pages(tmp_path_factory.mktemp("served"), **environment["settings"]) as place:
        yield place


@pytest.fixture
def world(environment: dict[str, Any], served: Pages, monkeypatch: pytest.MonkeyPatch) -> World:
    for name, value in environment["settings"].items():
        monkeypatch.setenv(name, value)
    environment["github"].oauth.login = "mona"
    return World(served, environment["oidc"], environment["github"])


@pytest.fixture
def visitor(world: World) -> Iterator[httpx.Client]:
    with world.pages.visitor(**{"x-forwarded-for": next(_ADDRESSES)}) as client:
        yield client


_ADDRESSES = (f"192.0.2.{n}" for n in range(1, 250))


def begun(visitor: httpx.Client, provider: str, then: str = "/sla?range=7d") -> str:
    """Where the browser is sent."""
    answer = visitor.get(f"/api/auth/{provider}", params={"next": then})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def with_oidc(world: World, visitor: httpx.Client, subject: str) -> httpx.Response:
    return visitor.get(world.oidc.agree(begun(visitor, "oidc"), subject))


def with_github(world: World, visitor: httpx.Client) -> httpx.Response:
    consent = httpx.get(begun(visitor, "github"), trust_env=False)
    assert consent.status_code == 302
    return visitor.get(consent.headers["location"])


def test_the_page_offers_what_there_is(world: World, visitor: httpx.Client) -> None:
    page = visitor.get("/api/auth/sign-in?next=/sla").text
    assert 'href="/api/auth/oidc?next=%2Fsla"' in page
    assert "Sign in with GitHub" in page
    assert "<form" not in page
    own = {"sec-fetch-site": "same-origin"}
    assert visitor.post("/api/auth/local", data={"name": "a", "password": "b"}, headers=own).status_code == 404


def test_who_the_provider_knows_and_a_list_names_comes_in(world: World, visitor: httpx.Client) -> None:
    answer = with_oidc(world, visitor, "ann")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sla?range=7d")
    assert visitor.get("/").status_code == 200
    caller = world.sessions.caller(visitor.cookies[COOKIE])
    assert caller is not None
    assert (caller.name, caller.role, caller.repos) == ("ann@example.com", "admin", None)
    assert "fettle_sign_in" not in visitor.cookies
    copied = visitor.cookies[COOKIE]
    assert world.pages.sign_out(visitor).status_code == 200
    assert world.sessions.caller(copied) is None


@pytest.mark.parametrize(("subject", "name"), [("bob", "bob@example.com"), ("upn", "upn@example.com")])
def test_who_is_of_a_domain_comes_in_as_a_viewer(world: World, visitor: httpx.Client, subject: str, name: str) -> None:
    assert with_oidc(world, visitor, subject).status_code == 303
    caller = world.sessions.caller(visitor.cookies[COOKIE])
    assert caller is not None
    assert (caller.name, caller.role) == (name, "viewer")


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("eve", "eve@example.org is on none of the lists"),
        ("mallory", "has not verified your e-mail address"),
        ("nobody", "told no e-mail address"),
        ("hub", "told no e-mail address"),
    ],
)
def test_who_is_on_no_list_stays_out(world: World, visitor: httpx.Client, subject: str, told: str) -> None:
    answer = with_oidc(world, visitor, subject)
    assert answer.status_code == 403
    assert told in answer.text
    assert COOKIE not in visitor.cookies
    assert '"action":"sign_in.refuse"' in world.pages.audit


def test_the_provider_is_asked_with_state_nonce_and_pkce(world: World, visitor: httpx.Client) -> None:
    for provider in ("oidc", "github"):
        query = {name: value[0] for name, value in parse_qs(urlsplit(begun(visitor, provider)).query).items()}
        assert query["redirect_uri"] == f"{world.pages.url}/api/auth/{provider}/callback"
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert len(query["state"]) == len(query["code_challenge"]) == 43
        assert ("nonce" in query) == (provider == "oidc")
        held = visitor.cookies["fettle_sign_in"].split(".")
        assert held[1] == query["state"]
        assert query["code_challenge"] not in held


def test_nobody_is_signed_in_as_somebody_else(world: World, visitor: httpx.Client) -> None:
    """A link of an attacker's, with a code that is good, in a browser that began nothing or something else."""
    with world.pages.visitor() as attacker:
        good = world.oidc.agree(begun(attacker, "oidc"), "bob")
    assert visitor.get(good).status_code == 403
    begun(visitor, "oidc")
    assert visitor.get(good).status_code == 403
    own = world.oidc.agree(begun(visitor, "oidc"), "ann")
    assert visitor.get(own.replace("/oidc/", "/github/")).status_code == 403
    assert COOKIE not in visitor.cookies


def test_a_code_is_good_once_and_no_is_no(world: World, visitor: httpx.Client) -> None:
    back = world.oidc.agree(begun(visitor, "oidc"), "ann")
    held = visitor.cookies["fettle_sign_in"]
    assert visitor.get(back).status_code == 303
    visitor.cookies.clear()
    visitor.cookies.set("fettle_sign_in", held)
    assert visitor.get(back).status_code == 403
    denied = world.oidc.agree(begun(visitor, "oidc"), "ann", "deny")
    assert visitor.get(denied).status_code == 403
    world.github.oauth.login = None
    assert "has not signed you in" in with_github(world, visitor).text
    assert COOKIE not in visitor.cookies


def test_who_comes_from_github_sees_the_repositories_that_they_can_read(world: World, visitor: httpx.Client) -> None:
    assert with_github(world, visitor).status_code == 303
    caller = world.sessions.caller(visitor.cookies[COOKIE])
    assert caller is not None
    assert (caller.name, caller.role) == ("github:mona", "operator")
    assert caller.repos is not None
    assert len(caller.repos) == 122  # more than a page
    assert {"acme/shop", "acme/tool-119", "other/public"} <= caller.repos
    assert "globex/secret" not in caller.repos
    secret = next(value for value in world.github.state.tokens.known if value.startswith("ghu_"))
    stored = b"".join(file.read_bytes() for file in (world.pages.folder / "store").rglob("*") if file.is_file())
    assert secret.encode() not in stored


def test_strangers_of_github_stay_out(world: World, visitor: httpx.Client) -> None:
    world.github.oauth.login = "stranger"
    answer = with_github(world, visitor)
    assert answer.status_code == 403
    assert "github:stranger is on none of the lists" in answer.text


def test_what_somebody_can_read_is_asked_anew_and_ends_with_the_token(
    world: World, visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert with_github(world, visitor).status_code == 303
    token, state = visitor.cookies[COOKIE], world.github.state

    def later(hours: float) -> Sessions:
        sessions = world.sessions
        sessions._clock = lambda: time.time() + hours * 3600
        return sessions

    state.create_repo("acme/new", private=True)
    caller = later(0.1).caller(token)
    assert caller is not None
    assert "acme/new" not in (caller.repos or ())
    caller = later(0.3).caller(token)
    assert caller is not None
    assert "acme/new" in (caller.repos or ())

    monkeypatch.setattr(github_repos, "TIMEOUT_S", (1.0, 1.0))
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")  # where nobody answers
    assert later(0.6).caller(token) == caller
    monkeypatch.setenv("GITHUB_API_URL", world.github.url)
    for value in [value for value in state.tokens.known if value.startswith("ghu_")]:
        state.tokens.revoke(value)
    assert later(0.6).caller(token) is None
    assert world.sessions.caller(token) is None


def test_who_cannot_be_told_to_be_allowed_sees_nothing_after_an_hour(
    world: World, visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert with_github(world, visitor).status_code == 303
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    sessions = world.sessions
    sessions._clock = lambda: time.time() + 3_700
    assert sessions.caller(visitor.cookies[COOKIE]) is None


def test_a_secret_is_opened_by_its_own_token_alone() -> None:
    sealed = seal("a" * 43, "ghu_secret")
    assert unseal("a" * 43, sealed) == "ghu_secret"
    assert unseal("b" * 43, sealed) is None
    assert unseal("a" * 43, sealed[:-4] + "AAAA") is None
    assert unseal("a" * 43, "") is None


@pytest.mark.slow
def test_beyond_this_machine_it_has_to_be_known_where_to_come_back_to(
    environment: dict[str, Any], tmp_path: Path
) -> None:
    told = environment["settings"] | {"FETTLE_UI_HOSTS": "fettle.example.com"}
    with pages(tmp_path, **told) as place, place.visitor(host="fettle.example.com") as visitor:
        answer = visitor.get("/api/auth/github")
        assert answer.status_code == 503
        assert "FETTLE_PUBLIC_URL" in answer.text
