"""Scans: GitHub's code-scanning analysis object to a row."""

from backend.mapping.repositories import owner, repository_of
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from backend.mapping.values import integer, moment, nested, text


def scan_row(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    """A row of `scans`. Raises Unusable without an id, a repository or created_at.

    scan_id is `github:<id>`: GitHub numbers analyses across all repositories (an analysis of a repository with a
    handful of them had the id 1501677970 in July 2026, one of another 1851194253 in October), so it is unique without
    the repository's name, and stays when that changes. An upload's sarif_id is not: one upload may hold several
    analyses. category is the analysis_key on older servers, which know no categories.
    """
    analysis_id, created = integer(raw.get("id")), moment(raw.get("created_at"))
    if analysis_id is None:
        raise Unusable("no id")
    if created is None:
        raise Unusable("no created_at")
    full_name = repository_of(raw, repo)
    return {
        "scan_id": f"github:{analysis_id}",
        "repo": full_name,
        "org": owner(full_name),
        "tool": text(nested(raw, "tool", "name")) or text(raw.get("tool_name")),
        "ref": text(raw.get("ref")),
        "commit_sha": text(raw.get("commit_sha")),
        "category": text(raw.get("category")) or text(raw.get("analysis_key")),
        "results_count": integer(raw.get("results_count"), bits=32),
        "rules_count": integer(raw.get("rules_count"), bits=32),
        "error": text(raw.get("error")),
        "created_at": created,
        **stamp.columns,
    }
