"""Doctor: checks of settings, sign-in, store, GitHub access and freshness, each one sentence."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from backend.collect.connection.opening import open_github
from backend.collect.problems import Disabled
from backend.doctor.finding import Finding
from backend.doctor.sign_in import sign_in
from shared.country_file import country_finder
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

MOST_SOURCES = 100
"""Sources of the ledger up to which each has a line; of more, only those with a problem have."""


def examine(settings: Settings) -> list[Finding]:
    """All checks, each of which fails on its own."""
    settled = [_checked("github", lambda: _github(settings))]
    if settings.country_file:
        settled.append(_checked("country file", lambda: _country_file(settings)))
    settled += _several("sign-in", lambda: sign_in(settings))
    try:
        lake = open_lake(settings)
        lake.snapshot()
    except FettleError as error:  # what is in the store cannot be told, and each try takes its time
        return [Finding("store", False, str(error)), *settled]
    return [
        _checked("store", lambda: _store(lake)),
        *settled,
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


def _country_file(settings: Settings) -> Finding:
    country_finder(settings)
    return Finding("country file", True, f"{settings.country_file} has countries of addresses")


def _data(lake: Lake) -> Iterator[Finding]:
    snapshot = lake.snapshot()
    for dataset in DATASETS.values():
        blobs = snapshot.partitions(dataset)
        size = sum(blob.size for blob in blobs)
        yield Finding("data", True, f"{dataset.name}: {len(blobs)} partitions, {size / 1e6:,.1f} MB")


def _ledger(lake: Lake) -> Iterator[Finding]:
    """Each source, or of very many their number by dataset and outcome, and those that are not complete."""
    tables = lake.tables("real", only=[COLLECTIONS])
    found = metric("coverage").compute(tables, Scope(until=lake.clock())).to_pyarrow().to_pylist()
    if not found:
        yield Finding("ledger", True, "nothing was collected or imported yet")
    shown = found
    if len(found) > MOST_SOURCES:
        yield from _summed_up(found)
        shown = [row for row in found if not _is_good(row)]
    yield from (_source(row, lake.clock()) for row in shown[:MOST_SOURCES])
    if rest := shown[MOST_SOURCES:]:
        counts = _counts(rest)
        yield Finding("ledger", False, f"and {len(rest):,} more: {counts}; see the Data page")


def _summed_up(found: list[dict[str, Any]]) -> Iterator[Finding]:
    for dataset in sorted({row["dataset"] for row in found}):
        rows = [row for row in found if row["dataset"] == dataset]
        yield Finding("ledger", all(map(_is_good, rows)), f"{dataset}: {_counts(rows)} of {len(rows):,} sources")


def _counts(rows: list[dict[str, Any]]) -> str:
    return ", ".join(f"{n:,} {outcome}" for outcome, n in Counter(row["outcome"] for row in rows).most_common())


def _is_good(row: dict[str, Any]) -> bool:
    return row["outcome"] in ("ok", "unchanged", "disabled")


def _source(row: dict[str, Any], now: datetime) -> Finding:
    last = row["last_good_at"]
    when = f"last good {(now - last).total_seconds() / 3600:,.0f} h ago" if last else "never good"
    why = f" ({row['reason']})" if row["reason"] else ""
    text = f"{row['repo']} {row['dataset']}: {row['outcome']}, {when}{_covered(row)}{why}"
    return Finding("ledger", _is_good(row), text)


def _covered(row: dict[str, Any]) -> str:
    """The time that is covered, as part of a sentence; "" if none is."""
    since, until = row["covered_since"], row["covered_until"]
    if until is None:
        return ""
    begin = f"from {since.astimezone(UTC):%Y-%m-%d}" if since else "from the beginning"
    return f", covers {begin} to {until.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _freshness(lake: Lake) -> Finding:
    ledger = lake.tables("real", only=[COLLECTIONS])["collections"]
    good = ledger.filter(ledger.source == "github", ledger.outcome.isin(["ok", "unchanged"]))
    last = good.finished_at.max().to_pyarrow().as_py()
    if last is None:
        return Finding("freshness", True, "GitHub was never collected; run `python -m backend collect --org ORG`")
    age_h = (lake.clock() - last).total_seconds() / 3600
    advice = "" if age_h <= STALE_HOURS else f"; {_SILENT}"
    return Finding("freshness", age_h <= STALE_HOURS, f"GitHub was collected {age_h:,.0f} h ago{advice}")


_SILENT = (
    "look whether the scheduled collection still runs: GitHub switches schedules off in public repositories that "
    "were quiet for 60 days (see docs/collecting.md)"
)


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
