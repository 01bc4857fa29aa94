"""The tools that check infrastructure, in an environment of their own: `make test-tools` sets it up."""

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
TOOLS = ROOT / ".venv" / "tools"


def tool(*command: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs one of the tools with what else it may need on its path. Skips the test where they are not installed."""
    if not (TOOLS / "bin" / command[0]).exists():
        pytest.skip("the tools are not installed; run `make test-tools`")
    environment = {**os.environ, "PATH": f"{TOOLS / 'bin'}:{os.environ['PATH']}"}
    program = [str(TOOLS / "bin" / command[0]), *command[1:]]
    return subprocess.run(program, env=environment, capture_output=True, text=True, check=False, **options)


def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Terraform; see tests/infra/terraform.py."""
    return tool("python", str(Path(__file__).with_name("terraform.py")), *arguments)


def plan_variables(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Plans the variables and sizes alone, which need no provider: the example's values, and these."""
    for name in ("variables.tf", "sign_in_variables.tf", "sizes.tf", "fettle.tfvars.example"):
        shutil.copy(INFRA / name, folder)
    (folder / "size.tf").write_text('output "plan" { value = "${local.size.plan} x ${local.instances}" }\n')
    given = [f"-var={name}={value}" for name, value in ({"image_tag": "0123abc"} | variables).items()]
    return terraform("plan", str(folder), "-no-color", "-input=false", "-var-file=fettle.tfvars.example", *given)


def refusals(folder: Path, **variables: str) -> str:
    """What Terraform says of variables of no use, on one line."""
    refused = plan_variables(folder, **variables)
    assert refused.returncode == 1, refused.stdout
    return re.sub(r"\s+", " ", refused.stderr)


@cache
def configuration() -> dict[str, Any]:
    """What the files in infra/ hold: blocks by their kind."""
    parsed = terraform("parse", str(INFRA))
    assert parsed.returncode == 0, parsed.stderr
    found: dict[str, Any] = json.loads(parsed.stdout)
    return found


def named(kind: str) -> dict[str, Any]:
    """Blocks with one label, such as variables, by it."""
    return {name: block for found in configuration()[kind] for name, block in found.items()}


def resources() -> dict[tuple[str, str], dict[str, Any]]:
    """Resources by type and name."""
    return {
        (type_, name): block
        for found in configuration()["resource"]
        for type_, blocks in found.items()
        for name, block in blocks.items()
    }
