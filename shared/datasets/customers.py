"""Customers: one row per customer of the services."""

import pyarrow as pa

from shared.datasets.dataset import TS, Dataset

CUSTOMERS = Dataset(
    name="customers",
    title="Customers",
    reach="nobody",
    columns=(
        ("customer_id", pa.string()),
        ("name", pa.string()),
        ("segment", pa.string()),
        ("owner", pa.string()),
        ("created_at", TS),
    ),
    key=("customer_id",),
    version="collected_at",
    sort=("customer_id",),
)
