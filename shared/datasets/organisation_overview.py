"""Organisation overview: the figures of `repository_overview`, one row per organisation and month (UTC)."""

import pyarrow as pa

from shared.datasets.dataset import Dataset
from shared.datasets.repository_overview import OVERVIEW_FIGURES

ORGANISATION_OVERVIEW = Dataset(
    name="organisation_overview",
    title="Organisations month by month",
    reach="nobody",
    columns=(("org", pa.string()), ("month", pa.string()), *OVERVIEW_FIGURES),
    key=("org", "month"),
    version="collected_at",
    sort=("month", "org"),
)
