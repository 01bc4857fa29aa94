"""SARIF runs become scans and results, exactly as the definition of fingerprints, severities and families has it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.mapping.fingerprints import fingerprint
from backend.mapping.sarif import Told, scan_of
from backend.mapping.stamp import Stamp, Unusable

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
STAMP = Stamp("import:a.sarif", AT)
TOLD = Told(repo="acme/api", at=AT)


def result(**values: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": "app/db.py"}, "region": {"startLine": 7}}
    base = {"ruleId": "py/sql", "message": {"text": "Bad."}, "locations": [{"physicalLocation": place}]}
    return {**base, **values}


def run(*results: Any, **values: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "CodeQL"}}, "results": list(results), **values}


def rule(**values: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "CodeQL", "rules": [{"id": "py/sql", **values}]}}}


def only(scanned: dict[str, Any], told: Told = TOLD) -> dict[str, Any]:
    (row,) = scan_of(scanned, told, STAMP).results
    return row


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"line_hash": "ab:1", "path": "a.py", "message": "m"}, "r|ab:1"),
        ({"path": "a.py", "message": "m", "source_line": "x", "start_line": 3}, "r|a.py|m"),
        ({"path": "a.py", "source_line": "  x =\t 1\n", "start_line": 3}, "r|a.py|x = 1"),
        ({"path": "a.py", "start_line": 3}, "r|a.py|3"),
    ],
)
def test_a_fingerprint_is_of_the_first_that_is_known(known: dict[str, Any], text: str) -> None:
    assert fingerprint("r", **known) == sha(text)


@pytest.mark.parametrize("known", [{}, {"path": "a.py"}, {"message": "m", "start_line": 3}])
def test_there_is_no_fingerprint_of_nothing(known: dict[str, Any]) -> None:
    assert fingerprint("r", **known) is None


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        *[({"properties": {"security-severity": score}}, level) for score, level in (
            ("9.0", "critical"), ("8.9", "high"), ("7.0", "high"), ("6.9", "medium"), ("4.0", "medium"),
            ("3.9", "low"), ("0.1", "low"), (9.8, "critical"),
        )],
        ({"defaultConfiguration": {"level": "error"}}, "high"),
        ({"defaultConfiguration": {"level": "note"}}, "low"),
        ({"defaultConfiguration": {"level": "none"}}, "unknown"),
        ({}, "medium"),
    ],
)  # fmt: skip
def test_severity_is_of_the_score_else_of_the_level(said: dict[str, Any], severity: str) -> None:
    assert only(run(result(), **rule(**said)))["severity"] == severity


def test_a_results_own_level_goes_before_its_rules() -> None:
    assert only(run(result(level="error"), **rule(defaultConfiguration={"level": "note"})))["severity"] == "high"


def test_family_is_by_the_tags_of_the_rule() -> None:
    tags = {"tags": ["security", "external/cwe/cwe-020", "external/cwe/cwe-089"]}
    assert only(run(result(), **rule(properties=tags)))["cwe_family"] == "injection"
    relation = {"target": {"id": "79", "toolComponent": {"name": "CWE"}}}
    assert only(run(result(), **rule(relationships=[relation])))["cwe_family"] == "xss"


@pytest.mark.parametrize(
    "pointer",
    [
        {"ruleId": None, "rule": {"index": 1, "toolComponent": {"index": 0}}},
        {"ruleId": None, "rule": {"index": 1, "toolComponent": {"name": "pack"}}},
        {"ruleId": "ext/b", "ruleIndex": 0},
        {"ruleId": "ext/b/2"},
    ],
)
def test_a_rule_is_found_in_the_tool_and_its_extensions(pointer: dict[str, Any]) -> None:
    rules = [{"id": "ext/a"}, {"id": "ext/b", "properties": {"security-severity": "9.1"}}]
    tool = {"driver": {"name": "CodeQL", "rules": [{"id": "py/sql"}]}, "extensions": [{"name": "pack", "rules": rules}]}
    found = only(run(result(**pointer), tool=tool))
    assert found["severity"] == "critical"
    assert found["rule_id"].startswith("ext/b")


def test_a_message_by_its_id_is_the_rules_with_its_arguments() -> None:
    strings = {"messageStrings": {"default": {"text": "{0} flows into {1}."}}}
    said = {"id": "default", "arguments": ["a", "b"]}
    assert only(run(result(message=said), **rule(**strings)))["message"] == "a flows into b."


def test_a_path_is_relative_to_where_the_sources_lay() -> None:
    location = [{"physicalLocation": {"artifactLocation": {"uri": "file:///home/ci/app/a%20b.py"}}}]
    bases = {"SRCROOT": {"uri": "file:///home/ci/"}}
    assert only(run(result(locations=location), originalUriBaseIds=bases))["path"] == "app/a b.py"
    by_index = [{"physicalLocation": {"artifactLocation": {"index": 0}}}]
    assert only(run(result(locations=by_index), artifacts=[{"location": {"uri": "./x.py"}}]))["path"] == "x.py"


@pytest.mark.parametrize("nothing", [{"kind": "pass"}, {"kind": "notApplicable"}, {"baselineState": "absent"}])
def test_what_says_that_nothing_is_there_is_no_result(nothing: dict[str, Any]) -> None:
    scan = scan_of(run(result(**nothing)), TOLD, STAMP)
    assert (scan.results, scan.row["results_count"], scan.row["error"]) == ((), 0, None)


def test_an_issue_is_suppressed_where_all_its_results_are() -> None:
    put_aside, waiting = [{"kind": "inSource"}], [{"kind": "external", "status": "underReview"}]
    assert only(run(result(suppressions=put_aside)))["suppressed"]
    assert not only(run(result(suppressions=waiting)))["suppressed"]
    assert not only(run(result(suppressions=put_aside), result()))["suppressed"]


@pytest.mark.parametrize(
    ("scanned", "error"),
    [
        (run(), None),
        (run(invocations=[{"executionSuccessful": True}]), None),
        (run(invocations=[{"executionSuccessful": False}]), "the tool did not succeed"),
        (run(invocations=[{"executionSuccessful": False, "exitCodeDescription": "Killed"}]), "succeed: Killed"),
        ({"tool": {"driver": {"name": "CodeQL"}}}, "the tool wrote no results"),
        (run("noise", result()), "1 results could not be read"),
        (run(result(ruleId=None)), "1 results could not be read"),
        (run(result(locations=[])), "1 results could not be read"),
    ],
)
def test_a_scan_is_complete_where_nothing_is_missing(scanned: dict[str, Any], error: str | None) -> None:
    found = scan_of(scanned, TOLD, STAMP).row["error"]
    assert found == error if error is None else error in found


def test_a_scan_is_told_by_the_run() -> None:
    source = {"repositoryUri": "https://github.com/acme/web.git", "revisionId": "abc", "branch": "main"}
    invocation = {
        "executionSuccessful": True,
        "startTimeUtc": "2026-02-01T00:00:00Z",
        "endTimeUtc": "2026-02-01T01:00:00Z",
    }
    scanned = run(
        result(), versionControlProvenance=[source], invocations=[invocation], automationDetails={"id": "ci/py/17"}
    )
    scan = scan_of(scanned, Told(modified=AT), STAMP)
    told = {name: scan.row[name] for name in ("repo", "org", "ref", "commit_sha", "category", "created_at")}
    assert told == {
        "repo": "acme/web",
        "org": "acme",
        "ref": "refs/heads/main",
        "commit_sha": "abc",
        "category": "ci/py",
        "created_at": datetime(2026, 2, 1, 1, tzinfo=UTC),
    }
    assert scan.dated
    assert scan_of(scanned, Told("acme/api", "refs/pull/3/merge"), STAMP).row["ref"] == "refs/pull/3/merge"


def test_a_scan_without_a_time_is_of_its_files_and_the_same_whatever_that_is() -> None:
    first, copied = (scan_of(run(result()), Told("acme/api", modified=AT + timedelta(d)), STAMP) for d in (0, 9))
    assert (first.row["created_at"], first.dated) == (AT, False)
    assert first.row["scan_id"] == copied.row["scan_id"]
    assert first.row["scan_id"] != scan_of(run(result()), TOLD, STAMP).row["scan_id"]


def test_a_run_of_nobody_is_refused() -> None:
    with pytest.raises(Unusable, match=r"tool\.driver\.name"):
        scan_of({"tool": {}, "results": []}, TOLD, STAMP)
    with pytest.raises(Unusable, match="no repository"):
        scan_of(run(), Told(), STAMP)


def test_pieces_of_source_are_in_no_reject() -> None:
    odd = result(ruleId=None, locations=[{"physicalLocation": {"contextRegion": {"snippet": {"text": "hunter2"}}}}])
    (reject,) = scan_of(run(odd), TOLD, STAMP).rejects
    assert "hunter2" not in json.dumps(reject.row)


def test_the_shipped_log_is_read_whole(shared_data: Path) -> None:
    log = json.loads((shared_data / "sarif" / "codeQL-output.sarif").read_text(encoding="utf-8-sig"))
    scan = scan_of(log["runs"][0], TOLD, STAMP)
    raw = log["runs"][0]["results"]
    expected = {sha(f"{r['ruleId']}|{r['partialFingerprints']['primaryLocationLineHash']}") for r in raw}
    assert {row["fingerprint"] for row in scan.results} == expected
    assert (scan.row["results_count"], scan.row["rules_count"], len(expected), scan.rejects) == (72, 149, 56, ())
    assert {row["cwe_family"] for row in scan.results if row["rule_id"] == "py/sql-injection"} == {"injection"}
