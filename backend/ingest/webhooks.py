"""Webhooks: a delivery of GitHub to rows of the datasets, by the same mapping that collecting has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.ingest.alert_deliveries import ALERT_EVENTS_OF_GITHUB, alert_told, is_untimed
from backend.ingest.delivery import Delivery
from backend.mapping.pull_requests import pull_request_row
from backend.mapping.repositories import repository_name, repository_row
from backend.mapping.stamp import WEBHOOK, Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, nested, text
from backend.mapping.workflow_jobs import job_row
from backend.mapping.workflow_runs import run_row
from shared.datasets import PULL_REQUESTS, REPOSITORIES, WORKFLOW_JOBS, WORKFLOW_RUNS
from shared.datasets.dataset import Dataset

EVENTS = (*ALERT_EVENTS_OF_GITHUB, "workflow_run", "workflow_job", "pull_request", "repository")
"""The events that become rows."""


@dataclass(frozen=True)
class Renamed:
    """A repository has another name: the old one, the new one, and GitHub's id of it."""

    old: str
    new: str
    repo_id: int


@dataclass(frozen=True)
class Told:
    """What a delivery tells: rows by dataset, and whether a repository has another name."""

    rows: list[tuple[Dataset, Row]] = field(default_factory=list)
    renamed: Renamed | None = None


def told_by(delivery: Delivery, payload: Raw, first_received_at: datetime) -> Told:
    """What a delivery tells. Raises Unusable.

    first_received_at: when the same body was first received; what does not say when it happened has this time.
    """
    repo = repository_name(nested(payload, "repository", "full_name"))
    stamp = Stamp(WEBHOOK, delivery.received_at)
    if delivery.event in ALERT_EVENTS_OF_GITHUB:
        return Told(alert_told(delivery, payload, repo, first_received_at))
    if delivery.event not in _TOLD:
        raise Unusable(f"the event {delivery.event!r} is not one that becomes rows")
    return _TOLD[delivery.event](payload, repo, stamp)


def has_no_time(delivery: Delivery, payload: Raw) -> bool:
    """Whether a delivery does not say when what it tells of happened."""
    return delivery.event in ALERT_EVENTS_OF_GITHUB and is_untimed(payload)


def object_in(payload: Raw, name: str) -> Raw:
    """The object that a payload is about. Raises Unusable."""
    found = payload.get(name)
    if not isinstance(found, dict):
        raise Unusable(f"no {name}")
    return found


def _run(payload: Raw, repo: str | None, stamp: Stamp) -> Told:
    """Examples of older servers say that a completed run is queued; then the action counts."""
    run = object_in(payload, "workflow_run")
    status = {"status": "completed"} if payload.get("action") == "completed" else {}
    return Told([(WORKFLOW_RUNS, run_row({**run, **status}, repo, stamp))])


def _job(payload: Raw, repo: str | None, stamp: Stamp) -> Told:
    job = object_in(payload, "workflow_job")
    status = {"status": "completed"} if payload.get("action") == "completed" else {}
    return Told([(WORKFLOW_JOBS, job_row({**job, **status}, repo, stamp))])


def _pull_request(payload: Raw, repo: str | None, stamp: Stamp) -> Told:
    return Told([(PULL_REQUESTS, pull_request_row(object_in(payload, "pull_request"), repo, stamp))])


def _repository(payload: Raw, _repo: str | None, stamp: Stamp) -> Told:
    """A repository's row has no version but the time it was read: that is when it was changed, if GitHub says so."""
    repository = object_in(payload, "repository")
    changed = moment(repository.get("updated_at")) or stamp.collected_at
    row = repository_row(repository, Stamp(stamp.source, min(changed, stamp.collected_at)))
    return Told([(REPOSITORIES, row)], _renamed(payload, row))


def _renamed(payload: Raw, row: Row) -> Renamed | None:
    """The old name that `renamed` and `transferred` tell."""
    name = text(nested(payload, "changes", "repository", "name", "from"))
    before = nested(payload, "changes", "owner", "from")
    owner = text(nested(before, "user", "login")) or text(nested(before, "organization", "login"))
    old = repository_name(f"{owner or row['org']}/{name or row['name']}")
    number = integer(row["repo_id"])
    if payload.get("action") not in ("renamed", "transferred") or old in (None, row["repo"]) or number is None:
        return None
    return Renamed(str(old), row["repo"], number)


_TOLD: Mapping[str, Callable[[Raw, str | None, Stamp], Told]] = {
    "workflow_run": _run,
    "workflow_job": _job,
    "pull_request": _pull_request,
    "repository": _repository,
}
