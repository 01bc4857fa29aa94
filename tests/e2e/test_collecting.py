"""A collection as an operator runs it: started on the page, followed to its end, and ended with the server."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.contract.collecting import add_shop
from tests.e2e.serving import browser, served
from tests.standins.github import GitHubStandin, faults

pytestmark = pytest.mark.slow

PATIENCE_S = 60
PATIENCE_MS = 1000 * PATIENCE_S


class Held:
    """A stand-in GitHub that answers nothing until it may."""

    def __init__(self, gh: GitHubStandin) -> None:
        self.gh, self.go, self.asked = gh, threading.Event(), threading.Event()
        gh.faults.add(faults.hook(self._wait), times=None)

    def _wait(self, _: object) -> None:
        self.asked.set()
        self.go.wait(PATIENCE_S)

    def again(self) -> None:
        self.go.clear()
        self.asked.clear()


@pytest.fixture
def held() -> Iterator[Held]:
    with GitHubStandin() as gh:
        add_shop(gh)
        found = Held(gh)
        yield found
        found.go.set()


def start(page: Page, name: str = "") -> None:
    """Opens the panel and has it read what is new of a name; of all that was before without one."""
    page.get_by_text("Run a collection", exact=True).click()
    if name:
        field = page.get_by_role("combobox", name="Organisations and repositories")
        field.fill(name)
        field.press("Enter")
        field.press("Escape")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("A collection runs.")).to_be_visible(timeout=PATIENCE_MS)


def kept(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "store/state/collecting.json").read_text())
    return found


def test_it_is_followed_to_its_end_and_ends_with_the_server(held: Held, tmp_path: Path) -> None:
    environment = {
        "FETTLE_STORE": f"file://{tmp_path}/store",
        "FETTLE_CACHE": f"{tmp_path}/cache",
        "FETTLE_WARM_RANGES": "",
        "GITHUB_API_URL": held.gh.url,
        "GITHUB_TOKEN": held.gh.token,
    }
    with browser() as chromium:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE_MS)
        with served(environment) as place:
            page.goto(f"{place.ui}/data")
            expect(page.get_by_text("Collection ledger: nothing collected yet.")).to_be_visible(timeout=PATIENCE_MS)
            start(page, "acme")
            assert held.asked.wait(PATIENCE_S)
            held.go.set()
            expect(page.get_by_text("ended well after")).to_be_visible(timeout=PATIENCE_MS)
            expect(page.get_by_text("Collection ledger: nothing collected yet.")).not_to_be_visible()
            expect(page.get_by_text("What is known of each repository")).to_be_visible()

            held.again()
            start(page)
            assert held.asked.wait(PATIENCE_S)
            threading.Timer(1, held.go.set).start()  # it is told to end before that, as the page is still open
    ended = kept(tmp_path)
    assert ended["running"] is None
    assert (ended["ended"][0]["status"], ended["ended"][0]["exit_code"]) == ("stopped", 130)
    assert ended["ended"][0]["lines"][-1].startswith("fettle: interrupted; what was read so far is kept")
