"""Repository health case by case, and what the policy changes of it.

A question to this metric takes a second whatever the rows are, so each case is a repository of one world.
"""

from datetime import timedelta
from typing import Any

import pytest

from shared.metrics.health.repository import HEALTH_SIGNALS, REPOSITORY_HEALTH
from shared.metrics.health.signals import UNKNOWN_BECAUSE
from shared.metrics.metric import EXCLUDED
from shared.policy import Policy
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
from tests.unit.shared.metrics.plain_health import LIMIT_H, about

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

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
    waiting = "1 of 2 sessions failed or were abandoned, 1 pull request waits for more than 7 days"
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
