"""The session of the pages at the API: it tells who asks, and no page of others may make use of it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.access.cookie import COOKIE
from shared.access.opening import open_sessions
from shared.access.sessions import Sessions, SignedIn
from shared.access.users import UserFile
from shared.lake.local import LocalStore
from shared.settings import load_settings
from tests.contract.delivering import Api, running
from tests.contract.signing_in import PASSWORD, users_in

EVENT = {"customer_id": "c", "event_type": "login", "timestamp": "2026-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    users_in(folder)
    return folder


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[Api]:
    with running(folder, FETTLE_USERS=str(folder / "users.yaml"), FETTLE_RATE_LIMIT="1000/minute") as api:
        yield api


@pytest.fixture
def sessions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Those that the pages' process begins."""
    monkeypatch.setenv("FETTLE_USERS", str(folder / "users.yaml"))
    found = open_sessions(load_settings(), LocalStore(folder / "store"))
    assert found is not None
    return found


def token(folder: Path, sessions: Sessions, name: str) -> str:
    user = UserFile(folder / "users.yaml").verify(name, PASSWORD)
    assert user is not None
    return sessions.begin(SignedIn("local", user.name, user.stamp))


def ask(api: Api, token: str | None, path: str = "/me", method: str = "GET", **options: object) -> httpx.Response:
    headers = {**({"cookie": f"{COOKIE}={token}"} if token else {}), **options.pop("headers", {})}  # type: ignore[dict-item]
    address = f"http://127.0.0.1:{api.port}/api{path}"
    return httpx.request(method, address, headers=headers, trust_env=False, timeout=30, **options)  # type: ignore[arg-type]


def test_a_session_tells_who_asks_until_it_ends(api: Api, folder: Path, sessions: Sessions) -> None:
    assert ask(api, None).status_code == 401
    assert ask(api, "A" * 43).status_code == 401
    assert ask(api, "../api_keys").status_code == 401
    ended = token(folder, sessions, "vic")
    sessions.end(ended)
    assert ask(api, ended).status_code == 401
    vic = ask(api, token(folder, sessions, "vic"))
    assert (vic.status_code, vic.json()["name"], vic.json()["role"]) == (200, "vic", "viewer")
    assert ask(api, None, headers={"x-api-key": "wrong"}).status_code == 401
    assert ask(api, token(folder, sessions, "vic"), headers={"x-api-key": "wrong"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 404),  # taken, of an unknown customer
        ({"origin": "OWN"}, 404),
        ({"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_no_page_of_others_writes_with_a_session(
    api: Api, folder: Path, sessions: Sessions, headers: dict[str, str], status: int
) -> None:
    own = f"http://127.0.0.1:{api.port}"
    sent = {name: own if value == "OWN" else value for name, value in headers.items()}
    held = token(folder, sessions, "ann")
    assert ask(api, held, "/events", "POST", data=EVENT, headers=sent).status_code == status
    assert ask(api, held, headers=sent).status_code == 200


def test_a_viewer_does_not_write(api: Api, folder: Path, sessions: Sessions) -> None:
    answer = ask(
        api, token(folder, sessions, "vic"), "/events", "POST", data=EVENT, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 403
    assert "operator" in answer.json()["error"]["message"]
