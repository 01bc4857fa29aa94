"""The kinds of data that can be imported, by name. Adding one is one file and one line here."""

from backend.imports.alerts import ALERTS
from backend.imports.jobs import JOBS
from backend.imports.kind import Kind
from backend.imports.runs import RUNS

KINDS: dict[str, Kind] = {kind.name: kind for kind in (RUNS, JOBS, ALERTS)}
