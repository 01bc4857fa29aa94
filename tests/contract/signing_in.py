"""The pages' process as `serve` runs it, and a browser without a screen that keeps cookies."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx

from shared.access.user_changes import add_user
from tests.conftest import ROOT
from tests.standins.azurite import free_port

PASSWORD = "correct horse battery"

COOKIE = "fettle_session"

START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Pages:
    """A running process of the pages."""

    url: str
    folder: Path
    output: Path

    def visitor(self, **headers: str) -> httpx.Client:
        """A browser of its own, which asks for pages."""
        return httpx.Client(base_url=self.url, headers={"accept": "text/html", **headers}, trust_env=False, timeout=60)

    def sign_in(
        self, visitor: httpx.Client, name: str = "ann", password: str = PASSWORD, then: str = "/", **headers: str
    ) -> httpx.Response:
        """Sends the sign-in form as a browser does, unless headers say otherwise."""
        sent = {"origin": self.url, "sec-fetch-site": "same-origin", **headers}
        form = {"name": name, "password": password, "next": then}
        given = {header: value for header, value in sent.items() if value}
        return visitor.post("/api/auth/local", data=form, headers=given)

    def sign_out(self, visitor: httpx.Client) -> httpx.Response:
        """Presses the button."""
        return visitor.post("/api/auth/sign-out", headers={"sec-fetch-site": "same-origin"})

    @property
    def audit(self) -> str:
        """The audit log as it waits to be folded."""
        waiting = (self.folder / "store" / "inbox" / "audit_log").glob("*.ndjson")
        return "".join(file.read_text() for file in sorted(waiting))


def users_in(folder: Path) -> Path:
    """A file with an operator `ann` and a viewer `vic`."""
    file = folder / "users.yaml"
    with patch("shared.access.users.ROUNDS", 4):  # as quick as bcrypt can be
        for name, role in (("ann", "operator"), ("vic", "viewer")):
            add_user(file, name, role, PASSWORD)
    return file


@contextmanager
def pages(folder: Path, **environment: str) -> Iterator[Pages]:
    """Serves the pages until the end of the block."""
    port = free_port()
    output = folder / f"pages-{port}.txt"
    command = [
        *(sys.executable, "-m", "uvicorn", "frontend.server:app", "--app-dir", str(ROOT), "--port", str(port)),
        *("--log-level", "warning", "--no-access-log", "--no-server-header", "--no-proxy-headers"),
    ]
    given = {
        "FETTLE_STORE": f"file://{folder}/store",
        "FETTLE_CACHE": f"{folder}/cache",
        "FETTLE_PREPARED": os.environ["FETTLE_PREPARED"],
        "FETTLE_WARM_RANGES": "",
        "PATH": "/usr/bin:/bin",
        **environment,
    }
    with output.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=given, stdout=file, stderr=file)
    try:
        served = Pages(f"http://127.0.0.1:{port}", folder, output)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not _is_up(served.url):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.1)
        yield served
    finally:
        process.terminate()
        process.wait(20)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
