"""Repository health against the same definitions in plain Python, signal by signal."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.metrics.health_signals import SIGNALS, UNKNOWN_BECAUSE
from shared.metrics.metric import EXCLUDED
from shared.metrics.repository_health import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.runs import FAILURES
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import (
    NOW,
    Row,
    agent_session,
    alert,
    alert_event,
    collection,
    pull_request,
    repository,
    run,
    workflow,
)
from tests.unit.shared.metrics.asking import Ask, scope, tables_of
from tests.unit.shared.metrics.strategies import REPOS, alerts, runs, times

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIMIT_H = {"critical": 48, "high": 96, "medium": 168, "low": 336}
POINTS = {"critical": 10, "high": 5, "medium": 2, "low": 1, "unknown": 1}
WEIGHTS = {"security": 0.3, "sla": 0.2, "ci": 0.2, "freshness": 0.1, "remediation": 0.1, "flow": 0.1}

World = dict[str, list[Row]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Alerts and runs of few repositories, with sessions, pull requests and collections of some of them."""
    sessions = [
        agent_session(session_id=str(n), repo=repo, status=status, ended_at=at)
        for n, (repo, status, at) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(REPOS),
                        st.sampled_from(("finished", "failed", "stopped", "expired", "unknown")),
                        times(60),
                    ),
                    max_size=5,
                )
            )
        )
    ]
    requests = [
        pull_request(number=n, repo=repo, created_at=at, merged_at=merged, session_id=session)
        for n, (repo, at, merged, session) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(REPOS), times(40), st.none() | times(20), st.sampled_from(("1", "1", None))
                    ),
                    max_size=5,
                )
            )
        )
    ]
    read = draw(st.sets(st.sampled_from(REPOS)))
    return {
        "alerts": draw(alerts(12)),
        "workflow_runs": draw(runs(12)),
        "agent_sessions": sessions,
        "pull_requests": requests,
        "collections": [collection(repo=repo, dataset="dependabot") for repo in sorted(read)],
        "repositories": [repository(repo=REPOS[0])],
    }


def plain_signals(world: World, states: list[Row], repo: str, until: datetime) -> dict[str, float | None]:
    """The six signals of a repository, by the words of the definition."""
    return {
        "security": _security(world, repo, until),
        **_against_limits(world, repo, until),
        "ci": _ci(world, repo, until),
        "freshness": _freshness([row for row in states if row["repo"] == repo and row["state"] != "never_run"]),
        "flow": _flow(world, repo, until),
    }


def _there(world: World, repo: str, until: datetime) -> list[Row]:
    """Alerts of a repository as of a time; one that was closed later is open."""
    mine = [row for row in world["alerts"] if row["repo"] == repo]
    seen = [row for row in mine if row["created_at"] < until or (row["closed_at"] and row["closed_at"] < until)]
    return [row if row["closed_at"] and row["closed_at"] < until else {**row, "closed_at": None} for row in seen]


def _security(world: World, repo: str, until: datetime) -> float | None:
    mine = _there(world, repo, until)
    read = any(row["repo"] == repo for row in world["collections"])
    points = sum(POINTS[row["severity"]] for row in mine if not row["closed_at"])
    return 100 * 30 / (30 + points) if mine or read else None


def _against_limits(world: World, repo: str, until: datetime) -> dict[str, float | None]:
    limited = [
        (row, timedelta(hours=LIMIT_H[row["severity"]]))
        for row in _there(world, repo, until)
        if row["severity"] in LIMIT_H
    ]
    recent = [
        (row, (row["closed_at"] - row["created_at"]) / limit)
        for row, limit in limited
        if row["closed_at"] and row["closed_at"] >= until - 90 * DAY and row["closed_at"] >= row["created_at"]
    ]
    late = sum(not row["closed_at"] and until - row["created_at"] > limit for row, limit in limited)
    met, fixes = sum(ratio <= 1 for _, ratio in recent), [ratio for row, ratio in recent if row["state"] == "fixed"]
    n = len(recent) + late
    worth = 100 * (2 - median(fixes)) / 1.5 if fixes else None
    return {"sla": 100 * met / n if n else None, "remediation": worth and min(100, max(0, worth))}


def _ci(world: World, repo: str, until: datetime) -> float | None:
    said = [
        row["conclusion"] == "success"
        for row in world["workflow_runs"]
        if row["repo"] == repo and row["branch"] == "main" and row["event"] != "pull_request"
        if row["is_latest_attempt"] and until - 30 * DAY <= row["created_at"] < until
        if row["conclusion"] in ("success", *FAILURES) and row["completed_at"] < until
    ]
    return 100 * sum(said) / len(said) if said else None


