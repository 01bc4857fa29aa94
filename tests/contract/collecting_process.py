"""Collects everything of one account in a process of its own, which tests interrupt and kill.

python -m tests.contract.collecting_process URL TOKEN FOLDER ORG
"""

import sys
from pathlib import Path

from backend.collect.buffer import Buffer
from backend.collect.github import GitHub
from backend.collect.run import collect
from backend.collect.selection import Selection
from backend.collect.stopping import terminable
from tests.contract.collecting import open_lake


def main(url: str, token: str, folder: str, org: str) -> int:
    """Writes every few rows, so that a kill is likely to hit between two writes."""
    lake = open_lake(Path(folder))
    try:
        with terminable():
            done = collect(lake, GitHub(token, url), Selection.parse(orgs=[org]), buffer=Buffer(lake, rows=40))
    except KeyboardInterrupt:
        return 130
    return done.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
