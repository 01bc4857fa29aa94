"""Pull requests: one row per pull request, with the agent session and the alerts that it belongs to."""

import ibis
import pyarrow as pa

from shared.datasets.dataset import OLD, STRINGS, TS, Dataset

PULL_REQUESTS = Dataset(
    name="pull_requests",
    title="Pull requests",
    reach="repo",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        ("number", pa.int64()),
        ("title", pa.string()),
        ("author", pa.string()),
        ("author_is_bot", pa.bool_()),
        ("state", pa.string()),
        ("head_branch", pa.string()),
        ("base_branch", pa.string()),
        ("created_at", TS),
        ("updated_at", TS),
        ("merged_at", TS),
        ("closed_at", TS),
        ("session_id", pa.string()),
        ("alert_refs", STRINGS),
        ("html_url", pa.string()),
    ),
    key=("repo", "number"),
    version="updated_at",
    sort=("repo", "number"),
    # What the pull request does not say itself was found by its session, and stays when it is read again.
    carried={"session_id": lambda pairs: ibis.coalesce(pairs.session_id, pairs[f"{OLD}session_id"])},
)
