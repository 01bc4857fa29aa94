"""Visits: what it takes to open pages in a process that is warm, as visitors find it."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import streamlit as st
from streamlit.runtime.scriptrunner import script_runner

from frontend.warm_up import warm_up
from shared.garbage import spare_the_lasting
from tests.benchmarks.questions_of_pages import lake_of, pages, visit

VISITS = 40

_RUNS_A_SCRIPT = "exec_func_with_error_handling"


@dataclass
class Visits:
    """Seconds in the app's script, for each visit: to open the page, and to run it again with nothing changed."""

    page: str
    opened_s: list[float] = field(default_factory=list)
    again_s: list[float] = field(default_factory=list)


def main(store: str, cache: str, now: str, policy: str, range_: str, *views: str) -> None:
    """Warms up and then opens every page some times in this process, and prints what each took; nothing else runs here.

    views: those that are opened, unless it is every page.
    Every visit is that of another visitor. The pages of a repository or workflow are opened for another one each time.
    """
    with lake_of(Path(store), Path(cache), now, Path(policy)), _timed_scripts() as in_script:
        warm_up(range_)  # makes the SQL and the digests
        began, began_cpu = time.perf_counter(), time.process_time()
        st.cache_resource.clear()
        warm_up(range_)
        warmed = {"wall_s": time.perf_counter() - began, "cpu_s": time.process_time() - began_cpu}
        spare_the_lasting()  # as the server does then
        sys.stdout.write(f"warmed {json.dumps(warmed)}\n")
        for view in views or pages():
            visits = Visits(view)
            for number in range(1, VISITS + 1):
                app = visit(view, range_, number)
                visits.opened_s.append(in_script[-1])
                app.run()
                visits.again_s.append(in_script[-1])
            sys.stdout.write(f"visited {json.dumps(asdict(visits))}\n")


@contextmanager
def _timed_scripts() -> Iterator[list[float]]:
    """The seconds that each run of the app's own script takes."""
    taken: list[float] = []
    original = getattr(script_runner, _RUNS_A_SCRIPT)

    def timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return original(*arguments)
        finally:
            taken.append(time.perf_counter() - began)

    with patch.object(script_runner, _RUNS_A_SCRIPT, timed):
        yield taken


if __name__ == "__main__":
    main(*sys.argv[1:])
