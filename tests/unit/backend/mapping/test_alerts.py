"""Alert objects of all three kinds become rows of alerts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.mapping.alerts import alert_kind, alert_row
from backend.mapping.closing import reason_word
from backend.mapping.stamp import Stamp, Unusable

RECEIVED = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
FIXED = datetime(2026, 3, 5, tzinfo=UTC)
DISMISSED = datetime(2026, 3, 3, tzinfo=UTC)
UPDATED = datetime(2026, 3, 6, tzinfo=UTC)


def mapped(kind: str, source: str = "github", **values: Any) -> dict[str, Any]:
    raw = {
        "number": 5,
        "state": "open",
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-06T00:00:00Z",
    }
    return alert_row(kind, {**raw, **values}, "acme/api", Stamp(source, RECEIVED))


def closing(row: dict[str, Any]) -> tuple[Any, Any, Any]:
    return row["state"], row["closed_at"], row["close_reason"]


@pytest.mark.parametrize("kind", ["code_scanning", "dependabot"])
def test_a_dismissed_alert_with_a_later_fixed_at_closed_when_it_was_dismissed(kind: str) -> None:
    row = mapped(
        kind,
        state="dismissed",
        dismissed_at="2026-03-03T00:00:00Z",
        dismissed_reason="false positive",
        fixed_at="2026-03-05T00:00:00Z",
    )
    assert closing(row) == ("dismissed", DISMISSED, "false_positive")
    assert row["fixed_at"] == FIXED


@pytest.mark.parametrize("kind", ["code_scanning", "dependabot"])
def test_a_fixed_alert_with_leftovers_of_a_dismissal_is_fixed(kind: str) -> None:
    row = mapped(
        kind,
        state="fixed",
        dismissed_at="2026-03-03T00:00:00Z",
        dismissed_reason="won't fix",
        fixed_at="2026-03-05T00:00:00Z",
    )
    assert closing(row) == ("fixed", FIXED, "fixed")


@pytest.mark.parametrize("kind", ["code_scanning", "dependabot", "secret_scanning"])
def test_an_open_alert_with_leftovers_is_open(kind: str) -> None:
    row = mapped(kind, fixed_at="2026-03-05T00:00:00Z", dismissed_at="2026-03-03T00:00:00Z", resolved_at="2026-03-03")
    assert closing(row) == ("open", None, None)


def test_a_fixed_alert_without_fixed_at_closed_at_its_last_update() -> None:
    assert closing(mapped("code_scanning", state="fixed")) == ("fixed", UPDATED, "fixed")


def test_without_any_time_a_pushed_fix_happened_when_it_was_received() -> None:
    pushed = mapped("code_scanning", source="webhook", state="fixed", updated_at=None)
    assert pushed["closed_at"] == RECEIVED
    assert mapped("code_scanning", source="import:old.json", state="fixed", updated_at=None)["closed_at"] is None


def test_an_automatic_dismissal_has_its_own_time_and_reason() -> None:
    row = mapped("dependabot", state="auto_dismissed", auto_dismissed_at="2026-03-03T00:00:00Z")
    assert closing(row) == ("auto_dismissed", DISMISSED, "auto")


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        ("revoked", ("fixed", FIXED, "revoked")),
        ("false_positive", ("dismissed", FIXED, "false_positive")),
        ("wont_fix", ("dismissed", FIXED, "wont_fix")),
        ("used_in_tests", ("dismissed", FIXED, "used_in_tests")),
        ("pattern_deleted", ("dismissed", FIXED, "pattern_deleted")),
        (None, ("dismissed", FIXED, None)),
    ],
)
def test_a_revoked_secret_is_fixed_and_any_other_resolution_dismisses(resolution: str | None, expected: Any) -> None:
    row = mapped("secret_scanning", state="resolved", resolution=resolution, resolved_at="2026-03-05T00:00:00Z")
    assert closing(row) == expected


def test_the_secret_itself_is_in_no_column() -> None:
    row = mapped("secret_scanning", secret="aio_hunter2", secret_type="adafruit_io_key")
    assert "hunter2" not in repr(row)
    assert (row["rule_id"], row["cwe_family"], row["severity"]) == ("adafruit_io_key", "secrets", "unknown")


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ({"security_severity_level": "critical", "severity": "warning"}, "critical"),
        ({"severity": "error"}, "high"),
        ({"severity": "warning"}, "medium"),
        ({"severity": "note"}, "low"),
        ({"severity": "none"}, "unknown"),
        ({"properties": {"security-severity": "8.9"}, "severity": "note"}, "high"),
        ({"properties": {"security-severity": "9.0"}}, "critical"),
        ({}, "unknown"),
        (None, "unknown"),
    ],
)
def test_code_scanning_severity_is_the_security_severity_before_the_rules_own(rule: Any, severity: str) -> None:
    assert mapped("code_scanning", rule=rule)["severity"] == severity


def test_weaknesses_come_from_the_rules_tags() -> None:
    row = mapped("code_scanning", rule={"tags": ["security", "external/cwe/cwe-079", "external/cwe/cwe-116"]})
    assert (row["cwes"], row["cwe_family"]) == (["CWE-79", "CWE-116"], "xss")
    assert mapped("code_scanning", rule={"tags": None})["cwes"] is None
    assert mapped("code_scanning", rule={"tags": ["style"]})["cwe_family"] is None


def test_dependabot_alerts_carry_their_advisory() -> None:
    row = mapped(
        "dependabot",
        security_advisory={
            "ghsa_id": "GHSA-1",
            "cve_id": "CVE-1",
            "summary": "Bad things",
            "severity": "moderate",
            "cvss": {"score": 0.0},
            "cvss_severities": {"cvss_v4": {"score": 6.9}},
            "cwes": [{"cwe_id": "CWE-400"}],
        },
        dependency={"package": {"name": "semver", "ecosystem": "npm"}, "manifest_path": "package-lock.json"},
    )
    expected = {
        "severity": "medium",
        "security_severity": 6.9,
        "rule_id": "GHSA-1",
        "rule_name": "Bad things",
        "package": "semver",
        "ecosystem": "npm",
        "path": "package-lock.json",
        "cwes": ["CWE-400"],
        "cwe_family": "denial-of-service",
        "tool": "Dependabot",
    }
    assert {name: row[name] for name in expected} == expected


def test_an_alert_is_where_it_was_last_seen() -> None:
    place = {"ref": "refs/heads/release/1", "location": {"path": "a.py", "start_line": 3}}
    row = mapped("code_scanning", most_recent_instance=place)
    assert (row["path"], row["start_line"], row["branch"]) == ("a.py", 3, "release/1")


def test_a_state_nobody_knows_is_unknown_and_closes_nothing() -> None:
    assert closing(mapped("code_scanning", state="quarantined")) == (None, None, None)


def test_a_missing_updated_at_is_the_latest_time_of_the_alert() -> None:
    row = mapped("dependabot", state="fixed", updated_at=None, fixed_at="2026-03-05T00:00:00Z")
    assert row["updated_at"] == FIXED


def test_an_alert_without_a_number_or_of_no_kind_is_unusable() -> None:
    with pytest.raises(Unusable, match="number"):
        mapped("dependabot", number=None)
    with pytest.raises(Unusable, match="kind"):
        mapped("malware")


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("won't fix", "wont_fix"),
        ("False Positive", "false_positive"),
        ("used in tests", "used_in_tests"),
        ("", None),
    ],
)
def test_reasons_are_one_word(written: str, word: str | None) -> None:
    assert reason_word(written) == word


def test_kinds_are_told_by_shape() -> None:
    assert alert_kind({"security_advisory": {}}) == "dependabot"
    assert alert_kind({"secret_type": "x"}) == "secret_scanning"
    assert alert_kind({"rule": {}, "tool": {}}) == "code_scanning"
    assert alert_kind({"id": 1}) is None
