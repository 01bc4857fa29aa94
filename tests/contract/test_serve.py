"""Serving: real processes that answer, say when the store is away, come back when killed, and end when told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.__main__ import main
from backend.serve import ServeError, _check_host
from shared.settings import load_settings
from tests.standins.azurite import Azurite, free_port

ROOT = Path(__file__).parents[2]

START_TIMEOUT_S = 40.0

RUNS = (
    "run_id,run_attempt,repo,conclusion,created_at,run_started_at,updated_at\n"
    "1,1,octo/robot,success,2026-03-01T10:00:00Z,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z\n"
)


@dataclass
class Served:
    """A running `python -m backend serve`."""

    process: "subprocess.Popen[bytes]"
    port: int
    output: Path
    ui_port: int

    def get(self, path: str, timeout: float = 10.0) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=timeout, trust_env=False)

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def children(self) -> list[int]:
        """The served processes; `ps` tells them on every Unix."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in listed.splitlines())
        return [int(pid) for pid, parent in pairs if int(parent) == self.process.pid]

    def wait_until(self, true: Callable[[], bool], within_s: float = START_TIMEOUT_S) -> None:
        deadline = time.monotonic() + within_s
        while not true():
            assert time.monotonic() < deadline, f"it did not come to be; it said: {self.said}"
            time.sleep(0.05)

    def answers(self, path: str = "/api/health", status: int = 200) -> bool:
        try:
            return self.get(path).status_code == status
        except httpx.TransportError:
            return False


