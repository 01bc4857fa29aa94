"""The sources that are read for each repository, by the name under which the ledger has them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from backend.collect.ledger import Covered
from backend.collect.sources import alerts, workflow_runs, workflows
from backend.collect.visit import Visit


@dataclass(frozen=True)
class Source:
    """A way to read something of a repository. choice: what a selection calls it."""

    choice: str
    read: Callable[[Visit], Covered]


SOURCES: Mapping[str, Source] = {
    "workflows": Source("workflows", workflows.read),
    "workflow_runs": Source("workflow_runs", workflow_runs.read),
    **{kind.name: Source(kind.name, partial(alerts.read, kind)) for kind in alerts.ALERT_KINDS},
}
