"""Collecting from a stand-in of 50, 500 and 2 000 repositories beside a bare loop; `make bench` prints the table.

`-k 50-repos` measures the smallest alone. FETTLE_BENCH_REPORT names the page of the documentation to write.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.benchmarks.collect_table import page, table
from tests.benchmarks.collecting import Bench, Measured
from tests.benchmarks.processes import Standin, standin
from tests.conftest import ROOT
from tests.standins.github import DATA

RUNS = 500
LATENCY_S = 0.02
OPTIONS = {"runs": RUNS, "alerts": 4, "days": 90, "reruns": 1, "latency_s": LATENCY_S, "limit": 10**9, "keep_mb": 0}
REPORT = os.environ.get("FETTLE_BENCH_REPORT")

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(7_200),
    pytest.mark.skipif(not DATA.is_dir(), reason="the shipped real data is not beside this checkout"),
]


@pytest.fixture(scope="module")
def results() -> Iterator[list[tuple[Measured, int]]]:
    """What was measured at each size, and how many bytes a page has; shown at the end."""
    done: list[tuple[Measured, int]] = []
    yield done
    if not done:
        return
    measured = [one for one, _ in done]
    print(f"\n{table(measured)}")
    if REPORT:
        (ROOT / REPORT).write_text(page(measured, latency_s=LATENCY_S, page_bytes=done[-1][1]))


@pytest.mark.parametrize("repos", [50, 500, 2_000], ids=lambda repos: f"{repos}-repos")
def test_collections_beside_a_bare_loop(repos: int, tmp_path: Path, results: list[tuple[Measured, int]]) -> None:
    with standin("bench", tmp_path / "standin.txt", repos=repos, **OPTIONS) as gh:
        size = page_bytes(gh)
        measured = Bench(gh, tmp_path).measure(repos, RUNS)
    results.append((measured, size))
    assert stored_runs(tmp_path) == repos * (RUNS + 1) + measured.attempts


def page_bytes(gh: Standin) -> int:
    """The size of a page of a hundred runs, unpacked."""
    headers = {"Authorization": f"Bearer {gh.token}"}
    path = f"{gh.url}/repos/{gh.org}/service-0001/actions/runs?per_page=100"
    return len(requests.get(path, headers=headers, timeout=60).content)


def stored_runs(folder: Path) -> int:
    """Rows of runs in the measured store: every attempt is one."""
    lake = Lake(LocalStore(folder / "store"), folder / "reading", lambda: datetime.now(UTC))
    count = int(lake.tables("real")["workflow_runs"].count().to_pyarrow().as_py())
    lake.close()
    return count
