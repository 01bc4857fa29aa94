"""A person signs in, looks at a page, signs out; and a cookie copied before that is good for nothing."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.contract.signing_in import PASSWORD, users_in
from tests.e2e.serving import Served, served
from tests.standins.github import GitHubStandin
from tests.standins.oidc import oidc_provider

PATIENCE_MS = 90_000


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Fettle with two local users."""
    folder = tmp_path_factory.mktemp("guarded")
    environment = {
        "FETTLE_STORE": f"file://{folder}/store",
        "FETTLE_CACHE": str(folder / "cache"),
        "FETTLE_USERS": str(users_in(folder)),
        "FETTLE_WARM_RANGES": "",
    }
    with served(environment) as place:
        yield place


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(viewport={"width": 1440, "height": 1000}, timezone_id="UTC") as context:
        yield context


def sign_in(page: Page, place: Served, path: str = "/", name: str = "ann") -> None:
    page.goto(place.ui + path)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def visitor(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar").get_by_test_id("stText")


def test_who_signs_out_is_out_in_every_tab_and_with_every_copy_of_the_cookie(
    guarded: Served, context: BrowserContext, chromium: Browser
) -> None:
    page = context.new_page()
    sign_in(page, guarded, "/workflows?range=30d", "Ann ")
    expect(page).to_have_url(f"{guarded.ui}/workflows?range=30d")
    expect(visitor(page)).to_have_text("ann · operator", timeout=PATIENCE_MS)
    copied = context.cookies()
    other = context.new_page()
    other.goto(guarded.ui)
    expect(visitor(other)).to_have_text("ann · operator", timeout=PATIENCE_MS)

    page.bring_to_front()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert [cookie["name"] for cookie in context.cookies() if cookie["name"] == "fettle_session"] == []

    other.bring_to_front()
    other.get_by_role("link", name="At risk").click()  # over the connection that this tab still has
    expect(other.get_by_text("Your session has ended; sign in again.")).to_be_visible(timeout=PATIENCE_MS)
    expect(visitor(other)).to_have_count(0)

    with chromium.new_context() as thief:
        thief.add_cookies([{"name": one["name"], "value": one["value"], "url": guarded.ui} for one in copied])
        stolen = thief.new_page()
        stolen.goto(guarded.ui)
        expect(stolen).to_have_url(re.compile("/api/auth/sign-in"))


@pytest.mark.slow
def test_a_person_signs_in_with_a_provider_and_out(
    tmp_path_factory: pytest.TempPathFactory, context: BrowserContext
) -> None:
    folder = tmp_path_factory.mktemp("provided")
    users = {"ann": {"email": "ann@example.com", "email_verified": True}}
    with oidc_provider(users) as provider, GitHubStandin(base_path="/api/v3") as github:
        environment = {
            "FETTLE_STORE": f"file://{folder}/store",
            "FETTLE_CACHE": str(folder / "cache"),
            "FETTLE_OIDC_ISSUER": provider.issuer,
            "FETTLE_OIDC_CLIENT_ID": "fettle",
            "FETTLE_OIDC_CLIENT_SECRET": "secret",
            "FETTLE_GITHUB_CLIENT_ID": github.oauth.client_id,
            "FETTLE_GITHUB_CLIENT_SECRET": github.oauth.client_secret,
            "GITHUB_API_URL": github.url,
            "FETTLE_SIGN_IN_ADMINS": "ann@example.com",
            "FETTLE_SIGN_IN_VIEWERS": "github:*",
        }
        with served(environment) as place:
            page = context.new_page()
            page.goto(f"{place.ui}/sla")
            page.get_by_role("link", name="Sign in with 127.0.0.1").click()
            page.get_by_role("button", name="ann").click()  # at the provider
            expect(visitor(page)).to_have_text("ann@example.com · admin", timeout=PATIENCE_MS)
            expect(page).to_have_url(f"{place.ui}/sla")
            page.get_by_role("button", name="Sign out").click()
            page.get_by_role("link", name="Sign in again").click()
            page.get_by_role("link", name="Sign in with GitHub").click()  # who agrees at once
            expect(visitor(page)).to_have_text("github:mona · viewer", timeout=PATIENCE_MS)
            page.get_by_role("button", name="Sign out").click()
            page.goto(place.ui)
            expect(page).to_have_url(re.compile("/api/auth/sign-in"))
