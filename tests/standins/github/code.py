"""Pull requests and code-scanning analyses, in full size from GitHub's own examples."""

from pathlib import Path
from typing import Any

from tests.standins.github.accounts import API
from tests.standins.github.examples import DATA, example_for


def pull_object(
    full_name: str, number: int, repository: dict[str, Any], fields: dict[str, Any], data: Path = DATA
) -> dict[str, Any]:
    """A pull request of one's own repository; `fields` override (`state`, `created_at`, `merged_at`, ...)."""
    example: dict[str, Any] = example_for(full_name, "pulls_list", data)[0]
    for side in ("head", "base"):
        example[side] |= {"repo": None, "user": None}  # large ones, which are the repository's own in a moment
    pull: dict[str, Any] = _renumbered(example, 1347, number)
    at = fields.get("created_at", pull["created_at"])
    pull |= {
        "id": repository["id"] * 10_000 + number,
        "number": number,
        "updated_at": at,
        "user": repository["owner"],
    }
    pull |= {
        "labels": [],
        "milestone": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
    }
    for side in ("head", "base"):
        pull[side] |= {"repo": repository, "user": repository["owner"]}
    return {**pull, **fields}


def analysis_object(full_name: str, number: int, fields: dict[str, Any], data: Path = DATA) -> dict[str, Any]:
    """A code-scanning analysis; `fields` override (`created_at`, `tool`, `results_count`, ...)."""
    analysis: dict[str, Any] = example_for(full_name, "code_scanning_analyses", data)[0]
    address = f"{API}/repos/{full_name}/code-scanning/analyses/{number}"
    return {**analysis, "id": number, "url": address, **fields}


def _renumbered(value: Any, old: int, new: int) -> Any:
    # The number stands at the end or in the middle of a dozen addresses, some of them nested.
    if isinstance(value, dict):
        return {key: _renumbered(item, old, new) for key, item in value.items()}
    return value.replace(f"/{old}", f"/{new}") if isinstance(value, str) else value
