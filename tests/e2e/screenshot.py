"""Takes the README's picture from the served app with sample data: `python -m tests.e2e.screenshot FOLDER`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize

from tests.e2e.serving import browser, fettle, served

NOW = "2026-11-21T12:00:00Z"

SIZE: ViewportSize = {"width": 1440, "height": 1240}

DRAWN_MS = 4_000
"""After the figures have arrived, charts and tables still draw themselves."""


def take(folder: Path) -> Path:
    """Loads the sample into an empty store, serves it and saves `overview.png`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"FETTLE_STORE": f"file://{scratch}/store", "FETTLE_CACHE": f"{scratch}/cache", "FETTLE_NOW": NOW}
        fettle(environment, "demo", "load")
        with served(environment) as place, browser() as chromium:
            page = chromium.new_page(viewport=SIZE, timezone_id="UTC", color_scheme="light")
            page.goto(place.ui)
            page.get_by_test_id("stMetric").nth(5).wait_for(timeout=60_000)
            page.wait_for_timeout(DRAWN_MS)
            page.screenshot(path=folder / "overview.png")
    return folder / "overview.png"


if __name__ == "__main__":
    print(take(Path(sys.argv[1])))
