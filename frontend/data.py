"""Data: the only cached functions, from the lake's version and a Scope to a frame.

Every cache is bounded and keyed by the lake's version: a new collection shows within LISTED_S seconds, and the
same question to the same data is not asked twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import pandas as pd
import streamlit as st

from shared.datasets import DATASETS
from shared.lake.opening import open_lake
from shared.lake.quarantine import quarantine_counts
from shared.lake.reading import Rows, Tables
from shared.lake.snapshot import Snapshot
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.scope import Scope
from shared.settings import load_settings

LISTED_S = 5
"""Seconds for which a listing of the store is good."""

STEP = timedelta(minutes=5)
"""The time as of which things are judged moves in such steps, so that the caches can be of use."""

MOST_BRANCHES = 200
SHOWN_COLLECTIONS = 30


@dataclass(frozen=True)
class Edition:
    """The lake at one moment. rows: "real" or "demo"; version: of both the partitions and the choice of rows."""

    version: str
    rows: Rows
    snapshot: Snapshot


@dataclass(frozen=True)
class Options:
    """What the filters offer, from the data."""

    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def as_of() -> datetime:
    """Now, rounded up to the next step so that nothing collected is left out; FETTLE_NOW as it is."""
    settings = load_settings()
    if settings.fixed_now:
        return settings.fixed_now
    passed = (settings.now() - datetime.min.replace(tzinfo=UTC)) % STEP
    return settings.now() - passed + STEP


def edition() -> Edition:
    """The lake as it is now, at most LISTED_S seconds old. Raises SettingsError or StoreError."""
    snapshot = _snapshot()
    rows = _rows(snapshot.version, snapshot)
    return Edition(f"{snapshot.version}-{rows}", rows, snapshot)


def metric(name: str, scope: Scope, by: str | None = None) -> pd.DataFrame:
    """A metric of the registry as a frame with exactly the columns of its labels."""
    current = edition()
    return _metric(current.version, name, scope, by, current)


def remediation(scope: Scope, by: str | None, dismissed: bool) -> pd.DataFrame:
    """The metric time_to_remediate; dismissed: also counts alerts that a person dismissed."""
    if not dismissed:
        return metric("time_to_remediate", scope, by)
    current = edition()
    return _remediation_with_dismissed(current.version, scope, by, current)


def options() -> Options:
    """What the filters offer: all there is in the data."""
    current = edition()
    return _options(current.version, current)


def row_counts() -> dict[str, int]:
    """Rows per dataset, whatever the filters say."""
    current = edition()
    return _row_counts(current.version, current)


def last_collections() -> pd.DataFrame:
    """The newest collections, one row each: begin, end, sources, rows, requests and how many sources failed."""
    current = edition()
    return _last_collections(current.version, current)


def quarantined() -> pd.DataFrame:
    """Rows in quarantine by dataset and reason, most first."""
    return _quarantined()


def warm_up() -> None:
    """Opens the lake and asks what every page asks, so that the first visitor need not wait."""
    options()
    row_counts()


@st.cache_resource(show_spinner=False)
def _lake() -> Lake:
    return open_lake(load_settings())


@st.cache_resource(show_spinner=False, ttl=LISTED_S, max_entries=1)
def _snapshot() -> Snapshot:
    return _lake().snapshot()


@st.cache_data(show_spinner=False, max_entries=16)
def _rows(version: str, _snapshot: Snapshot) -> Rows:
    return _lake().tables(load_settings().rows, _snapshot).rows


def _tables(current: Edition) -> Tables:
    """The tables on the calling thread: an engine cursor must not be shared between threads."""
    return _lake().tables(current.rows, current.snapshot)


@st.cache_data(show_spinner=False, max_entries=512)
def _metric(version: str, name: str, scope: Scope, by: str | None, _current: Edition) -> pd.DataFrame:
    found: pd.DataFrame = METRICS[name].compute(_tables(_current), scope, by).to_pandas()
    return found


@st.cache_data(show_spinner=False, max_entries=64)
def _remediation_with_dismissed(
    version: str, scope: Scope, by: str | None, _current: Edition
) -> pd.DataFrame:
    entry = METRICS["time_to_remediate"]
    expression = entry.formula(_tables(_current), scope, by, include_dismissed=True)
    found: pd.DataFrame = expression.select(*entry.labels(by)).to_pandas()
    return found


@st.cache_data(show_spinner=False, max_entries=8)
def _options(version: str, _current: Edition) -> Options:
    tables = _tables(_current)
    runs, alerts = tables["workflow_runs"], tables["alerts"]
    branches = runs.filter(runs.branch.notnull()).group_by("branch").aggregate(n=runs.count())
    branches = branches.order_by(branches.n.desc(), "branch").limit(MOST_BRANCHES)
    return Options(
        orgs=_distinct(tables, "org", ("repositories", "workflow_runs", "alerts", "collections")),
        repos=_distinct(tables, "repo", ("repositories", "workflow_runs", "alerts", "collections")),
        workflows=_distinct({"runs": runs}, "workflow_name", ("runs",)),
        branches=tuple(branches.branch.to_pandas()),
        severities=_distinct({"alerts": alerts}, "severity", ("alerts",)),
        kinds=_distinct({"alerts": alerts}, "kind", ("alerts",)),
    )


def _distinct(tables: Mapping[str, ibis.Table], column: str, names: tuple[str, ...]) -> tuple[str, ...]:
    found = ibis.union(*(tables[name].select(column) for name in names)) if len(names) > 1 else None
    values = (found if found is not None else tables[names[0]].select(column)).distinct()
    return tuple(sorted(value for value in values[column].to_pandas() if isinstance(value, str) and value))


@st.cache_data(show_spinner=False, max_entries=8)
def _row_counts(version: str, _current: Edition) -> dict[str, int]:
    tables = _tables(_current)
    return {name: int(tables[name].count().to_pandas()) for name in DATASETS}


@st.cache_data(show_spinner=False, max_entries=8)
def _last_collections(version: str, _current: Edition) -> pd.DataFrame:
    entries = _tables(_current)["collections"]
    bad = ~entries.outcome.isin(["ok", "unchanged"])
    runs = entries.group_by("collection_id").aggregate(
        started_at=entries.started_at.min(),
        finished_at=entries.finished_at.max(),
        sources=entries.count(),
        rows=entries.rows.sum(),
        requests=entries.requests.sum(),
        incomplete=entries.count(where=bad),
    )
    found: pd.DataFrame = runs.order_by(runs.started_at.desc()).limit(SHOWN_COLLECTIONS).to_pandas()
    return found


@st.cache_data(show_spinner=False, ttl=60, max_entries=1)
def _quarantined() -> pd.DataFrame:
    counts = quarantine_counts(_lake().store)
    rows = [(dataset, reason, n) for (dataset, reason), n in counts.items()]
    return pd.DataFrame(rows, columns=["dataset", "reason", "rows"]).sort_values("rows", ascending=False)
