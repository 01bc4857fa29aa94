"""Finds a Chromium for the browser tests, or installs one: the system's, else Playwright's own, else Debian's package.

`python -m tests.e2e.browser` prints which one is used, or says what is missing and ends with 1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""No sandbox since the tests open nothing but our own pages and may run as root; no calls home."""


def find_browser() -> Path | None:
    """The browser to test with: FETTLE_TEST_BROWSER, one on the PATH, or Playwright's; None if there is none."""
    for name in (os.environ.get("FETTLE_TEST_BROWSER"), *NAMES):
        if name and (found := shutil.which(name)):
            return Path(found)
    return _playwrights()


def install_browser() -> Path | None:
    """Tries Playwright's own download, then Debian's package; None if neither can be had."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    if _succeeds(playwright, timeout_s=300) and (found := find_browser()):
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        _succeeds(["apt-get", "update", "-qq"], timeout_s=300)
        _succeeds(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], timeout_s=600)
    return find_browser()


def _playwrights() -> Path | None:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(folder.glob("chromium*/*/*headless*shell")) + sorted(folder.glob("chromium*/*/chrome"))
    return found[-1] if found else None


def _succeeds(command: list[str], timeout_s: int) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=timeout_s, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Makes sure there is a browser and says which."""
    browser = find_browser() or install_browser()
    if browser is None:
        print(
            "No Chromium for the browser tests: none on the PATH, Playwright could not download its own, and Debian's "
            "package could not be installed (that needs root). Install Chromium, or name one in FETTLE_TEST_BROWSER.",
            file=sys.stderr,
        )
        return 1
    print(f"Browser tests use {browser}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
