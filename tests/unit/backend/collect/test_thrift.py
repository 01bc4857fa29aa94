"""A collection needs little memory; what decides that is chosen before anything large is imported."""

import subprocess
import sys
from pathlib import Path

from backend.collect.thrift import give_back

ROOT = Path(__file__).parents[4]

CHOSEN = """
import sys
from pathlib import Path
import backend.__main__
assert "pyarrow" not in sys.modules, "the allocator is chosen when pyarrow is imported"
from backend.collect.thrift import be_thrifty, settle
be_thrifty()
import gc
import pyarrow
settle()
print(pyarrow.default_memory_pool().backend_name, gc.get_freeze_count() > 0)
import pathlib
from datetime import UTC, datetime
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
folder = pathlib.Path(sys.argv[1])
lake = Lake(LocalStore(folder / "store"), folder / "cache", lambda: datetime.now(UTC))
lake.tables("real")["alerts"].to_pyarrow()
"""


def test_arrow_gives_back_what_is_free_and_nobody_complains_at_the_end(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHOSEN, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout.split(), done.stderr) == (["system", "True"], "")


def test_cycles_are_given_back() -> None:
    class Node:
        living = 0

        def __init__(self) -> None:
            Node.living += 1
            self.me = self

        def __del__(self) -> None:
            Node.living -= 1

    Node()
    give_back()
    assert Node.living == 0
