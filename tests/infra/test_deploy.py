"""The deployment: nothing is applied that nobody approved, and what is not well is taken back."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.tools import ROOT

JOBS: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text(encoding="utf-8"))["jobs"]


def step(job: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in JOBS[job]["steps"] if one.get("name") == name)
    return found


@pytest.fixture
def bash(tmp_path: Path) -> Any:
    """Runs a step's script with programs that note what they were asked and end as told."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "summary").touch()

    def run(job: str, name: str, programs: dict[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
        for program, script in programs.items():
            path = tmp_path / "bin" / program
            path.write_text(f'#!/bin/bash\necho "{program} $*" >> {tmp_path}/asked\n{script}\n')
            path.chmod(0o755)
        given = {
            "PATH": f"{tmp_path}/bin:/usr/bin:/bin", "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_SHA": "0123abc", "SETTLE_S": "0",
        }  # fmt: skip
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(job, name)["run"]]
        return subprocess.run(
            command, cwd=tmp_path, env={**given, **environment}, capture_output=True, text=True, check=False
        )

    return run


def test_what_is_applied_is_the_plan_that_was_approved() -> None:
    assert JOBS["apply"]["environment"] == "production"
    assert JOBS["apply"]["needs"] == ["image", "plan"]
    assert [job for job in JOBS if "environment" in JOBS[job]] == ["apply"]
    applied = step("apply", "Apply the plan that was approved")["run"]
    assert "terraform apply deploy.tfplan" in applied
    assert {job: one.get("env", {}).get("ARM_CLIENT_ID") for job, one in JOBS.items()} == {
        "image": None,
        "plan": "${{ vars.AZURE_PLAN_CLIENT_ID }}",
        "apply": "${{ vars.AZURE_DEPLOY_CLIENT_ID }}",
    }


def test_an_image_is_tried_and_scanned_before_it_is_pushed() -> None:
    names = [one.get("name") for one in JOBS["image"]["steps"]]
    push = names.index("Push the image, or look whether it is there")
    assert names.index("Build the image and try it") < names.index("Scan the image") < push


def test_a_commit_whose_checks_were_not_green_is_not_built(bash: Any) -> None:
    name = "Look whether ci was green for this commit"
    assert bash("image", name, {"gh": "echo 1"}, GITHUB_REPOSITORY="acme/fettle").returncode == 0
    refused = bash("image", name, {"gh": "echo 0"}, GITHUB_REPOSITORY="acme/fettle")
    assert refused.returncode == 1
    assert "ci has not succeeded for 0123abc" in refused.stdout


def test_the_image_is_named_by_its_commit_or_by_a_tag_that_is_one(bash: Any, tmp_path: Path) -> None:
    assert bash("image", "Name the image", {}, TAG="").returncode == 0
    assert bash("image", "Name the image", {}, TAG="v1.2").returncode == 0
    assert (tmp_path / "output").read_text() == "tag=0123abc\ntag=v1.2\n"
    assert bash("image", "Name the image", {}, TAG="x; rm -rf /").returncode == 1


@pytest.mark.parametrize(
    ("there", "given", "ends", "pushed"),
    [(0, "", 0, False), (1, "", 0, True), (0, "v1", 0, False), (1, "v1", 1, False)],
)
def test_a_tag_is_never_moved(bash: Any, tmp_path: Path, there: int, given: str, ends: int, pushed: bool) -> None:
    docker = f'[[ "$1" != manifest ]] || exit {there}'
    done = bash(
        "image", "Push the image, or look whether it is there", {"az": "", "docker": docker},
        REGISTRY="fettle.azurecr.io", TAG=given or "0123abc", GIVEN=given,
    )  # fmt: skip
    assert done.returncode == ends, done.stderr
    assert ("docker push" in (tmp_path / "asked").read_text()) == pushed


def test_pages_api_and_store_are_looked_at(bash: Any, tmp_path: Path) -> None:
    name = "Look whether pages and API are well"
    programs = {"terraform": 'echo "https://$3.example.com"', "curl": ""}
    assert bash("apply", name, programs).returncode == 0
    asked = (tmp_path / "asked").read_text()
    for address in (
        "ui_url.example.com/_stcore/health",
        "api_url.example.com/api/health",
        "api_url.example.com/api/ready",
    ):
        assert asked.count(f"https://{address}") == 3
    assert bash("apply", name, programs | {"curl": '[[ "$*" != */api/ready ]]'}).returncode != 0


def test_what_is_not_well_is_taken_back(bash: Any, tmp_path: Path) -> None:
    name = "Go back to the former image"
    assert step("apply", name)["if"] == "failure()"
    done = bash("apply", name, {"terraform": ""}, FORMER="fedcba9", VARIABLES='name = "fettle"')
    assert done.returncode == 0, done.stderr
    assert (
        "terraform apply -auto-approve -var-file=fettle.tfvars -var image_tag=fedcba9"
        in (tmp_path / "asked").read_text()
    )
    assert (tmp_path / "fettle.tfvars").read_text() == 'name = "fettle"\n'
    assert bash("apply", name, {"terraform": ""}, FORMER="none", VARIABLES="").returncode == 1
