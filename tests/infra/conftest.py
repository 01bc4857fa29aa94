"""The Terraform files applied by Terraform itself, with Azure played."""

import json
import shutil
from typing import Any

import pytest

from tests.infra.rehearsal import Applied, rehearse
from tests.infra.tools import INFRA, terraform


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    """Applies the files with the example's variables and more, and returns resources by `type.name[key]`.

    Outputs are at `output.name`.
    """
    folder = tmp_path_factory.mktemp("rehearsal")
    rehearse(INFRA, folder)
    shutil.copy(INFRA / "fettle.tfvars.example", folder)
    begun = terraform("init", str(folder), "-no-color", "-input=false")
    assert begun.returncode == 0, begun.stderr

    def apply(**variables: str) -> dict[str, Any]:
        given = [f"-var={name}={value}" for name, value in ({"image_tag": "0123abc"} | variables).items()]
        fixed = ["-no-color", "-input=false", "-auto-approve", "-var-file=fettle.tfvars.example"]
        done = terraform("apply", str(folder), *fixed, *given)
        assert done.returncode == 0, done.stderr
        state = json.loads((folder / "terraform.tfstate").read_text(encoding="utf-8"))
        outputs = {f"output.{name}": one["value"] for name, one in state["outputs"].items()}
        return outputs | {
            resource["name"].replace("__", ".") + (f"[{one['index_key']}]" if "index_key" in one else ""): one[
                "attributes"
            ]["input"]["value"]
            for resource in state["resources"]
            for one in resource["instances"]
        }

    return apply
