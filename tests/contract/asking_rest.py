"""Asking REST over real HTTP: a running API over a lake with a little of everything, and who asks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from shared.datasets import DATASETS
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.builders import NOW, alert, customer, repository, run, workflow
from tests.contract.delivering import running

ODD = 'acme/"odd",\n<b>\u202ename'
FORMULA = "=HYPERLINK(1)"
ADMIN, OPERATOR, VIEWER = (f"{role}-key-with-enough-characters" for role in ("admin", "operator", "viewer"))
KEYS = f"a:admin:{ADMIN},o:operator:{OPERATOR},v:viewer:{VIEWER}"
PATIENCE_S = 30


@dataclass(frozen=True)
class Client:
    """Asks a running API with a key."""

    base: str
    key: str | None = ADMIN

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"X-API-Key": self.key} if self.key else {}
        options["headers"] = {**headers, **options.get("headers", {})}
        return httpx.request(method, f"{self.base}{path}", timeout=60, trust_env=False, **options)

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def answering(folder: Path) -> Iterator[Client]:
    """An API process over a new lake in a folder, and a client with an admin's key, until the end of the block."""
    lake = Lake(LocalStore(folder / "store"), folder / "filling", lambda: NOW)
    rows = {
        "repositories": [repository(), repository(repo=ODD)],
        "workflows": [workflow()],
        "workflow_runs": [run(run_id=n, conclusion="failure" if n % 4 == 0 else "success") for n in range(1, 9)],
        "alerts": [
            *(alert(number=n, created_at=NOW - timedelta(days=n), closed_at=NOW - timedelta(hours=n)) for n in (2, 4)),
            *(alert(number=n, repo=ODD, rule_id=FORMULA) for n in (5, 6, 7)),
        ],
        "customers": [customer(customer_id=f"c{n}", name=name) for n, name in enumerate(["Zoe", "abe", ODD])],
    }
    for name, some in rows.items():
        lake.upsert(DATASETS[name], DATASETS[name].table(some))
    lake.close()
    settings = {"FETTLE_API_KEYS": KEYS, "FETTLE_NOW": NOW.isoformat(), "FETTLE_RATE_LIMIT": "100000/minute"}
    with running(folder, **settings) as found:
        yield Client(f"http://127.0.0.1:{found.port}/api")


def soon(found: Callable[[], bool]) -> None:
    """Waits until something is so; fails if it is not within PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline, "what was acknowledged is still not there"
        time.sleep(0.2)
