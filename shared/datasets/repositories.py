"""Repositories: one row per repository that was ever seen."""

import pyarrow as pa

from shared.datasets.dataset import STRINGS, TS, Dataset

REPOSITORIES = Dataset(
    name="repositories",
    title="Repositories",
    reach="repo",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        ("name", pa.string()),
        ("repo_id", pa.int64()),
        ("default_branch", pa.string()),
        ("visibility", pa.string()),
        ("archived", pa.bool_()),
        ("fork", pa.bool_()),
        ("language", pa.string()),
        ("topics", STRINGS),
        ("owner_team", pa.string()),
        ("importance", pa.int32()),
        ("created_at", TS),
        ("pushed_at", TS),
        ("html_url", pa.string()),
    ),
    key=("repo",),
    version="collected_at",
    sort=("repo",),
)
