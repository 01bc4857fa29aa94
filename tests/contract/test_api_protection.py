"""Keys, rates and origins over real HTTP: who may ask, and how often."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from backend.__main__ import main
from backend.api.protection import Limits
from tests.conftest import ROOT
from tests.contract.delivering import running

PAGE = "https://evil.example"


def ask(port: int, path: str = "/me", method: str = "GET", **options: object) -> httpx.Response:
    return httpx.request(method, f"http://127.0.0.1:{port}/api{path}", trust_env=False, timeout=30, **options)  # type: ignore[arg-type]


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Fettle = Callable[..., Done]


@pytest.fixture
def fettle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fettle:
    """Runs a command on the store of the API, in this process."""

    def run(*arguments: str) -> Done:
        with monkeypatch.context() as patch:
            patch.setenv("FETTLE_STORE", f"file://{tmp_path}/store")
            patch.setenv("FETTLE_CACHE", f"{tmp_path}/cli")
            capsys.readouterr()
            return Done(main(list(arguments)), *capsys.readouterr())

    return run


def test_a_key_is_made_works_is_stored_as_a_hash_and_is_revoked(tmp_path: Path, fettle: Fettle) -> None:
    with running(tmp_path) as api:
        assert ask(api.port).json() == {"name": "local", "role": "admin"}
        made = fettle("keys", "add", "Status page", "--role", "viewer")
        key = made.stdout.strip()
        assert (made.returncode, key[:7]) == (0, "fettle_")
        stored = b"".join(file.read_bytes() for file in (tmp_path / "store").rglob("*") if file.is_file())
        assert key.rpartition("_")[2].encode() not in stored
        assert "Status page  viewer" in fettle("keys", "list").stdout

        def status(header: dict[str, str]) -> int:
            return ask(api.port, headers=header).status_code

        deadline = time.monotonic() + 15
        while status({}) != 401:  # as soon as there is a key, nobody gets in without
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert ask(api.port, headers={"X-API-Key": key}).json() == {"name": "Status page", "role": "viewer"}
        assert status({"Authorization": f"Bearer {key}"}) == 200
        assert status({"X-API-Key": key[:-1] + ("a" if key[-1] != "a" else "b")}) == 401
        fettle("keys", "add", "another")
        assert fettle("keys", "revoke", "Status page").returncode == 0
        while status({"X-API-Key": key}) != 401:
            assert time.monotonic() < deadline + 15
            time.sleep(0.2)
        refused = fettle("keys", "revoke", "Status page")
        assert refused.returncode == 1
        assert refused.stderr == "fettle: There is no key named 'Status page'; there are 'another'.\n"


@pytest.mark.parametrize("role", ["viewer", "root"])
def test_a_name_or_role_of_no_use_is_refused_in_a_sentence(fettle: Fettle, role: str) -> None:
    done = fettle("keys", "add", " " if role == "viewer" else "x", "--role", role)
    assert done.returncode == 1
    assert done.stderr.startswith("fettle: ")
    assert "Traceback" not in done.stderr


def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    keys = {name: f"{name}-with-enough-characters-of-its-own" for name in ("one", "two")}
    told = ",".join(f"{name}:viewer:{key}" for name, key in keys.items())
    with running(tmp_path, FETTLE_API_KEYS=told, FETTLE_RATE_LIMIT="5/minute") as api:
        answers = [ask(api.port, headers={"X-API-Key": keys["one"]}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["error"]["code"] == "too_many_requests"
        assert ask(api.port, headers={"X-API-Key": keys["two"]}).status_code == 200
        guesses = [ask(api.port, headers={"X-API-Key": f"guess {n}"}).status_code for n in range(7)]
        assert guesses == [401] * 5 + [429] * 2
        assert ask(api.port, "/health").status_code == 200


def test_without_a_key_no_page_of_others_may_write_and_no_other_name_is_answered(tmp_path: Path) -> None:
    with running(tmp_path) as api:
        event = {"customer_id": "c", "event_type": "login", "timestamp": "2026-01-01T00:00:00Z"}
        assert ask(api.port, "/events", "POST", data=event, headers={"Origin": PAGE}).status_code == 403
        assert ask(api.port, headers={"Host": "evil.example"}).status_code == 403
        own = {"Origin": f"http://127.0.0.1:{api.port}"}
        assert ask(api.port, "/events", "POST", data=event, headers=own).status_code == 404  # of an unknown customer
        assert "access-control-allow-origin" not in ask(api.port, headers={"Origin": PAGE}).headers


def test_pages_of_listed_origins_may_read(tmp_path: Path) -> None:
    with running(tmp_path, FETTLE_CORS_ORIGINS="https://status.example.com") as api:
        listed, other = ({"Origin": origin} for origin in ("https://status.example.com", PAGE))
        asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "X-API-Key"}
        allowed = ask(api.port, method="OPTIONS", headers={**listed, **asked})
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, listed["Origin"])
        assert ask(api.port, method="OPTIONS", headers={**other, **asked}).status_code == 400
        assert ask(api.port, headers=listed).headers["access-control-allow-origin"] == listed["Origin"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FETTLE_API_KEYS", "short:viewer:abc"),
        pytest.param("FETTLE_API_KEYS", "x:king:abcdefghijklmnopqrstuvwxyz", marks=pytest.mark.slow),
        pytest.param("FETTLE_RATE_LIMIT", "often", marks=pytest.mark.slow),
        pytest.param("FETTLE_CORS_ORIGINS", "status.example.com/x", marks=pytest.mark.slow),
    ],
)
def test_settings_of_no_use_are_one_sentence_without_the_secret(tmp_path: Path, name: str, value: str) -> None:
    command = [sys.executable, "-c", "from backend.api.app import create; create()"]
    environment = {"FETTLE_STORE": f"file://{tmp_path}/store", "FETTLE_CACHE": f"{tmp_path}/cache", name: value}
    done = subprocess.run(
        command, env={**environment, "PATH": "/usr/bin:/bin"}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 78
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("fettle: ")]
    assert name in line
    assert "Traceback" not in done.stderr
    if name == "FETTLE_API_KEYS":
        assert value.rpartition(":")[2] not in line


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        *(("POST", f"/api/{path}", "dispatch") for path in ("dispatch", "poll", "refresh", "backfill")),
        ("GET", "/api/poll", "usual"),
        ("POST", "/api/orchestrator/scan", "orchestrator"),
        ("POST", "/api/events", "usual"),
    ],
)
def test_what_starts_much_has_a_rate_of_its_own(method: str, path: str, name: str) -> None:
    limits = Limits.of("120/minute", "10/minute", "5/minute")
    assert limits.of_path(path, method)[0] == name
