"""A collection that is interrupted keeps what it read; one that is killed loses nothing when it is run again."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.collecting import NOW, Collector, collector_in
from tests.standins.github import GitHubStandin, faults

ROOT = Path(__file__).parents[2]


@pytest.fixture
def acme(shared_data: Path, tmp_path: Path) -> Iterator[Collector]:
    with collector_in(tmp_path) as collector:
        add_repositories(collector.gh)
        yield collector


def add_repositories(gh: GitHubStandin) -> None:
    for name in ("acme/one", "acme/two", "acme/three"):
        gh.state.create_repo(name)
        for number in range(150):
            run = gh.state.new_run(name, at=NOW - timedelta(days=number), jobs=())
            if number % 30 == 0:
                gh.state.rerun(run["id"])
            if number % 5 == 0:
                gh.state.new_alert(name, "code-scanning", at=NOW - timedelta(days=number))


def start(collector: Collector, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.contract.collecting_process"]
    arguments = [collector.gh.url, collector.gh.token, str(folder), "acme"]
    return subprocess.Popen([*command, *arguments], cwd=ROOT)


def wait_for_requests(gh: GitHubStandin, path: str, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(gh.log.matching(path)) < count:
        assert time.monotonic() < deadline, f"no {count} requests for {path}"
        time.sleep(0.01)


@pytest.mark.parametrize(
    "with_signal", [*(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGINT, signal.SIGTERM))]
)
def test_interrupt_keeps_what_was_read(acme: Collector, tmp_path: Path, with_signal: signal.Signals) -> None:
    acme.gh.faults.add(faults.latency(3.0), path=r"/actions/runs\?.*created=2018", times=None)  # any but a first page
    with start(acme, tmp_path) as process:
        wait_for_requests(acme.gh, "/actions/runs", 3)
        time.sleep(0.3)
        process.send_signal(with_signal)
        assert process.wait(timeout=20) == 130
    assert len(acme.rows("workflow_runs")) >= 200
    under_way = [row for row in acme.rows("collections") if row["dataset"] == "workflow_runs"]
    assert {row["outcome"] for row in under_way} == {"partial"}
    acme.gh.faults.clear()
    assert acme.collect(orgs=["acme"]).exit_code == 0
    assert len(acme.rows("workflow_runs")) == 465


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_killed_anywhere_the_next_run_ends_with_the_same_rows(
    acme: Collector, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, kills: int
) -> None:
    chance = random.Random(20261121)
    for _ in range(kills):
        acme.gh.log.clear()
        with start(acme, tmp_path) as process:
            wait_for_requests(acme.gh, "", chance.randrange(2, 22))
            time.sleep(chance.uniform(0, 0.15))
            process.kill()
    assert acme.collect(orgs=["acme"]).exit_code == 0
    with collector_in(tmp_path_factory.mktemp("undisturbed")) as undisturbed:
        other = Collector(acme.gh, undisturbed.lake)
        assert other.collect(orgs=["acme"]).exit_code == 0
        assert other.everything() == acme.everything()
