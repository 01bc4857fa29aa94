"""The workflows of GitHub Actions: what must hold for all of them, and what the scheduled collection runs."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.reference import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

MAY_WRITE = {"id-token"}
"""A login to a cloud by an identity of the run's own; it changes nothing on GitHub."""


def read(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job["steps"]


def step(name: str) -> dict[str, Any]:
    """A step of the scheduled collection."""
    return next(one for one in steps(ROOT / ".github/workflows/collect.yml") if one.get("name") == name)


every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@every_workflow
def test_actions_are_pinned_by_commit_with_their_version_beside_it(path: Path) -> None:
    uses = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    assert uses
    assert [line for line in uses if not re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


@every_workflow
def test_permissions_are_named_and_as_few_as_can_be(path: Path) -> None:
    workflow = read(path)
    granted = [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]
    assert {name for part in granted for name, level in part.items() if level != "read"} <= MAY_WRITE


@every_workflow
def test_checkouts_leave_no_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@every_workflow
def test_scripts_take_values_from_the_environment_alone(path: Path) -> None:
    """An expression inside a script would run what somebody put into a variable, an input or a branch's name."""
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


@every_workflow
def test_every_job_ends_and_only_one_run_of_a_group_goes_on(path: Path) -> None:
    workflow = read(path)
    assert workflow["concurrency"]["group"]
    assert all(job["timeout-minutes"] for job in workflow["jobs"].values())


@every_workflow
def test_schedules_keep_away_from_the_minutes_that_everybody_takes(path: Path) -> None:
    on = read(path)[True]  # YAML takes the word for a truth value
    for schedule in on.get("schedule", []):
        minute = int(schedule["cron"].split()[0])
        assert minute % 2 == 1
        assert minute % 5


def test_a_collection_is_never_cancelled_by_the_next_one_and_shards_fail_alone() -> None:
    workflow = read(ROOT / ".github/workflows/collect.yml")
    assert workflow["concurrency"] == {"group": "collect", "cancel-in-progress": False}
    assert workflow["jobs"]["collect"]["strategy"]["fail-fast"] is False


# --- what the scripts do


@pytest.fixture
def bash(tmp_path: Path) -> Any:
    """Runs a script as the runner does, with a `python -m backend` that says what it was asked and ends as told."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > asked.txt\necho "12 rows stored"\nexit "${ENDS:-0}"\n')
    python.chmod(0o755)

    def run(name: str, **environment: str) -> subprocess.CompletedProcess[str]:
        one = step(name)
        given = dict.fromkeys(one["env"], "")
        runner = {
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_OUTPUT": str(tmp_path / "output.txt"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", one["run"]]
        return subprocess.run(
            command, cwd=tmp_path, env={**runner, **given, **environment}, capture_output=True, text=True, check=False
        )

    return run


def test_a_shard_is_collected_with_what_was_asked_for(bash: Any, tmp_path: Path) -> None:
    asked = {"FULL": "true", "BUDGET": "500", "ONLY": "alerts scans", "FETTLE_ORGS": "acme globex"}
    done = bash("Collect", SHARD="2/3", FETTLE_REPOS="octo/one $(touch${IFS}owned)", **asked)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked.txt").read_text().split() == [
        *("-m", "backend", "collect", "--shard", "2/3", "--org", "acme", "--org", "globex"),
        *("--repo", "octo/one", "--repo", "$(touch${IFS}owned)", "--only", "alerts", "--only", "scans"),
        *("--full", "--budget", "500"),
    ]
    assert (tmp_path / "summary.md").read_text() == "Shard 2/3: 12 rows stored\n"


@pytest.mark.parametrize(("ends", "step_ends"), [("0", 0), ("1", 1), ("2", 0), ("130", 130)])
def test_a_shard_that_kept_the_most_is_left_to_the_report(bash: Any, ends: str, step_ends: int) -> None:
    done = bash("Collect", SHARD="1/1", FETTLE_ORGS="acme", ENDS=ends)
    assert done.returncode == step_ends
    assert ("::warning title=Shard 1/1::" in done.stdout) == (ends == "2")


@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_shards_are_numbered(bash: Any, tmp_path: Path) -> None:
    assert bash("List the shards", SHARDS="3").returncode == 0
    first, second = (tmp_path / "output.txt").read_text().splitlines()
    assert json.loads(first.removeprefix("shards=")) == ["1/3", "2/3", "3/3"]
    assert re.fullmatch(r"began=\d+", second)


@pytest.mark.parametrize("shards", ["0", "257", "x", "1; rm -rf /"])
def test_a_number_of_shards_that_is_none_is_refused(bash: Any, shards: str) -> None:
    done = bash("List the shards", SHARDS=shards)
    assert done.returncode == 1
    assert "FETTLE_SHARDS is not a number from 1 to 256." in done.stdout


def test_the_report_fails_if_coverage_fell(bash: Any, tmp_path: Path) -> None:
    name = "Tell what was collected, and fail if coverage fell"
    began = str(int(tmp_path.stat().st_mtime) - 3 * 3600)
    assert bash(name, BEGAN=began).returncode == 0
    assert bash(name, BEGAN=began, ENDS="2").returncode == 2
    assert (tmp_path / "asked.txt").read_text().split() == [
        *("-m", "backend", "coverage", "--since-hours", "4", "--markdown", "--fail-if-fallen")
    ]
    assert (tmp_path / "summary.md").read_text() == "12 rows stored\n" * 2


@pytest.mark.parametrize(
    ("visibility", "days", "warned"), [("public", 38, False), ("public", 45, True), ("private", 400, False)]
)
def test_a_quiet_public_repository_is_warned_of_the_end_of_its_schedule(
    bash: Any, tmp_path: Path, visibility: str, days: int, warned: bool
) -> None:
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir()
    gh.write_text(f'#!/bin/sh\nprintf "{visibility}\\t%s\\n" "$(date --utc --date "{days} days ago" +%FT%TZ)"\n')
    gh.chmod(0o755)
    path = f"{gh.parent}:{os.environ['PATH']}"
    done = bash("Warn before GitHub switches this schedule off", PATH=path, GITHUB_REPOSITORY="acme/fettle")
    assert done.returncode == 0, done.stderr
    assert (f"for {days} days; after 60" in done.stdout) == warned