@contextmanager
def served(folder: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    """Serves until the end of the block, and leaves no process behind."""
    port, ui_port = free_port(), free_port()
    command = [sys.executable, "-m", "backend", "serve", *arguments, "--api-port", str(port), "--ui-port", str(ui_port)]
    output = folder / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Served(process, port, output, ui_port)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # Whoever inherits an ended process may be slow to bury it.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip() or state.startswith("Z")


def ready(server: Served) -> tuple[int, dict[str, Any]]:
    answer = server.get("/api/ready")
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


def test_the_api_is_alive_ready_and_knows_when_the_store_is_gone(tmp_path: Path) -> None:
    store = tmp_path / ".fettle/store"
    (tmp_path / "runs.csv").write_text(RUNS)
    with served(tmp_path, "api") as server:
        server.wait_until(server.answers)
        assert server.get("/api/health").json() == {"status": "ok"}
        nothing_yet = {"status": "ready", "store": store.as_uri(), "reason": None, "last_collected_at": None}
        assert ready(server) == (200, nothing_yet)

        assert main(["import", "runs", "runs.csv"]) == 0
        status, told = ready(server)
        assert status == 200
        age = datetime.now().astimezone() - datetime.fromisoformat(told["last_collected_at"])
        assert 0 <= age.total_seconds() < 60

        store.rename(tmp_path / "away")
        store.touch()
        status, told = ready(server)
        assert (status, told["status"], told["last_collected_at"]) == (503, "unavailable", None)
        assert "cannot be listed: Not a directory; check FETTLE_STORE" in told["reason"]
        assert server.answers("/api/health")

        store.unlink()
        (tmp_path / "away").rename(store)
        assert ready(server)[0] == 200
        assert server.said == f"Serving the api on http://localhost:{server.port}/api\n"


@pytest.mark.slow
def test_readiness_says_within_five_seconds_that_a_remote_store_hangs_and_when_it_is_back(tmp_path: Path) -> None:
    with Azurite.start() as azurite:
        settings = {"FETTLE_STORE": "az://fettle", "AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string}
        with served(tmp_path, "api", **settings) as server:
            server.wait_until(server.answers)
            assert ready(server)[0] == 200
            azurite.process.send_signal(signal.SIGSTOP)
            try:
                began = time.monotonic()
                status, told = ready(server)
                assert time.monotonic() - began < 5
                assert server.answers("/api/health"), "a hung store must not stop the process from being alive"
            finally:
                azurite.process.send_signal(signal.SIGCONT)
            assert (status, told["reason"]) == (503, "az://fettle did not answer within 4 s.")
            assert ready(server)[0] == 200


def test_a_killed_process_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    with served(tmp_path, "api") as server:
        server.wait_until(server.answers)
        (killed,) = server.children
        os.kill(killed, signal.SIGKILL)
        server.wait_until(lambda: "ended" in server.said)
        assert "The api process ended (signal SIGKILL); it is started again in 2 s." in server.said
        server.wait_until(server.answers)
        assert server.children != [killed]


def test_sigterm_ends_everything_in_time_and_well(tmp_path: Path) -> None:
    with served(tmp_path, "api") as server:
        server.wait_until(server.answers)
        (child,) = server.children
        server.process.terminate()
        assert server.process.wait(10) == 0
        assert gone(child)
        assert "Traceback" not in server.said
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", server.port)) != 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_nobody_unwatched_keeps_the_port_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with served(tmp_path, "api") as server:
        server.wait_until(server.answers)
        (child,) = server.children
        server.process.kill()
        server.process.wait()
        server.wait_until(lambda: gone(child), within_s=10)
        assert gone(child)


def test_a_port_in_use_is_named_with_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "api", "--api-port", str(port)]) == 1
    error = capsys.readouterr().err
    assert error == (
        f"fettle: The api cannot listen on 127.0.0.1:{port}: Address already in use; "
        "end the program that uses it, or pass --api-port.\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "fettle.example.com"])  # noqa: S104
def test_beyond_loopback_only_what_is_allowed_is_served(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "api", "--host", host]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"fettle: --host {host} would show the data to everyone who reaches it")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("part", "settings", "allowed"),
    [
        ("ui", {"FETTLE_USERS": "users.yaml"}, True),
        ("all", {"FETTLE_USERS": "users.yaml"}, True),
        ("api", {"FETTLE_USERS": "users.yaml"}, True),
        ("api", {"FETTLE_API_KEYS": "x:viewer:abcdefghijklmnopqrstuvwxyz"}, True),
        ("ui", {"FETTLE_API_KEYS": "x:viewer:abcdefghijklmnopqrstuvwxyz"}, False),
        ("all", {"FETTLE_API_KEYS": "x:viewer:abcdefghijklmnopqrstuvwxyz"}, False),
        ("api", {}, False),
        ("ui", {"FETTLE_OPEN_TO_NETWORK": "true"}, True),
    ],
)
def test_who_is_asked_for_a_name_or_a_key_may_come_from_elsewhere(
    part: str, settings: dict[str, str], allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if allowed:
        _check_host(load_settings(), part, "0.0.0.0")  # noqa: S104
    else:
        with pytest.raises(ServeError, match="would show the data to everyone who reaches it"):
            _check_host(load_settings(), part, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"FETTLE_OIDC_ISSUER": "https://login.example.com"}, "FETTLE_OIDC_CLIENT_ID"),
        ({"FETTLE_GITHUB_CLIENT_ID": "abc"}, "FETTLE_GITHUB_CLIENT_SECRET"),
    ],
)
def test_half_a_provider_is_told_and_nothing_is_served(
    settings: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "ui"]) == 1
    assert capsys.readouterr().err.startswith(f"fettle: {missing} is not set; sign-in needs ")


def test_settings_of_no_use_are_one_sentence_and_the_end(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with served(tmp_path, "api", FETTLE_CACHE=str(tmp_path / "taken")) as server:
        assert server.process.wait(30) == 1
        first, second = server.said.splitlines()
    assert first.startswith("Serving the api")
    assert second.startswith(f"fettle: FETTLE_CACHE={tmp_path / 'taken'} cannot be used: ")


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / "frontend/server.py").exists(), reason="there are no pages yet")
def test_pages_and_api_are_served_together_and_end_together(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.wait_until(server.answers)
        page = f"http://127.0.0.1:{server.ui_port}"
        server.wait_until(lambda: _status(f"{page}/_stcore/health") == 200)
        assert "<html" in httpx.get(page, trust_env=False).text
        assert f"Serving the ui on http://localhost:{server.ui_port}\n" in server.said
        children = server.children
        assert len(children) == 2
        server.process.terminate()
        assert server.process.wait(12) == 0
        assert all(gone(child) for child in children)


def _status(address: str) -> int:
    try:
        return httpx.get(address, timeout=10, trust_env=False).status_code
    except httpx.TransportError:
        return 0