def _freshness(states: list[Row]) -> float | None:
    quiet = sum(row["state"] in ("stale", "inactive") for row in states)
    return 100 * (len(states) - quiet) / len(states) if states else None


def _flow(world: World, repo: str, until: datetime) -> float | None:
    ended = [
        row["status"] == "finished"
        for row in world["agent_sessions"]
        if row["repo"] == repo and row["status"] != "unknown" and until - 30 * DAY <= row["ended_at"] < until
    ]
    waits = [
        row["created_at"] >= until - 7 * DAY
        for row in world["pull_requests"]
        if row["repo"] == repo and row["session_id"] and row["created_at"] < until
        if row["merged_at"] is None or row["merged_at"] >= until
    ]
    return 100 * (sum(ended) + sum(waits)) / (len(ended) + len(waits)) if ended or waits else None


def plain_score(signals: dict[str, float | None]) -> float | None:
    known = {name: value for name, value in signals.items() if value is not None}
    total = sum(WEIGHTS[name] for name in known)
    return sum(WEIGHTS[name] * value for name, value in known.items()) / total if total else None


def about(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=1e-4)


@settings(max_examples=2)
@given(worlds())
def test_scores_are_those_of_plain_python(ask: Ask, world: World) -> None:
    world = {**world, "repositories": [repository(repo=repo) for repo in REPOS]}
    found = {row["repo"]: row for row in ask("repository_health", scope(), None, **world)}
    now, then = (ask("workflow_state", scope(None, at), None, **world) for at in (NOW, NOW - 7 * DAY))
    for repo in REPOS:
        signals = plain_signals(world, now, repo, NOW)
        score, before = plain_score(signals), plain_score(plain_signals(world, then, repo, NOW - 7 * DAY))
        row = found[repo]
        assert {name: row[f"signal_{name}"] for name in SIGNALS} == {name: about(signals[name]) for name in SIGNALS}
        assert (row["score"], row["score_7d_ago"]) == (about(score), about(before))
        assert row["change_7d"] == (None if score is None or before is None else about(score - before))
        assert row["unknown"] == sum(value is None for value in signals.values())


@settings(max_examples=1)
@given(worlds())
def test_signals_tell_each_value_with_its_points_or_why_it_is_unknown(ask: Ask, world: World) -> None:
    scores = {row["repo"]: row for row in ask("repository_health", scope(), None, **world)}
    rows = ask("health_signals", scope(), None, **world)
    assert [(row["repo"], row["signal"]) for row in rows] == [
        (repo, name) for repo in sorted(scores) for name in SIGNALS
    ]
    for row in rows:
        score = scores[row["repo"]]
        name = row["signal"]
        assert (row["value"], row["lost"], row["weight"]) == tuple(
            about(score[f"{kind}_{name}"]) for kind in ("signal", "lost", "weight")
        )
        assert row["unknown_because"] == (UNKNOWN_BECAUSE[name] if row["value"] is None else None)
        assert (row["facts"] is None) == (row["value"] is None)
        if name == score["worst_signal"]:
            assert row["facts"] == score["worst_facts"]


@settings(max_examples=2)
@given(worlds())
def test_one_more_open_alert_never_raises_a_score(ask: Ask, world: World) -> None:
    """Every repository stands beside copies of itself, each with one more open alert of another severity and age."""
    ages = {"critical": HOUR, "high": 90 * HOUR, "medium": 20 * DAY, "low": 5 * DAY, "unknown": 400 * DAY}
    del world["collections"], world["repositories"]
    rows = {name: list(some) for name, some in world.items()}
    for severity, age in ages.items():
        for name, some in world.items():
            rows[name] += [_copied(row, severity) for row in some]
        rows["alerts"] += [
            alert(repo=f"{repo}-{severity}", number=99, severity=severity, created_at=NOW - age) for repo in REPOS
        ]
    names = [f"{repo}{more}" for repo in REPOS for more in ("", *(f"-{severity}" for severity in ages))]
    rows["collections"] = [collection(repo=repo, dataset="dependabot") for repo in names]
    rows["repositories"] = [repository(repo=repo) for repo in names]
    scores = {row["repo"]: row["score"] for row in ask("repository_health", scope(), None, **rows)}
    assert all(scores[f"{repo}-{severity}"] < scores[repo] for repo in REPOS for severity in ages)


