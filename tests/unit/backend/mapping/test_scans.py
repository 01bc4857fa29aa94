"""Code-scanning analyses become rows of scans."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.scans import scan_row
from backend.mapping.stamp import Stamp, Unusable, map_rows
from shared.datasets import SCANS

STAMP = Stamp("github", datetime(2026, 1, 1, tzinfo=UTC))


def mapped(repo: str | None = "acme/api", **values: Any) -> dict[str, Any]:
    raw = {"id": 1501677970, "created_at": "2026-03-01T10:00:00Z", "error": "", "results_count": 3, "rules_count": 49}
    return scan_row({**raw, **values}, repo, STAMP)


def test_the_published_analyses_are_mapped(shared_data: Path) -> None:
    raws = json.loads((shared_data / "responses" / "code_scanning_analyses.200.default.json").read_text())
    table, rejects = map_rows(SCANS, lambda raw: scan_row(raw, None, STAMP), raws)
    assert rejects == []
    assert table.to_pylist()[0] == {
        "scan_id": "github:201",
        "repo": "octocat/hello-world",
        "org": "octocat",
        "tool": "CodeQL",
        "ref": "refs/heads/main",
        "commit_sha": "d99612c3e1f2970085cfbaeadf8f010ef69bad83",
        "category": ".github/workflows/codeql-analysis.yml:analyze/language:python",
        "results_count": 17,
        "rules_count": 49,
        "error": None,
        "created_at": datetime(2020, 8, 27, 15, 5, 21, tzinfo=UTC),
        "collected_at": STAMP.collected_at,
        "source": "github",
    }


def test_a_scan_keeps_its_id_when_its_repository_is_renamed() -> None:
    assert mapped("acme/api")["scan_id"] == mapped("umbrella/gateway")["scan_id"] == "github:1501677970"


def test_older_servers_know_no_category_and_name_the_tool_elsewhere() -> None:
    row = mapped(tool_name="CodeQL", analysis_key=".github/workflows/scan.yml:analyze", category=None)
    assert (row["tool"], row["category"]) == ("CodeQL", ".github/workflows/scan.yml:analyze")


def test_a_scan_that_failed_says_why() -> None:
    assert mapped(error="no SARIF in upload")["error"] == "no SARIF in upload"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [({"id": None}, "no id"), ({"created_at": "soon"}, "no created_at"), ({"repo": None}, "repo")],
)
def test_a_scan_without_what_identifies_it_is_unusable(missing: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        mapped(**missing)


FIELDS = (
    "id",
    "created_at",
    "tool",
    "tool_name",
    "name",
    "ref",
    "results_count",
    "rules_count",
    "category",
    "repository",
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-03-01T10:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)


@given(raws=st.lists(anything, max_size=4))
def test_every_object_becomes_a_row_or_a_reject(raws: list[Any]) -> None:
    table, rejects = map_rows(SCANS, lambda raw: scan_row(raw, "acme/api", STAMP), raws)
    assert table.num_rows + len(rejects) == len(raws)
    assert all(table[column].null_count == 0 for column in SCANS.required)


@given(odd=st.dictionaries(st.sampled_from(FIELDS[2:]), anything))
def test_odd_fields_cost_nothing_but_themselves(odd: dict[str, Any]) -> None:
    table, rejects = map_rows(
        SCANS, lambda raw: scan_row(raw, "acme/api", STAMP), [{"id": 5, "created_at": "2026-03-01", **odd}]
    )
    assert (table["scan_id"].to_pylist(), rejects) == (["github:5"], [])
