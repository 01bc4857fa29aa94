"""Findings across scans: the same whatever the order of the scans, and as the definition has it in plain Python."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.findings import findings_of
from backend.imports.importing import import_files
from shared.datasets import SCAN_RESULTS, SCANS
from shared.lake.tables import Lake
from tests.properties import few
from tests.unit.backend.imports.examples import stored

START = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = "abc"


def scan(number: int, day: int, seen: str, **values: Any) -> dict[str, Any]:
    """A scan of a day that saw some issues; those in capitals are suppressed."""
    return {
        "scan_id": f"sarif:{number}",
        "day": day,
        "seen": seen,
        "category": None,
        "ref": None,
        "error": None,
        **values,
    }


def computed(scans: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The findings of findings_of, by fingerprint."""
    common = {"repo": "acme/api", "org": "acme", "tool": "CodeQL"}
    rows = [
        {**common, **{k: s[k] for k in ("scan_id", "category", "ref", "error")}, "created_at": at(s)} for s in scans
    ]
    results = [
        {
            **common,
            "scan_id": s["scan_id"],
            "fingerprint": mark.lower(),
            "rule_id": "r",
            "path": s["scan_id"],
            "suppressed": mark.isupper(),
            "created_at": at(s),
            "source": "import:x",
        }
        for s in scans
        for mark in s["seen"]
    ]
    found = findings_of(SCANS.table(rows), SCAN_RESULTS.table(results)).to_pylist()
    return {row["fingerprint"]: row for row in found}


def at(scanned: dict[str, Any]) -> datetime:
    return START + timedelta(days=scanned["day"])


def plain(scans: list[dict[str, Any]], mark: str) -> dict[str, Any] | None:
    """What the definition says of one issue."""
    scans = [s for s in scans if not (s["ref"] or "").startswith("refs/pull/")]
    seen = [s for s in scans if mark in s["seen"].lower()]
    if not any(mark in s["seen"] for s in seen):
        return None
    ends = []
    for category in {s["category"] for s in seen}:
        last = max(at(s) for s in seen if s["category"] == category)
        later = [at(s) for s in scans if s["category"] == category and not s["error"] and at(s) > last]
        ends.append(min(later, default=None))
    fixed_at = None if None in ends else max(end for end in ends if end)
    return {
        "first_seen": min(map(at, seen)),
        "last_seen": max(map(at, seen)),
        "last_scan_id": max((at(s), s["scan_id"]) for s in seen)[1],
        "appearances": len(seen),
        "status": "fixed" if fixed_at else "recurring" if len(seen) > 1 else "new",
        "fixed_at": fixed_at,
    }


SEEN = st.lists(st.sampled_from([*MARKS, "A"]), unique_by=str.lower, max_size=3).map("".join)
ONE_SCAN = st.fixed_dictionaries(
    {
        "day": st.integers(0, 6),
        "seen": SEEN,
        "category": st.sampled_from([None, None, "web"]),
        "ref": st.sampled_from([None, "refs/heads/main", "refs/pull/3/merge"]),
        "error": st.sampled_from([None, None, "killed"]),
    }
)


@few(6)
@given(st.lists(ONE_SCAN, max_size=7), st.randoms())
def test_findings_are_as_defined_in_any_order(drawn: list[dict[str, Any]], random: Any) -> None:
    scans = [{"scan_id": f"sarif:{number}", **facts} for number, facts in zip(count(), drawn, strict=False)]
    found = computed(scans)
    expected = {mark: facts for mark in MARKS if (facts := plain(scans, mark))}
    assert {mark: {name: row[name] for name in expected[mark]} for mark, row in found.items()} == expected
    random.shuffle(scans)
    assert computed(scans) == found


@pytest.mark.parametrize(
    ("later", "status", "fixed_on"),
    [
        ([], "new", None),
        ([scan(1, 1, "a")], "recurring", None),
        ([scan(1, 1, "")], "fixed", 1),
        ([scan(1, 1, ""), scan(2, 2, "")], "fixed", 1),
        ([scan(1, 1, "", error="killed")], "new", None),
        ([scan(1, 1, "", error="killed"), scan(2, 2, "")], "fixed", 2),
        ([scan(1, 1, ""), scan(2, 2, "a")], "recurring", None),
        ([scan(1, 1, "", category="web")], "new", None),
        ([scan(1, 1, "", ref="refs/pull/3/merge")], "new", None),
        ([scan(1, 1, "A")], "recurring", None),
        ([{**scan(1, 1, ""), "scan_id": "github:9"}], "new", None),
    ],
)
def test_only_a_complete_scan_of_the_same_kind_fixes(later: list[Any], status: str, fixed_on: int | None) -> None:
    row = computed([scan(0, 0, "a"), *later])["a"]
    assert (row["status"], row["fixed_at"]) == (status, None if fixed_on is None else START + timedelta(days=fixed_on))


def log(folder: Path, day: int, rules: str, **values: Any) -> Path:
    """A SARIF file of a day whose results are of these rules."""
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}
    results = [
        {"ruleId": rule, "message": {"text": "Bad."}, "locations": [{"physicalLocation": place}]} for rule in rules
    ]
    ended = (START + timedelta(days=day)).isoformat()
    run = {
        "tool": {"driver": {"name": "Semgrep"}},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": ended}],
        "results": results,
        **values,
    }
    path = folder / f"day-{day}.sarif"
    path.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return path


def facts(lake: Lake) -> list[dict[str, Any]]:
    return stored(lake, "findings")


def test_imports_in_any_order_give_the_same_rows(lake: Lake, tmp_path: Path) -> None:
    files = [log(tmp_path, day, rules) for day, rules in enumerate(("rs", "s", "st", "t"))]
    import_files(lake, "sarif", [files[n] for n in (3, 0, 2)], "acme/api")
    import_files(lake, "sarif", files, "acme/api")
    other = Lake(lake.store.__class__(tmp_path / "other"), tmp_path / "other-cache", lake.clock)  # type: ignore[call-arg]
    import_files(other, "sarif", files, "acme/api")
    assert facts(lake) == facts(other)
    by_rule = {row["rule_id"]: (row["status"], row["appearances"]) for row in facts(lake)}
    assert by_rule == {"r": ("fixed", 1), "s": ("fixed", 3), "t": ("recurring", 2)}
    before = lake.snapshot().version
    import_files(lake, "sarif", files[::-1], "acme/api")
    assert lake.snapshot().version == before
    other.close()


def test_a_copy_of_a_file_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    path = log(tmp_path, 0, "r", invocations=[])
    import_files(lake, "sarif", [path], "acme/api")
    before = stored(lake, "findings"), stored(lake, "scans")
    copied = tmp_path / "copied.sarif"
    copied.write_bytes(path.read_bytes())
    import_files(lake, "sarif", [copied], "acme/api")
    assert (stored(lake, "findings"), stored(lake, "scans")) == before


def test_a_bad_result_is_set_aside_and_its_scan_fixes_nothing(lake: Lake, tmp_path: Path) -> None:
    import_files(lake, "sarif", [log(tmp_path, 0, "rs")], "acme/api")
    done = import_files(lake, "sarif", [log(tmp_path, 1, "s", results=[{"message": {}}])], "acme/api")
    assert done.rejected == 1
    assert "a result without a rule (1)" in done.warnings[-1]
    assert {row["status"] for row in facts(lake)} == {"new"}
    ledger = {row["outcome"] for row in stored(lake, "collections")}
    assert ledger == {"ok", "partial"}
