"""The served app as a user has it: real processes, real data, a real browser."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browser import FLAGS, find_browser
from tests.standins.azurite import free_port

ROOT = Path(__file__).parents[2]

START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Served:
    """Where a running Fettle answers."""

    ui: str
    api: str


def fettle(environment: dict[str, str], *arguments: str) -> str:
    """Runs a command of Fettle as a user would and returns what it prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "backend", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


@contextmanager
def served(environment: dict[str, str]) -> Iterator[Served]:
    """Fettle served on free ports, ready to answer; ended afterwards."""
    ui_port, api_port = free_port(), free_port()
    command = [sys.executable, "-m", "backend", "serve", "--ui-port", str(ui_port), "--api-port", str(api_port)]
    process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        place = Served(f"http://127.0.0.1:{ui_port}", f"http://127.0.0.1:{api_port}/api")
        _wait_for(f"{place.ui}/_stcore/health", process)
        _wait_for(f"{place.api}/health", process)
        yield place
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium. Raises RuntimeError where there is none."""
    program = find_browser()
    if program is None:
        raise RuntimeError("there is no Chromium; run `make test-tools`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


def get_json(url: str) -> dict[str, object]:
    """The JSON object at an address."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        found: dict[str, object] = json.load(answer)
    return found


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"serve ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {START_TIMEOUT_S} s")
