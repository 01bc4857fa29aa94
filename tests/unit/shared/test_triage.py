"""Triage: what may be decided, that decisions are only added, and that nothing else touches them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.demo.load import clear_demo
from backend.imports.importing import import_files
from shared.datasets import ALERTS, DEMO_SOURCE
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from shared.policy.findings import TriagePolicy
from shared.triage import LONGEST_TEXT, Decision, TriageRefused, decide, problems
from tests.builders import Row, alert
from tests.conftest import NOW

ALERT = "alert:acme/api/code_scanning/1"
POLICY = TriagePolicy()
DAY = timedelta(days=1)


def decision(**values: object) -> Decision:
    facts = {"subjects": (ALERT,), "decision": "risk_accepted", "owner": "sam", "reason": "Behind the firewall."}
    return Decision(**{**facts, **values})  # type: ignore[arg-type]


def stored(lake: Lake) -> list[Row]:
    rows: list[Row] = lake.tables("real")["triage"].order_by("decided_at").to_pyarrow().to_pylist()
    return rows


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"decision": "maybe"}, "decision", "'maybe'"),
        ({"owner": " "}, "owner", "name who answers"),
        ({"reason": ""}, "reason", "say in a sentence why"),
        ({"decision": "false_positive", "reason": ""}, "reason", "reason is empty"),
        ({"reason": "x" * (LONGEST_TEXT + 1)}, "reason", "2,001 characters"),
        ({"expires_at": NOW}, "expires_at", "2026-11-21, which is not in the future"),
        ({"expires_at": NOW + 366 * DAY}, "expires_at", "until 2027-11-21 at most"),
        ({"expires_at": datetime(2027, 1, 1)}, "expires_at", "without a zone"),  # noqa: DTZ001 - what is refused
        ({"decision": "reopened", "expires_at": NOW + DAY}, "expires_at", "does not expire"),
        ({"subjects": ()}, "subjects", "at least one"),
        ({"subjects": (ALERT, "alert:7")}, "subjects", "'alert:7'"),
    ],
)
def test_what_is_wrong_is_said_by_field(values: dict[str, object], field: str, said: str) -> None:
    found = problems(decision(**values), POLICY, NOW)
    assert list(found) == [field]
    assert said in found[field]
    assert found[field].endswith(".")


def test_every_problem_is_said_at_once(lake: Lake) -> None:
    with pytest.raises(TriageRefused) as refused:
        decide(lake, Decision((), "maybe"), POLICY)
    assert list(refused.value.problems) == ["subjects", "decision", "reason"]
    assert stored(lake) == []


@pytest.mark.parametrize(
    ("values", "expires_at"),
    [
        ({}, NOW + 90 * DAY),
        ({"expires_at": NOW + 365 * DAY}, NOW + 365 * DAY),
        ({"decision": "false_positive", "owner": ""}, None),
        ({"decision": "wont_fix", "expires_at": NOW + 3650 * DAY}, NOW + 3650 * DAY),
        ({"decision": "reopened", "owner": "", "reason": ""}, None),
    ],
)
def test_a_decision_is_stored_with_its_expiry(lake: Lake, values: dict[str, object], expires_at: datetime) -> None:
    assert decide(lake, decision(**values), POLICY).inserted == 1
    (row,) = stored(lake)
    assert (row["expires_at"], row["decided_at"], row["source"]) == (expires_at, NOW, "form")


def test_the_same_decision_again_changes_nothing_and_another_at_that_time_is_refused(lake: Lake) -> None:
    decide(lake, decision(subjects=(ALERT, ALERT)), POLICY)
    assert decide(lake, decision(), POLICY).written == 0
    with pytest.raises(TriageRefused, match="at this very moment"):
        decide(lake, decision(owner="kim"), POLICY)
    assert [row["owner"] for row in stored(lake)] == ["sam"]


def test_nothing_else_touches_decisions(lake: Lake, tmp_path: Path) -> None:
    """Neither an import, nor loading, regenerating and clearing the sample."""
    decide(lake, decision(), POLICY)
    before = stored(lake)
    lake.upsert(ALERTS, ALERTS.table([alert(source=DEMO_SOURCE)]))
    clear_demo(lake)
    path = tmp_path / "a.json"
    path.write_text('[{"number": 1, "state": "open", "created_at": "2026-03-01T00:00:00Z", "rule": {"id": "r"}, '
                    '"html_url": "https://github.com/acme/api/security/code-scanning/1"}]')  # fmt: skip
    import_files(lake, "alerts", [path], None)
    assert stored(lake) == before


def test_decisions_on_the_sample_are_of_the_sample(lake: Lake) -> None:
    lake.upsert(ALERTS, ALERTS.table([alert(source=DEMO_SOURCE)]))
    decide(lake, decision(), POLICY, demo=True)
    assert lake.tables().rows == "demo", "the sample is still what is shown"
    assert clear_demo(lake)["triage"] == 1


def test_decisions_add_up(tmp_path: Path) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    lake = Lake(LocalStore(tmp_path / "store"), tmp_path / "cache", lambda: now[0])
    for code in ("risk_accepted", "reopened", "wont_fix"):
        decide(lake, decision(decision=code), POLICY)
        now[0] += DAY
    assert [row["decision"] for row in stored(lake)] == ["risk_accepted", "reopened", "wont_fix"]
    lake.close()
