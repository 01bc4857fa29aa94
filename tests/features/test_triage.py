"""Steps of triage.feature, through the real import, lake and metrics."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from backend.imports.importing import import_files
from shared.datasets.triage import finding_subject
from shared.lake.tables import Lake
from shared.metrics import metric
from shared.policy.findings import TriagePolicy
from shared.scope import Scope
from shared.triage import Decision, decide
from tests.conftest import NOW

scenarios("triage.feature")

DAYS = {"Monday": datetime(2026, 11, 16, tzinfo=UTC), "Tuesday": datetime(2026, 11, 17, tzinfo=UTC)}


class Findings:
    """A repository that is scanned, and what is known of it."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake, self.folder = lake, folder

    def scan(self, day: str, rules: list[str], *, succeeded: bool = True) -> None:
        """Imports a scan of a day."""
        location = [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}]
        run = {
            "tool": {"driver": {"name": "CodeQL"}},
            "invocations": [{"executionSuccessful": succeeded, "endTimeUtc": DAYS[day].isoformat()}],
            "results": [{"ruleId": rule, "message": {"text": "Bad."}, "locations": location} for rule in rules],
        }
        (self.folder / f"{day}.sarif").write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
        self.import_again(day)

    def import_again(self, day: str) -> None:
        """Imports the file of a day."""
        import_files(self.lake, "sarif", [self.folder / f"{day}.sarif"], "acme/api")

    def row(self, rule: str, until: datetime = NOW) -> dict[str, Any]:
        """What is known of the finding of a rule."""
        listed = metric("finding_list").compute(self.lake.tables(), Scope(until=until))
        found: list[dict[str, Any]] = listed.filter(listed.rule_id == rule).to_pyarrow().to_pylist()
        return found[0]

    def decide(self, rule: str, decision: str, owner: str, reason: str, expires_at: datetime | None = None) -> None:
        """Decides on the finding of a rule, now."""
        subject = finding_subject("acme/api", "CodeQL", self.row(rule)["fingerprint"])
        decide(self.lake, Decision((subject,), decision, owner, reason, expires_at), TriagePolicy())


@pytest.fixture
def findings(lake: Lake, tmp_path: Path) -> Findings:
    return Findings(lake, tmp_path)


@given(parsers.parse('the scan of {day} found "{one}" and "{other}"'))
@when(parsers.parse('the scan of {day} found "{one}" and "{other}"'))
def found_two(findings: Findings, day: str, one: str, other: str) -> None:
    findings.scan(day, [one, other])


@when(parsers.re(r'the scan of (?P<day>\w+) found "(?P<one>\w+)"$'))
def found_one(findings: Findings, day: str, one: str) -> None:
    findings.scan(day, [one])


@when(parsers.parse("the scan of {day} found nothing, since it failed"))
def failed(findings: Findings, day: str) -> None:
    findings.scan(day, [], succeeded=False)


@when(parsers.parse("the scan of {day} is imported again"))
def again(findings: Findings, day: str) -> None:
    findings.import_again(day)


@given(parsers.parse('"{rule}" was called a false positive by "{owner}" for "{reason}"'))
def called(findings: Findings, rule: str, owner: str, reason: str) -> None:
    findings.decide(rule, "false_positive", owner, reason)


@given(parsers.parse('the risk of "{rule}" was accepted by "{owner}" for {days:d} days'))
def accepted(findings: Findings, rule: str, owner: str, days: int) -> None:
    findings.decide(rule, "risk_accepted", owner, "For now.", NOW + timedelta(days=days))


@then(parsers.re(r'"(?P<rule>\w+)" is (?P<state>\w+)$'))
def state(findings: Findings, rule: str, state: str) -> None:
    assert findings.row(rule)["state"] == state


@then(parsers.parse('"{rule}" is fixed since {day}'))
def fixed(findings: Findings, rule: str, day: str) -> None:
    row = findings.row(rule)
    assert (row["state"], row["fixed_at"]) == ("fixed", DAYS[day])


@then(parsers.parse('the decision on it is still that of "{owner}" for "{reason}"'))
def still(findings: Findings, owner: str, reason: str) -> None:
    row = findings.row("sql")
    assert (row["owner"], row["reason"]) == (owner, reason)


@then(parsers.parse("{days:d} days later it is {state}"))
def later(findings: Findings, days: int, state: str) -> None:
    assert findings.row("sql", NOW + timedelta(days=days))["state"] == state