def _copied(row: Row, severity: str) -> Row:
    copy = {**row, "repo": f"{row['repo']}-{severity}"}
    for key in ("run_id", "session_id"):
        if copy.get(key):
            copy[key] = type(copy[key])(f"{copy[key]}{list(POINTS).index(severity)}00")
    return copy


def test_order_of_rows_and_other_filters_make_no_difference(ask: Ask) -> None:
    world = {
        "alerts": [alert(), alert(number=2, severity="low"), alert(number=3, closed_at=NOW - DAY)],
        "workflow_runs": [run(), run(run_id=2, conclusion="failure"), run(run_id=3, branch="topic")],
    }
    question = Scope(until=NOW, since=NOW - DAY, workflows=("x",), severities=("low",), branch="topic", bots=False)
    turned = {name: list(reversed(rows)) for name, rows in world.items()}
    assert ask("repository_health", question, None, **turned) == ask("repository_health", scope(), None, **world)


def signals_of(ask: Ask, policy: Policy | None = None, **world: list[Row]) -> dict[str, Row]:
    """The signals of acme/api."""
    rows = ask.rows(HEALTH_SIGNALS.compute(tables_of(world), scope(), None, policy))
    return {row["signal"]: row for row in rows if row["repo"] == "acme/api"}


def test_repository_of_which_nothing_is_known_has_no_score(ask: Ask) -> None:
    (row,) = ask("repository_health", scope(), repositories=[repository()])
    assert (row["score"], row["tier"], row["unknown"], row["worst_signal"]) == (None, "unknown", 6, None)


def test_no_open_alert_is_good_only_where_somebody_looked(ask: Ask) -> None:
    tomorrow = {"dataset": "dependabot", "started_at": NOW + DAY}
    entries = {
        "read": ({"dataset": "code_scanning"}, True),
        "unchanged": ({"dataset": "secret_scanning", "outcome": "unchanged"}, True),
        "other": ({"dataset": "workflow_runs"}, False),
        "forbidden": ({"dataset": "dependabot", "outcome": "forbidden"}, False),
        "disabled": ({"dataset": "dependabot", "outcome": "disabled"}, False),
        "failed": ({"dataset": "dependabot", "outcome": "failed"}, False),
        "later": ({**tomorrow, "covered_since": NOW + HOUR}, False),
        "reached-back": ({**tomorrow, "covered_since": None}, True),
    }
    rows = ask(
        "health_signals",
        scope(),
        repositories=[repository(repo=f"acme/{name}") for name in entries],
        collections=[collection(repo=f"acme/{name}", **entry) for name, (entry, _) in entries.items()],
    )
    found = {row["repo"]: (row["value"], row["facts"]) for row in rows if row["signal"] == "security"}
    assert found == {
        f"acme/{name}": (100.0, "no open alert") if known else (None, None) for name, (_, known) in entries.items()
    }


def test_imported_alerts_are_known_without_a_collection(ask: Ask) -> None:
    rows = [alert(number=n, severity=severity) for n, severity in enumerate(("critical", "critical", "low", "unknown"))]
    security = signals_of(ask, alerts=rows)["security"]
    assert security["value"] == pytest.approx(100 * 30 / (30 + 22))
    assert (security["facts"], security["n"]) == ("2 critical, 1 low, 1 unknown open", 4)


def test_policy_has_the_weights_points_and_limits(ask: Ask) -> None:
    policy = Policy.model_validate(
        {
            "health": {"half_at": 5, "alert_points": {"high": 20}, "repository": {"security": 1, "ci": 0}},
            "sla": {"high": "30d"},
        }
    )
    found = signals_of(ask, policy, alerts=[alert(), alert(number=2, closed_at=NOW - DAY)], workflow_runs=[run()])
    assert found["security"]["value"] == 20.0
    assert (found["sla"]["value"], found["sla"]["facts"]) == (100.0, "0 open beyond the limit, 0 of 1 closed late")
    assert (found["ci"]["weight"], found["ci"]["lost"]) == (0.0, 0.0)


def test_limits_that_are_switched_off_leave_sla_and_remediation_unknown(ask: Ask) -> None:
    policy = Policy.model_validate({"sla": dict.fromkeys(LIMIT_H, False)})
    found = signals_of(ask, policy, alerts=[alert(closed_at=NOW - DAY)])
    assert (found["sla"]["value"], found["remediation"]["value"]) == (None, None)


