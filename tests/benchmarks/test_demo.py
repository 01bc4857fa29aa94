"""Ten million runs of sample data: wall time and peak memory of the command itself; `make bench` prints them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUNS = 10_000_000

COMMAND = f"""
import resource, sys, time
from backend.__main__ import main
began = time.perf_counter()
code = main(["demo", "load", "--runs", "{RUNS}"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(f"measured {{time.perf_counter() - began:.0f}} s, {{peak:.1f}} GiB")
sys.exit(code)
"""


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_ten_million_runs(tmp_path: Path) -> None:
    environment = {**os.environ, "FETTLE_STORE": f"file://{tmp_path}/store", "FETTLE_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, gibibytes = re.findall(r"measured (\d+) s, ([\d.]+) GiB", done.stdout)[0]
    print(f"\ndemo load --runs {RUNS}: {seconds} s, peak memory {gibibytes} GiB")
    assert f"{RUNS:,} workflow_runs" in done.stdout
