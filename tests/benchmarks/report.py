"""The page of the documentation that benchmarks write: each has a section of its own and leaves the others alone."""

import os
import re
from pathlib import Path

from tests.conftest import ROOT

TITLE = "# Benchmarks\n"

_SECTION = re.compile(r"^## .+?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def report_path() -> Path | None:
    """The page that FETTLE_BENCH_REPORT names, if it names one."""
    named = os.environ.get("FETTLE_BENCH_REPORT")
    return ROOT / named if named else None


def with_section(page: str, section: str) -> str:
    """A page with a section (which begins with its `## ` heading) put in the place of the one of that name, or last."""
    heading = section.strip().splitlines()[0]
    kept = [found.strip() for found in _SECTION.findall(page)]
    names = [one.splitlines()[0] for one in kept]
    if heading in names:
        kept[names.index(heading)] = section.strip()
    else:
        kept.append(section.strip())
    return "\n\n".join([TITLE.strip(), *kept]) + "\n"


def write_section(section: str) -> None:
    """Writes a section to the page that is wanted, if one is."""
    path = report_path()
    if path:
        path.write_text(with_section(path.read_text() if path.exists() else TITLE, section))
