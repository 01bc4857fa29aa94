"""Audit log: who changed what, by the API, a form or a command; rows are only ever added."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

AUDIT_LOG = Dataset(
    name="audit_log",
    title="Audit log",
    reach="nobody",
    columns=(
        ("entry_id", pa.string()),
        ("at", TS),
        ("user", pa.string()),
        ("action", pa.string()),
        ("resource", pa.string()),
        # A JSON object; never a secret, nor the text that somebody sent.
        ("details", pa.string()),
    ),
    key=("entry_id",),
    version="collected_at",
    month_of="at",
    sort=("at", "entry_id"),
)
