"""Collections that are started over REST: a process of its own reads the stand-in, one at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.collecting import SHOP, add_shop
from tests.contract.delivering import Api, running
from tests.standins.github import GitHubStandin, faults

ADMIN, OPERATOR, VIEWER = (f"{role}-key-with-enough-characters" for role in ("admin", "operator", "viewer"))
PATIENCE_S = 40


@dataclass(frozen=True)
class Served:
    """An API beside a stand-in GitHub, whose answers wait for `go` where a test holds them up."""

    api: Api
    gh: GitHubStandin
    go: threading.Event
    held: threading.Event

    def __call__(self, method: str, path: str, body: Any = None, key: str = ADMIN) -> httpx.Response:
        address = f"http://127.0.0.1:{self.api.port}/api{path}"
        return httpx.request(method, address, json=body, headers={"X-API-Key": key}, timeout=30, trust_env=False)

    def hold(self) -> None:
        """Has the stand-in answer no more before `go`; `held` says that it is asked."""
        self.go.clear()
        self.held.clear()

        def wait(_: object) -> None:
            self.held.set()
            self.go.wait(PATIENCE_S)

        self.gh.faults.add(faults.hook(wait), times=None)

    def ended(self, number: int) -> dict[str, Any]:
        """The newest collection, as soon as so many have ended."""
        deadline = time.monotonic() + PATIENCE_S
        while len(told := self("GET", "/poll").json()["ended"]) < number:
            assert time.monotonic() < deadline, (told, self.api.said)
            time.sleep(0.1)
        newest: dict[str, Any] = told[0]
        return newest


def soon(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("collecting")
    go = threading.Event()
    with GitHubStandin() as gh:
        add_shop(gh)
        settings = {
            "FETTLE_API_KEYS": f"a:admin:{ADMIN},o:operator:{OPERATOR},v:viewer:{VIEWER}",
            "FETTLE_RATE_LIMIT": "10000/minute",
            "FETTLE_RATE_LIMIT_DISPATCH": "10000/minute",
            "GITHUB_API_URL": gh.url,
            "GITHUB_TOKEN": gh.token,
        }
        try:
            with running(folder, **settings) as api:
                yield Served(api, gh, go, threading.Event())
        finally:
            go.set()


YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


@pytest.mark.parametrize(
    ("path", "body", "field", "text"),
    [
        ("/poll", None, "orgs", "Nothing was collected before; name organisations"),
        ("/poll", {"orgs": ["--since=2000"]}, "orgs.0", "'--since=2000' is not a name on GitHub, such as octo-org"),
        ("/poll", {"orgs": ["acme\n"]}, "orgs.0", "is not a name on GitHub"),
        ("/poll", {"repos": ["acme"]}, "repos.0", "'acme' is not a name on GitHub, such as octo-org/octo-repo"),
        ("/poll", {"repos": ["acme/.."]}, "repos.0", "is not a name on GitHub"),
        ("/poll", {"repos": [SHOP] * 101}, "repos", "at most 100"),
        ("/poll", {"orgs": ["a" * 101]}, "orgs.0", "at most 100"),
        ("/poll", {"orgs": ["acme"], "datasets": ["passwords"]}, "datasets.0", "'workflow_runs'"),
        ("/poll", {"orgs": ["acme"], "budget": 1}, "budget", "not permitted"),
        ("/refresh", {}, None, "name at least one repository in repos"),
        ("/refresh", {"orgs": ["acme"]}, "orgs", "not permitted"),
        ("/backfill", {"orgs": ["acme"]}, "since", "required"),
        ("/backfill", {"orgs": ["acme"], "since": TOMORROW}, "since", "is not from"),
        ("/backfill", {"orgs": ["acme"], "since": "1999-01-01"}, "since", "1999-01-01 is not from"),
    ],
)
def test_what_cannot_be_collected_is_said_and_starts_nothing(
    served: Served, path: str, body: Any, field: str | None, text: str
) -> None:
    answer = served("POST", path, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field), error
    assert text in error["message"]
    assert served("GET", "/poll").json()["running"] is None


@pytest.mark.parametrize(("path", "body"), [("/poll", {}), ("/refresh", {"repos": [SHOP]})])
def test_a_viewer_starts_nothing_and_sees_what_runs(served: Served, path: str, body: Any) -> None:
    assert served("POST", path, body, VIEWER).status_code == 403
    assert served("GET", "/poll", key=VIEWER).json() == {"running": None, "ended": []}


def test_collections_run_one_at_a_time_are_noted_and_end_with_the_api(served: Served) -> None:
    served.hold()
    started = served("POST", "/poll", {"orgs": ["acme"], "datasets": ["workflow_runs", "alerts"]}, OPERATOR)
    assert (started.status_code, started.headers["location"]) == (202, "/api/poll")
    told = started.json()
    assert (told["kind"], told["by"], told["status"]) == ("poll", "o", "running")
    second = served("POST", "/refresh", {"repos": [SHOP]})
    assert (second.status_code, second.headers["location"]) == (409, "/api/poll")
    assert "A poll that o started at" in second.json()["error"]["message"]
    assert served("GET", "/poll").json()["running"]["id"] == told["id"]

    served.go.set()
    done = served.ended(1)
    assert (done["id"], done["status"]) == (told["id"], "done"), done
    assert "rows stored from" in done["lines"][-1]
    assert served("GET", "/workflow-runs").json()["total"] == 1
    assert served("GET", "/alerts").json()["total"] == 3

    served.hold()
    backfill = served("POST", "/backfill", {"since": YESTERDAY})  # of what was collected before
    assert (backfill.status_code, backfill.json()["orgs"], backfill.json()["repos"]) == (202, ["acme"], [])
    assert served.held.wait(PATIENCE_S)
    soon(lambda: len(served("GET", "/audit-log").json()["items"]) == 2)
    noted = [(row["action"], row["user"], row["resource"]) for row in served("GET", "/audit-log").json()["items"]]
    assert noted == [("collection.backfill", "a", "acme"), ("collection.poll", "o", "acme")]
    (child,) = _children(served.api.process.pid)
    served.api.process.terminate()
    time.sleep(0.3)  # until it has told the collection, which then waits for the answer that is on its way
    served.go.set()
    assert served.api.process.wait(15) is not None
    soon(lambda: not Path(f"/proc/{child}").exists())
    kept = (served.api.output.parent / "store/state/collecting.json").read_text()
    assert '"running": null' in kept
    assert '"status": "stopped"' in kept
    assert "fettle: interrupted; what was read so far is kept" in kept


def _children(pid: int) -> list[int]:
    """The collections among the children of a process."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and b"backend.child" in (folder / "cmdline").read_bytes():
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found += [int(folder.name)] if parent == pid else []
        except OSError:
            continue
    return found