def test_remediation_falls_from_half_of_the_limit_to_twice_the_limit(ask: Ask) -> None:
    shares = {0.1: 100.0, 0.5: 100.0, 1.25: 50.0, 2.0: 0.0, 9.0: 0.0}
    closed = [
        alert(repo=f"acme/{share}", created_at=NOW - DAY - share * 96 * HOUR, closed_at=NOW - DAY) for share in shares
    ]
    found = {
        row["repo"]: row for row in ask("health_signals", scope(), alerts=closed) if row["signal"] == "remediation"
    }
    for share, value in shares.items():
        row = found[f"acme/{share}"]
        assert (row["value"], row["facts"]) == (about(value), f"the median fix took {100 * share:.0f} % of its limit")


def test_clock_of_a_reopened_alert_starts_again_where_the_policy_says_so(ask: Ask) -> None:
    restart = Policy.model_validate({"sla": {"restart_when_reopened": True}})
    reopened = alert_event(action="reopened", at=NOW - DAY)
    assert signals_of(ask, alerts=[alert()], alert_events=[reopened])["sla"]["value"] == 0.0
    assert signals_of(ask, restart, alerts=[alert()], alert_events=[reopened])["sla"]["value"] is None


def test_facts_of_runs_workflows_and_agents(ask: Ask) -> None:
    old = run(run_id=3, workflow_id=8, workflow_name="old", created_at=NOW - 70 * DAY)
    found = signals_of(
        ask,
        workflow_runs=[run(), run(run_id=2, conclusion="failure"), old],
        workflows=[workflow(), workflow(workflow_id=8, name="old"), workflow(workflow_id=9, name="never")],
        agent_sessions=[agent_session(), agent_session(session_id="2", status="failed")],
        pull_requests=[pull_request(), pull_request(number=2, created_at=NOW - 8 * DAY)],
    )
    assert {name: (found[name]["value"], found[name]["facts"]) for name in ("ci", "freshness", "flow")} == {
        "ci": (50.0, "1 of 2 runs failed"),
        "freshness": (50.0, "0 stale and 1 inactive of 2 workflows"),
        "flow": (
            50.0,
            "1 of 2 sessions failed or were abandoned, 1 pull requests wait for more than 7 days",
        ),
    }


def test_archived_repositories_are_asked_for_and_evidence_says_what_does_not_count(ask: Ask) -> None:
    repositories = [repository(archived=True), repository(repo="acme/web")]
    tables = tables_of({"repositories": repositories, "alerts": [alert(), alert(repo="acme/web")]})
    found = ask.rows(REPOSITORY_HEALTH.compute(tables, scope(), switches={"include_archived": True}))
    assert {row["repo"]: row["archived"] for row in found} == {"acme/api": True, "acme/web": False}
    rows = ask.rows(REPOSITORY_HEALTH.rows(tables, scope()))
    assert {row[EXCLUDED] for row in rows if row["repo"] == "acme/api"} == {"the repository is archived"}
    assert {row["signal"]: row[EXCLUDED] for row in rows if row["repo"] == "acme/web"} == {
        "security": None,
        "sla": None,
        **{name: f"unknown: {UNKNOWN_BECAUSE[name]}" for name in ("ci", "freshness", "remediation", "flow")},
    }


def test_repository_that_was_not_there_yet_has_no_score(ask: Ask) -> None:
    repositories = [repository(), *(repository(repo=f"acme/{n}", created_at=NOW - n * DAY) for n in (-1, 3))]
    alerts = [alert(repo=row["repo"], created_at=NOW - 10 * DAY) for row in repositories]
    rows = ask("repository_health", scope(), repositories=repositories, alerts=alerts)
    assert {row["repo"]: row["score_7d_ago"] is None for row in rows} == {"acme/api": False, "acme/3": True}


def test_worst_comes_first_and_unknown_last(ask: Ask) -> None:
    world = {
        "repositories": [repository(repo=repo) for repo in ("a/none", "b/bad", "c/good")],
        "alerts": [alert(repo="b/bad", number=n, severity="critical") for n in range(9)],
        "collections": [collection(repo="c/good", dataset="dependabot")],
    }
    found = [(row["repo"], row["tier"]) for row in ask("repository_health", scope(), None, **world)]
    assert found == [("b/bad", "at_risk"), ("c/good", "excellent"), ("a/none", "unknown")]
