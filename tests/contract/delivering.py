"""Sending deliveries to a running server, signed as GitHub signs them."""

import hashlib
import hmac
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ROOT
from tests.standins.azurite import free_port

SECRET = "It's a Secret to Everybody"

_numbers = itertools.count()


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@dataclass
class Api:
    """A running API process."""

    port: int
    process: "subprocess.Popen[bytes]"
    output: Path

    def deliver(self, event: str, body: bytes, **headers: str | None) -> httpx.Response:
        """Sends a delivery; a header of None is left out, others replace the usual ones (`_` is `-`)."""
        usual: dict[str, str | None] = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"delivery-{next(_numbers)}",
            "X-Hub-Signature-256": signature(body),
            "Content-Type": "application/json",
        }
        usual.update({name.replace("_", "-"): value for name, value in headers.items()})
        sent = {name.encode(): value.encode() for name, value in usual.items() if value is not None}
        return self.post(body, sent)

    def post(self, body: bytes, headers: dict[bytes, bytes] | None = None, timeout: float = 15) -> httpx.Response:
        address = f"http://127.0.0.1:{self.port}/api/webhooks/github"
        return httpx.post(address, content=body, headers=headers, timeout=timeout, trust_env=False)

    @property
    def said(self) -> str:
        return self.output.read_text()


@contextmanager
def running(folder: Path, port: int = 0, /, **environment: str) -> Iterator[Api]:
    """Runs the API as `serve` does, in a process of its own, until the end of the block."""
    port = port or free_port()
    output = folder / f"api-{port}-{next(_numbers)}.txt"
    command = [
        *(sys.executable, "-m", "uvicorn", "backend.api.app:create", "--factory", "--app-dir", str(ROOT)),
        *("--port", str(port), "--log-level", "warning", "--no-access-log"),
        *("--no-server-header", "--no-proxy-headers"),
    ]
    given = {
        "FETTLE_STORE": f"file://{folder}/store",
        "FETTLE_CACHE": f"{folder}/cache",
        "FETTLE_PREPARED": os.environ["FETTLE_PREPARED"],
        "GITHUB_WEBHOOK_SECRET": SECRET,
        "PATH": "/usr/bin:/bin",
        **environment,
    }
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env={name: value for name, value in given.items() if value}, stdout=file, stderr=file
        )
    try:
        _wait_for(port, process, output)
        yield Api(port, process, output)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: Any, output: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, output.read_text()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the API did not start")
