"""Repository health against the same definitions in plain Python, signal by signal.

A question to this metric takes a second whatever the rows are, so tests share two worlds: one of many repositories with
rows at random, and one in which each repository is a case of its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import pytest

from shared.datasets.alerts import KINDS, SEVERITIES
from shared.metrics.health.repository import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.health.signals import SIGNALS, UNKNOWN_BECAUSE
from shared.metrics.metric import EXCLUDED
from shared.metrics.workflows.outcomes import FAILURES
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
from tests.unit.shared.metrics.strategies import CONCLUSIONS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LIMIT_H = {"critical": 48, "high": 96, "medium": 168, "low": 336}
POINTS = {"critical": 10, "high": 5, "medium": 2, "low": 1, "unknown": 1}
WEIGHTS = {"security": 0.3, "sla": 0.2, "ci": 0.2, "freshness": 0.1, "remediation": 0.1, "flow": 0.1}

World = dict[str, list[Row]]

MORE = {"critical": HOUR, "high": 90 * HOUR, "medium": 20 * DAY, "low": 5 * DAY, "unknown": 400 * DAY}
"""One more open alert: its severity and age."""


def world_at_random(repos: int = 24, seed: int = 1) -> World:
    """Repositories with few rows of every kind, each beside a twin that has one more open alert."""
    dice, world = Random(seed), World()
    for name in ("repositories", "alerts", "workflow_runs", "agent_sessions", "pull_requests", "collections"):
        world[name] = []
    for number in range(repos):
        rows = rows_at_random(dice, number)
        severity = list(MORE)[number % len(MORE)]
        more = alert(number=99, severity=severity, created_at=NOW - MORE[severity])
        for repo, extra in ((f"acme/{number}", []), (f"acme/{number}-more", [more])):
            for name, some in {**rows, "alerts": [*rows["alerts"], *extra]}.items():
                world[name] += [{**row, "repo": repo} for row in some]
    for name, key in (("workflow_runs", "run_id"), ("agent_sessions", "session_id")):
        world[name] = [{**row, key: type(row[key])(n)} for n, row in enumerate(world[name], start=1)]
    return world


def rows_at_random(dice: Random, number: int) -> World:
    def ago(days: int) -> datetime:
        return NOW - dice.randint(-48, 24 * days) * HOUR

    def some(most: int) -> range:
        return range(dice.randint(0, most))

    states = ("open", "open", "fixed", "fixed", "dismissed", "auto_dismissed")
    alerts = [
        alert(
            number=n,
            kind=dice.choice(KINDS),
            severity=dice.choice(SEVERITIES),
            state=(state := dice.choice(states)),
            created_at=(at := ago(dice.choice((9, 150)))),
            closed_at=None if state == "open" else at + dice.choice((-1, 20, 30, 70, 90, 200, 900)) * HOUR,
        )
        for n in some(5)
    ]
    runs = [
        run(
            workflow_id=dice.choice((7, 7, 8)),
            created_at=(at := ago(35)),
            completed_at=at + dice.randint(1, 40) * HOUR if (conclusion := dice.choice(CONCLUSIONS)) else None,
            conclusion=conclusion,
            status="completed" if conclusion else "in_progress",
            branch=dice.choice(("main", "main", "topic")),
            event=dice.choice(("push", "schedule", "pull_request")),
            is_latest_attempt=dice.random() < 0.8,
        )
        for _ in some(12)
    ]
    statuses = ("finished", "failed", "stopped", "expired", "unknown", "running")
    return {
        "repositories": [repository()],
        "alerts": alerts,
        "workflow_runs": runs,
        "agent_sessions": [agent_session(status=dice.choice(statuses), ended_at=ago(45)) for _ in some(3)],
        "pull_requests": [
            pull_request(
                number=n, created_at=ago(20), merged_at=dice.choice((None, ago(9))), session_id=dice.choice(("1", None))
            )
            for n in some(3)
        ],
        # A twin's alert makes known what was not, so that only repositories that were read can be compared.
        "collections": [collection(dataset="dependabot")] if number % 3 else [],
    }


@pytest.fixture(scope="module")
def random() -> World:
    return world_at_random()


@pytest.fixture(scope="module")
def found(ask: Ask, random: World) -> Mapping[str, Row]:
    """Scores of the world at random by repository."""
    return {row["repo"]: row for row in ask("repository_health", scope(), None, **random)}


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
        if row["repo"] == repo
        and row["status"] not in ("unknown", "running")
        and until - 30 * DAY <= row["ended_at"] < until
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


def test_scores_are_those_of_plain_python(ask: Ask, random: World, found: Mapping[str, Row]) -> None:
    now, then = (ask("workflow_state", scope(None, at), None, **random) for at in (NOW, NOW - 7 * DAY))
    assert set(found) == {row["repo"] for row in random["repositories"]}
    for repo, row in found.items():
        signals = plain_signals(random, now, repo, NOW)
        score, before = plain_score(signals), plain_score(plain_signals(random, then, repo, NOW - 7 * DAY))
        assert {name: row[f"signal_{name}"] for name in SIGNALS} == {name: about(signals[name]) for name in SIGNALS}
        assert (row["score"], row["score_7d_ago"]) == (about(score), about(before))
        assert row["change_7d"] == (None if score is None or before is None else about(score - before))
        assert row["unknown"] == sum(value is None for value in signals.values())


def test_the_world_at_random_has_every_signal_known_and_unknown(found: Mapping[str, Row]) -> None:
    for name in SIGNALS:
        values = {row[f"signal_{name}"] for row in found.values()}
        assert None in values, name
        assert len(values) > 3, name


def test_one_more_open_alert_never_raises_a_score(random: World, found: Mapping[str, Row]) -> None:
    twins = [(row, found[f"{repo}-more"]) for repo, row in found.items() if f"{repo}-more" in found]
    known = [(row["score"], more["score"]) for row, more in twins if row["signal_security"] is not None]
    assert len(known) > 12
    assert all(more < score for score, more in known)


def test_signals_tell_each_value_with_its_points_or_why_it_is_unknown(
    ask: Ask, random: World, found: Mapping[str, Row]
) -> None:
    """Asked with the rows turned round, and with filters that have no say."""
    question = Scope(until=NOW, since=NOW - DAY, workflows=("x",), severities=("low",), branch="topic", bots=False)
    turned = {name: list(reversed(rows)) for name, rows in random.items()}
    rows = ask("health_signals", question, None, **turned)
    assert [(row["repo"], row["signal"]) for row in rows] == [
        (repo, name) for repo in sorted(found) for name in SIGNALS
    ]
    for row in rows:
        score, name = found[row["repo"]], row["signal"]
        told = tuple(score[f"{kind}_{name}"] for kind in ("signal", "lost", "weight"))
        assert (row["value"], row["lost"], row["weight"]) == tuple(map(about, told))
        assert row["unknown_because"] == (UNKNOWN_BECAUSE[name] if row["value"] is None else None)
        assert row["facts"] == score[f"facts_{name}"]
        assert (row["facts"] is None) == (row["value"] is None)
        if name == score["worst_signal"]:
            assert row["facts"] == score["worst_facts"]


# --- cases, each a repository

TOMORROW = {"dataset": "dependabot", "started_at": NOW + DAY}

READ: dict[str, tuple[Row, bool]] = {
    "read": ({"dataset": "code_scanning"}, True),
    "unchanged": ({"dataset": "secret_scanning", "outcome": "unchanged"}, True),
    "other": ({"dataset": "workflow_runs"}, False),
    "forbidden": ({"dataset": "dependabot", "outcome": "forbidden"}, False),
    "disabled": ({"dataset": "dependabot", "outcome": "disabled"}, False),
    "failed": ({"dataset": "dependabot", "outcome": "failed"}, False),
    "later": ({**TOMORROW, "covered_since": NOW + HOUR}, False),
    "reached-back": ({**TOMORROW, "covered_since": None}, True),
}

SHARES = {0.1: 100.0, 0.5: 100.0, 1.25: 50.0, 2.0: 0.0, 9.0: 0.0}
"""How much of its limit a fix took -> what the signal is worth."""


@pytest.fixture(scope="module")
def cases(ask: Ask) -> dict[str, Row]:
    """The scores of repositories that are a case each, archived ones included, in their order."""
    imported = [alert(repo="acme/imported", number=n, severity=s) for n, s in enumerate(("critical", "low", "unknown"))]
    shares = [
        alert(repo=f"acme/{share}", created_at=NOW - DAY - share * 96 * HOUR, closed_at=NOW - DAY) for share in SHARES
    ]
    facts: dict[str, Any] = {"repo": "acme/facts"}
    old = run(run_id=3, workflow_id=8, workflow_name="old", created_at=NOW - 70 * DAY, **facts)
    tables = tables_of(
        {
            "repositories": [
                *(repository(repo=f"acme/{name}") for name in ("nothing", *READ)),
                repository(repo="acme/archived", archived=True),
                repository(repo="acme/new", created_at=NOW - 3 * DAY),
                repository(repo="acme/unborn", created_at=NOW + DAY),
            ],
            "collections": [collection(repo=f"acme/{name}", **entry) for name, (entry, _) in READ.items()],
            "alerts": [*imported, *shares, *(alert(repo=f"acme/{name}") for name in ("archived", "new", "unborn"))],
            "workflow_runs": [run(**facts), run(run_id=2, conclusion="failure", **facts), old],
            "workflows": [workflow(workflow_id=n, name=f"w{n}", **facts) for n in (7, 8, 9)],
            "agent_sessions": [
                agent_session(session_id=n, status=status, alert_refs=[], **facts)
                for n, status in (("1", "finished"), ("2", "failed"))
            ],
            "pull_requests": [
                pull_request(number=n, session_id="1", alert_refs=[], created_at=NOW - days * DAY, **facts)
                for n, days in ((1, 2), (2, 8))
            ],
        }
    )
    rows = ask.rows(REPOSITORY_HEALTH.compute(tables, scope(), switches={"include_archived": True}))
    return {row["repo"].removeprefix("acme/"): row for row in rows}


def test_repository_of_which_nothing_is_known_has_no_score(cases: dict[str, Row]) -> None:
    row = cases["nothing"]
    assert (row["score"], row["tier"], row["unknown"], row["worst_signal"]) == (None, "unknown", 6, None)


@pytest.mark.parametrize("case", READ)
def test_no_open_alert_is_good_only_where_somebody_looked(cases: dict[str, Row], case: str) -> None:
    known = READ[case][1]
    assert cases[case]["signal_security"] == (100.0 if known else None)
    assert cases[case]["facts_security"] == ("no open alert" if known else None)


def test_imported_alerts_are_known_without_a_collection(cases: dict[str, Row]) -> None:
    assert cases["imported"]["signal_security"] == about(100 * 30 / (30 + 12))
    assert cases["imported"]["facts_security"] == "1 critical, 1 low, 1 unknown open"


@pytest.mark.parametrize(("share", "value"), SHARES.items())
def test_remediation_falls_from_half_of_the_limit_to_twice_the_limit(
    cases: dict[str, Row], share: float, value: float
) -> None:
    assert cases[str(share)]["signal_remediation"] == about(value)
    assert cases[str(share)]["facts_remediation"] == f"the median fix took {100 * share:.0f} % of its limit"


def test_facts_of_runs_workflows_and_agents(cases: dict[str, Row]) -> None:
    row = cases["facts"]
    waiting = "1 of 2 sessions failed or were abandoned, 1 pull requests wait for more than 7 days"
    assert {name: (row[f"signal_{name}"], row[f"facts_{name}"]) for name in ("ci", "freshness", "flow")} == {
        "ci": (50.0, "1 of 2 runs failed"),
        "freshness": (50.0, "0 stale and 1 inactive of 2 workflows"),
        "flow": (50.0, waiting),
    }


def test_repository_is_scored_from_the_time_it_is_there(cases: dict[str, Row]) -> None:
    assert (cases["new"]["score"] is None, cases["new"]["score_7d_ago"]) == (False, None)
    assert "unborn" not in cases


def test_lowest_score_comes_first_and_unknown_ones_last(cases: dict[str, Row]) -> None:
    scores = [row["score"] for row in cases.values()]
    known = [score for score in scores if score is not None]
    assert known == sorted(known)
    assert scores == [*known, *[None] * (len(scores) - len(known))]


def test_archived_repositories_do_not_count_unless_they_are_asked_for(ask: Ask, cases: dict[str, Row]) -> None:
    assert {name for name, row in cases.items() if row["archived"]} == {"archived"}
    repositories = [repository(archived=True), repository(repo="acme/web")]
    tables = tables_of({"repositories": repositories, "alerts": [alert(), alert(repo="acme/web")]})
    rows = ask.rows(REPOSITORY_HEALTH.rows(tables, scope()))
    assert {row[EXCLUDED] for row in rows if row["repo"] == "acme/api"} == {"the repository is archived"}
    assert {row["signal"]: row[EXCLUDED] for row in rows if row["repo"] == "acme/web"} == {
        "security": None,
        "sla": None,
        **{name: f"unknown: {UNKNOWN_BECAUSE[name]}" for name in ("ci", "freshness", "remediation", "flow")},
    }


# --- policy


def test_policy_has_the_weights_points_limits_and_whether_clocks_restart(ask: Ask) -> None:
    policy = Policy.model_validate(
        {
            "health": {"half_at": 5, "alert_points": {"high": 20}, "repository": {"security": 1, "ci": 0}},
            "sla": {"high": "8d", "low": False, "restart_when_reopened": True},
        }
    )
    tables = tables_of(
        {
            "alerts": [
                alert(),  # open for ten days, and re-opened yesterday
                alert(number=2, created_at=NOW - 7 * DAY, closed_at=NOW - DAY),
                alert(number=3, severity="low", created_at=NOW - 99 * DAY, closed_at=NOW - DAY),
            ],
            "alert_events": [alert_event(action="reopened", at=NOW - DAY)],
            "workflow_runs": [run()],
        }
    )
    rows = {row["signal"]: row for row in ask.rows(HEALTH_SIGNALS.compute(tables, scope(), None, policy))}
    assert rows["security"]["value"] == 20.0
    assert (rows["sla"]["value"], rows["sla"]["facts"]) == (100.0, "0 open beyond the limit, 0 of 1 closed late")
    assert rows["remediation"]["facts"] == "the median fix took 75 % of its limit"
    assert (rows["ci"]["weight"], rows["ci"]["lost"]) == (0.0, 0.0)


def test_limits_that_are_switched_off_leave_sla_and_remediation_unknown(ask: Ask) -> None:
    policy = Policy.model_validate({"sla": dict.fromkeys(LIMIT_H, False)})
    tables = tables_of({"alerts": [alert(), alert(number=2, closed_at=NOW - DAY)]})
    rows = ask.rows(HEALTH_SIGNALS.compute(tables, scope(), None, policy))
    assert {row["signal"] for row in rows if row["value"] is not None} == {"security"}
