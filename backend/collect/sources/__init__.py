"""The sources that are read for each repository, by the name under which the ledger has them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from backend.collect.agents.copilot import Copilot
from backend.collect.ledger import Covered
from backend.collect.problems import Disabled, NotFound
from backend.collect.selection import Selection
from backend.collect.sources import alerts, pull_requests, scans, workflow_runs, workflows
from backend.collect.sources.alerts import ALERT_KINDS, AlertKind, Spoken
from backend.collect.visit import Repo, Visit
from shared.collecting.choices import AGENT_SESSIONS
from shared.policy import Policy, matches


@dataclass(frozen=True)
class Asked:
    """Whether a source is wanted: by the command line, by the policy, for a repository."""

    selection: Selection
    policy: Policy
    repo: Repo


@dataclass(frozen=True)
class Source:
    """A way to read something of a repository.

    told_by: the kind of alert whose listing of a whole organisation shows that the feature is on.
    """

    read: Callable[[Visit, Spoken | None], Covered]
    wanted: Callable[[Asked], bool]
    told_by: str | None = None


def _usual(name: str, read: Callable[[Visit], Covered], told_by: str | None = None) -> tuple[str, Source]:
    return name, Source(lambda visit, _: read(visit), lambda asked: asked.selection.wants(name), told_by)


def _alerts(kind: AlertKind) -> tuple[str, Source]:
    read = partial(alerts.read, kind)
    return kind.name, Source(read, lambda asked: asked.selection.wants(kind.name), kind.name)


def _agent_tasks(visit: Visit, _: Spoken | None) -> Covered:
    """GitHub says the same where there are no agents and where they may not be seen: only who expects them is told."""
    try:
        return Copilot().read(visit)
    except NotFound as error:
        if matches(visit.repo.name, visit.desk.policy.collect.copilot):
            raise
        raise Disabled(str(error)) from error


def _wants_agent_tasks(asked: Asked) -> bool:
    """Where they are asked for by name, or the policy chooses the repository: nearly everywhere there are none."""
    by_policy = matches(asked.repo.name, asked.policy.collect.copilot)
    return asked.selection.names(AGENT_SESSIONS) or (by_policy and asked.selection.wants(AGENT_SESSIONS))


SOURCES: Mapping[str, Source] = dict(
    [
        _usual("workflows", workflows.read),
        _usual("workflow_runs", workflow_runs.read),
        _usual(
            "scans", scans.read, told_by="code_scanning"
        ),  # before the alerts, as it tells whether code scanning is on
        *map(_alerts, ALERT_KINDS),
        _usual("pull_requests", pull_requests.read),
        (AGENT_SESSIONS, Source(_agent_tasks, _wants_agent_tasks)),
    ]
)
