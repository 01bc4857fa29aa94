"""Fettle with the shipped real data, served and looked at as a user does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from backend.__main__ import main
from tests.e2e.serving import Served, browser, fettle, served

NOW = "2026-07-24T00:00:00Z"
"""The day after the newest of the shipped runs."""


@pytest.fixture(scope="module")
def fettle_with_real_data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The served app over a store into which the shipped exports were imported by the command line."""
    folder = tmp_path_factory.mktemp("fettle")
    environment = {
        "FETTLE_STORE": f"file://{folder}/store",
        "FETTLE_CACHE": str(folder / "cache"),
        "FETTLE_NOW": NOW,
        "FETTLE_WARM_RANGES": "90d",
    }
    runs, alerts = shared_data / "runs", shared_data / "alerts"
    fettle(environment, "import", "runs", str(runs / "ionic_stencil_workflow_runs.json"))
    with pytest.MonkeyPatch.context() as patch:  # the others in this process, as to start one takes longer than these
        for name, value in environment.items():
            patch.setenv(name, value)
        assert main(["import", "runs", str(runs / "aoe_runs.csv"), "--repo", "acme/aoe"]) == 0
        assert main(["import", "alerts", *map(str, sorted(alerts.glob("*.json")))]) == 0
    with served(environment) as place:
        yield place


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with browser() as found:
        yield found


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page without a history."""
    with chromium.new_context(viewport={"width": 1440, "height": 1000}, timezone_id="UTC") as context:
        yield context.new_page()
