"""Every metric: its texts, its groupings, and exactly its columns whatever the rows."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pytest

from shared.datasets import DATASETS
from shared.datasets.activity_events import EVENT_TYPES
from shared.errors import FettleError
from shared.metrics import METRICS, Metric, metric
from shared.scope import Scope
from tests.builders import (
    NOW,
    Row,
    activity,
    agent_session,
    alert,
    collection,
    customer,
    decision,
    finding,
    job,
    pull_request,
    rating,
    repository,
    request,
    run,
    threat,
    usage_session,
    workflow,
)
from tests.unit.shared.metrics.asking import Ask, scope, tables_of

LONG_AGO = datetime(2016, 3, 1, tzinfo=UTC)

WORLDS: dict[str, dict[str, list[Row]]] = {
    "empty": {},
    "one of each": {
        "alerts": [alert(closed_at=NOW - timedelta(days=1))],
        "workflow_runs": [run()],
        "workflow_jobs": [job()],
        "pull_requests": [pull_request()],
        "workflows": [workflow()],
        "repositories": [repository()],
        "collections": [collection()],
        "findings": [finding()],
        "agent_sessions": [agent_session()],
        "triage": [decision()],
        "customers": [customer()],
        "activity_events": [activity(kind) for kind in EVENT_TYPES],
        "requests": [request()],
        "usage_sessions": [usage_session()],
        "feedback": [rating()],
        "threats": [threat()],
    },
    "all open and unfinished": {
        "alerts": [alert(number=n, severity="unknown") for n in range(3)],
        "workflow_runs": [run(run_id=n, status="in_progress") for n in range(3)],
        "workflow_jobs": [job(status="in_progress", conclusion=None, completed_at=None, duration_s=None)],
        "pull_requests": [pull_request(merged_at=None)],
    },
    "future": {
        "alerts": [alert(created_at=NOW + timedelta(days=9), closed_at=NOW + timedelta(days=99))],
        "workflow_runs": [run(created_at=NOW + timedelta(days=9), conclusion="failure")],
        "workflow_jobs": [job(created_at=NOW + timedelta(days=9))],
        "pull_requests": [pull_request(created_at=NOW + timedelta(days=9), merged_at=NOW + timedelta(days=10))],
        "collections": [collection(started_at=NOW + timedelta(days=9))],
        "findings": [finding(first_seen=NOW + timedelta(days=9))],
        "agent_sessions": [agent_session(created_at=NOW + timedelta(days=9))],
        "triage": [decision(decided_at=NOW + timedelta(days=9))],
        "customers": [customer(), customer(customer_id="later", created_at=NOW + timedelta(days=9))],
        "activity_events": [activity(kind, at=NOW + timedelta(days=9)) for kind in EVENT_TYPES],
    },
    "ten years old": {
        "alerts": [alert(created_at=LONG_AGO, closed_at=LONG_AGO + timedelta(days=1))],
        "workflow_runs": [run(created_at=LONG_AGO, conclusion="failure"), run(run_id=2)],
        "workflow_jobs": [job(created_at=LONG_AGO)],
        "pull_requests": [pull_request(created_at=LONG_AGO, merged_at=LONG_AGO)],
        "customers": [customer(created_at=LONG_AGO)],
        "activity_events": [activity(kind, at=LONG_AGO) for kind in EVENT_TYPES],
        "requests": [request(at=LONG_AGO, status=500, cost_usd=None, country=None)],
        "usage_sessions": [usage_session(started_at=LONG_AGO)],
        "feedback": [rating(at=LONG_AGO)],
        "threats": [threat(at=LONG_AGO, resolved_at=LONG_AGO)],
    },
    "nothing but keys": {
        "alerts": [{"repo": "acme/api", "kind": "dependabot", "number": 1}],
        "workflow_runs": [{"run_id": 1, "run_attempt": 1, "is_latest_attempt": True, "created_at": LONG_AGO}],
        "workflow_jobs": [{"job_id": 1, "created_at": LONG_AGO}],
        "pull_requests": [{"repo": "acme/api", "number": 1}],
        "workflows": [{"repo": "acme/api", "workflow_id": 1}],
        "repositories": [{"repo": "acme/api"}],
        "collections": [{"collection_id": "1", "dataset": "alerts", "repo": "acme/api", "started_at": LONG_AGO}],
        "findings": [{"repo": "acme/api", "tool": "CodeQL", "fingerprint": "f"}],
        "agent_sessions": [{"provider": "devin", "session_id": "1"}],
        "triage": [{"subject": "alert:acme/api/dependabot/1", "decided_at": LONG_AGO}],
        "customers": [{"customer_id": "acme"}],
        "requests": [{"request_id": "1", "at": LONG_AGO}],
        "usage_sessions": [{"session_id": "1", "started_at": LONG_AGO}],
        "feedback": [{"request_id": "1", "user": "ada", "at": LONG_AGO}],
        "threats": [{"threat_id": "1", "at": LONG_AGO}],
        "activity_events": [
            {"event_id": kind or "?", "customer_id": "acme", "type": kind, "at": LONG_AGO}
            for kind in (None, *EVENT_TYPES)
        ],
    },
}


WORLDS["all of these at once"] = {
    dataset: [row for world in WORLDS.values() for row in world.get(dataset, [])]
    for dataset in dict.fromkeys(name for world in WORLDS.values() for name in world)
}
QUICK = ("empty", "all of these at once")
"""Worlds for every day: each of the others is part of the last."""

GROUPINGS = [(entry, by) for entry in METRICS.values() for by in entry.by]
FIRST = [*((entry, entry.by[0]) for entry in METRICS.values() if entry.by)]
FIRST += {by: (entry, by) for entry, by in reversed(GROUPINGS) if by not in {one for _, one in FIRST}}.values()
"""A grouping of each metric, and a metric of each grouping."""


@pytest.mark.parametrize("entry", list(METRICS.values()), ids=list(METRICS))
def test_every_metric_is_explained(entry: Metric) -> None:
    texts = [entry.name, entry.title, entry.definition, entry.unit, entry.exclusions, *entry.columns.values()]
    assert all(text.strip() for text in texts)
    assert entry.definition.endswith(".")
    assert entry.exclusions.endswith(".")
    assert set(entry.inputs) <= set(DATASETS)
    assert METRICS[entry.name] is entry


@pytest.mark.parametrize("entry", list(METRICS.values()), ids=list(METRICS))
def test_no_world_is_an_error(ask: Ask, entry: Metric) -> None:
    check_worlds(ask, entry, QUICK, 90)


@pytest.mark.slow
@pytest.mark.parametrize("days", [90, None], ids=["range", "all time"])
@pytest.mark.parametrize("entry", list(METRICS.values()), ids=list(METRICS))
def test_no_world_alone_is_an_error(ask: Ask, entry: Metric, days: float | None) -> None:
    check_worlds(ask, entry, tuple(WORLDS), days)


def check_worlds(ask: Ask, entry: Metric, worlds: Sequence[str], days: float | None) -> None:
    """Several worlds in one test: what takes time is to make the SQL of a question, once for all of them."""
    for world in worlds:
        rows = WORLDS[world]
        until = LONG_AGO + timedelta(days=30) if days and world == "ten years old" else NOW
        answer = ask.table(entry.name, scope(days, until), None, rows)
        assert answer.column_names == list(entry.columns), world
        if world == "empty":
            told = [value for row in answer.to_pylist() for value in row.values()]
            assert not any(told), "without data there are zero counts and nulls only"


@pytest.mark.parametrize(
    ("entry", "by"),
    [pytest.param(*one, marks=() if one in FIRST else pytest.mark.slow) for one in GROUPINGS],
    ids=lambda v: getattr(v, "name", v),
)
def test_every_grouping_has_its_columns_and_names_its_part(ask: Ask, entry: Metric, by: str) -> None:
    nothing = ask.table(entry.name, scope(), by, {})
    assert (nothing.column_names, nothing.num_rows) == (list(entry.labels(by)), 0)
    rows = ask(entry.name, scope(), by, **WORLDS["one of each"] | {"workflow_runs": [run(), run(run_id=2)]})
    names = [column for column in entry.labels(by) if column not in entry.columns]
    assert names
    assert all(row[name] is not None for row in rows for name in names)


def test_an_unknown_metric_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(FettleError, match=r"'mttr'.*time_to_remediate.*coverage"):
        metric("mttr")


def test_an_unknown_grouping_is_refused_with_those_there_are() -> None:
    with pytest.raises(FettleError, match=r"open_alerts.*'colour'.*org, repo"):
        metric("open_alerts").compute(tables_of({}), scope(), "colour")
    with pytest.raises(FettleError, match="leave the grouping out"):
        metric("coverage").labels("repo")


NARROW = Scope(
    until=NOW,
    since=NOW - timedelta(days=30),
    orgs=("acme",),
    repos=("acme/api",),
    workflows=("CI",),
    severities=("high",),
    kinds=("dependabot",),
    events=("push",),
    customers=("acme",),
    branch="main",
    bots=False,
)


TYPICAL = ("open_alerts", "success_rate", "workflow_state", "coverage", "run_cost", "sla_summary", "agent_sessions")


@pytest.mark.parametrize(
    "entry",
    [pytest.param(entry, marks=() if entry.name in TYPICAL else pytest.mark.slow) for entry in METRICS.values()],
    ids=list(METRICS),
)
def test_what_is_asked_of_a_metric_leaves_out_only_what_makes_no_difference(entry: Metric) -> None:
    """The very same expression follows from the scope as it is chosen and from what is asked of it."""
    tables = {name: ibis.table(dataset.schema, name=name) for name, dataset in DATASETS.items()}
    chosen, asked = (entry.compute(tables, one).op() for one in (NARROW, entry.asked(NARROW)))
    assert chosen == asked


def test_what_is_asked_of_a_metric_serves_other_ranges_and_filters() -> None:
    chosen = Scope(until=NOW, since=NOW - timedelta(days=30), orgs=("acme",), severities=("high",), events=("push",))
    assert metric("open_alerts").asked(chosen) == Scope(until=NOW, orgs=("acme",), severities=("high",))
    assert metric("run_trend").asked(chosen) == replace(chosen, severities=())
    assert metric("coverage").asked(replace(chosen, repos=("acme/api",), bots=False)) == Scope(
        until=NOW, orgs=("acme",), repos=("acme/api",)
    )


def _of_two_organisations() -> dict[str, list[Row]]:
    repos = ("acme/api", "acme/web", "zoo/api")
    ended = [("failure", 9), ("success", 5), ("failure", 2)]
    return {
        "workflow_runs": [
            run(repo=repo, org=repo.split("/")[0], run_id=n, conclusion=told, created_at=NOW - timedelta(days=days))
            for n, (repo, (told, days)) in enumerate(itertools.product(repos, ended))
        ],
        "workflows": [workflow(repo=repo, org=repo.split("/")[0]) for repo in repos[1:]],
        "collections": [collection(repo=repo, org=repo.split("/")[0]) for repo in repos],
    }


@pytest.mark.parametrize("name", [name for name, entry in METRICS.items() if entry.of_repositories])
@pytest.mark.parametrize(
    "only",
    [
        {"orgs": ("acme",), "repos": ("x/y",)},
        *(pytest.param(one, marks=pytest.mark.slow) for one in ({"orgs": ("zoo",)}, {"repos": ("acme/web",)})),
    ],
)
def test_rows_of_repositories_are_the_same_whichever_others_are_looked_at(
    ask: Ask, name: str, only: dict[str, Any]
) -> None:
    rows = _of_two_organisations()
    everything = ask(name, scope(30), None, **rows)
    assert {row["repo"] for row in everything} == {"acme/api", "acme/web", "zoo/api"}
    expected = [
        row
        for row in everything
        if row["org"] in only.get("orgs", (row["org"],)) and row["repo"] in only.get("repos", (row["repo"],))
    ]
    assert ask(name, scope(30, **only), None, **rows) == expected
