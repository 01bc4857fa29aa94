"""Health history: one row per subject (a repository or a customer) and day, with its score as of that day's end.

Not complete is a day that was not over yet: its score is that of the last roll-up. Points lost are null for the signals
that the subject's model does not have, or that were unknown.
"""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

REPOSITORY, CUSTOMER = "repo:", "customer:"
"""What the subject of a repository and of a customer begins with; its name, or its id, follows."""

HEALTH_HISTORY = Dataset(
    name="health_history",
    title="Health history",
    reach="subject",
    columns=(
        ("subject", pa.string()),
        ("day", TS),
        ("complete", pa.bool_()),
        ("score", pa.float64()),
        ("tier", pa.string()),
        ("unknown", pa.int32()),
        ("lost_security", pa.float64()),
        ("lost_sla", pa.float64()),
        ("lost_ci", pa.float64()),
        ("lost_freshness", pa.float64()),
        ("lost_remediation", pa.float64()),
        ("lost_flow", pa.float64()),
        ("lost_logins", pa.float64()),
        ("lost_adoption", pa.float64()),
        ("lost_tickets", pa.float64()),
        ("lost_invoices", pa.float64()),
        ("lost_api", pa.float64()),
    ),
    key=("subject", "day"),
    version="collected_at",
    month_of="day",
    sort=("day", "subject"),
)
