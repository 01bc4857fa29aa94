"""SARIF at the edges of an import: what is no log, what is of another kind, and the real one."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.imports.files import UnreadableFile
from backend.imports.imported import ImportRefused
from backend.imports.importing import import_files
from shared.lake.merge import Changes
from shared.lake.tables import Lake
from tests.unit.backend.imports.examples import Write, stored


def test_the_shipped_log_becomes_a_scan_and_its_findings_once(lake: Lake, shared_data: Path) -> None:
    path, at = shared_data / "sarif" / "codeQL-output.sarif", datetime(2026, 1, 1, tzinfo=UTC)
    done = import_files(lake, "sarif", [path], "acme/api", ref="main", at=at)
    assert (done.rows, done.changes) == (56, Changes(inserted=56))
    (scan,) = stored(lake, "scans")
    assert (scan["tool"], scan["ref"], scan["results_count"], scan["created_at"]) == (
        "CodeQL",
        "refs/heads/main",
        72,
        at,
    )
    assert {(row["status"], row["first_seen"], row["last_scan_id"]) for row in stored(lake, "findings")} == {
        ("new", at, scan["scan_id"])
    }
    again = import_files(lake, "sarif", [path], "acme/api", ref="main", at=at)
    assert again.changes == Changes(unchanged=56)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[]", "is no SARIF log"),
        ('{"version": "2.1.0", "runs": ', "is cut off or not JSON"),
        ('{"runs": []}', "holds no scan"),
        ('{"runs": [{"results": []}]}', "it is not said which scanner"),
    ],
)
def test_what_is_no_log_is_refused(lake: Lake, write: Write, content: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        import_files(lake, "sarif", [write("a.sarif", content)], "acme/api")


def test_a_log_among_runs_is_told_for_what_it_is(lake: Lake, write: Write) -> None:
    path = write("a.sarif", json.dumps({"version": "2.1.0", "runs": [{"tool": {}}]}))
    with pytest.raises(UnreadableFile, match='try "import sarif"'):
        import_files(lake, "runs", [path], "acme/api")


def test_only_a_scan_has_a_ref_and_a_time(lake: Lake, write: Write) -> None:
    with pytest.raises(ImportRefused, match="--ref and --at"):
        import_files(lake, "runs", [write("a.json", "[]")], "acme/api", ref="main")
