"""Doctor: checks of settings, store, GitHub access and freshness, each one sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.collect.github import open_github
from backend.collect.problems import Disabled
from shared.datasets import COLLECTIONS, DATASETS
from shared.errors import FettleError
from shared.lake.opening import open_lake
from shared.lake.quarantine import quarantine_counts
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.scope import Scope
from shared.settings import Settings

PROBE = "state/doctor.json"

STALE_HOURS = 36
"""A daily collection that is later than this has missed a turn."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is good, and what was seen or what to do."""

    subject: str
    good: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """All checks, each of which fails on its own."""
    github = _checked("github", lambda: _github(settings))
    try:
        lake = open_lake(settings)
        lake.snapshot()
    except FettleError as error:  # what is in the store cannot be told, and each try takes its time
        return [Finding("store", False, str(error)), github]
    return [
        _checked("store", lambda: _store(lake)),
        github,
        *_several("data", lambda: _data(lake)),
        _checked("freshness", lambda: _freshness(lake)),
        *_several("ledger", lambda: _ledger(lake)),
        *_several("quarantine", lambda: _quarantine(lake)),
    ]


def _store(lake: Lake) -> Finding:
    lake.store.write(PROBE, b"{}")
    lake.store.delete(PROBE)
    return Finding("store", True, f"{lake.store.url} can be listed, written and deleted from")


def _github(settings: Settings) -> Finding:
    try:
        answer = open_github(settings).get("/rate_limit")
    except Disabled:  # as GitHub Enterprise Server is by default; it has judged the token by then
        return Finding("github", True, f"{settings.github_api_url} accepts the token and limits no rate")
    core = answer.data["resources"]["core"]
    left, limit = core["remaining"], core["limit"]
    scopes = answer.headers.get("x-oauth-scopes")
    granted = f"; classic scopes: {scopes}" if scopes else ""
    return Finding(
        "github", True, f"{settings.github_api_url} accepts the token, {left} of {limit} requests left{granted}"
    )


def _data(lake: Lake) -> Iterator[Finding]:
    snapshot = lake.snapshot()
    for dataset in DATASETS.values():
        blobs = snapshot.partitions(dataset)
        size = sum(blob.size for blob in blobs)
        yield Finding("data", True, f"{dataset.name}: {len(blobs)} partitions, {size / 1e6:,.1f} MB")


def _ledger(lake: Lake) -> Iterator[Finding]:
    tables = lake.tables("real")
    found = metric("coverage").compute(tables, Scope(until=lake.clock())).to_pyarrow().to_pylist()
    if not found:
        yield Finding("ledger", True, "nothing was collected or imported yet")
    for row in found:
        last = row["last_good_at"]
        age_h = (lake.clock() - last).total_seconds() / 3600 if last else None
        when = f"last good {age_h:,.0f} h ago" if age_h is not None else "never good"
        why = f" ({row['reason']})" if row["reason"] else ""
        good = row["outcome"] in ("ok", "unchanged", "disabled")
        yield Finding("ledger", good, f"{row['repo']} {row['dataset']}: {row['outcome']}, {when}{why}")


def _freshness(lake: Lake) -> Finding:
    ledger = lake.tables("real", only=[COLLECTIONS])["collections"]
    good = ledger.filter(ledger.source == "github", ledger.outcome.isin(["ok", "unchanged"]))
    last = good.finished_at.max().to_pyarrow().as_py()
    if last is None:
        return Finding("freshness", True, "GitHub was never collected; run `python -m backend collect --org ORG`")
    age_h = (lake.clock() - last).total_seconds() / 3600
    advice = "" if age_h <= STALE_HOURS else "; look whether the scheduled collection still runs"
    return Finding("freshness", age_h <= STALE_HOURS, f"GitHub was collected {age_h:,.0f} h ago{advice}")


def _quarantine(lake: Lake) -> Iterator[Finding]:
    for (dataset, reason), count in quarantine_counts(lake.store).items():
        yield Finding("quarantine", False, f"{dataset}: {count} rows: {reason}")


def _checked(subject: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except FettleError as error:
        return Finding(subject, False, str(error))


def _several(subject: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except FettleError as error:
        return [Finding(subject, False, str(error))]
