"""File statistics: what a Parquet file's metadata tells of its rows, without reading any."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq

from shared.datasets.dataset import DEMO_SOURCE, OWN_SOURCE

NEVER = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=4096)
def last_change(path: Path, version: str) -> datetime | None:
    """The greatest value of a file's version column, a time; None where its statistics do not tell."""
    metadata = pq.read_metadata(path)
    if version not in metadata.schema.names:
        return None
    column = metadata.schema.names.index(version)
    ranges = [metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups)]
    if any(found is None or not found.has_min_max for found in ranges):
        return None
    return max((cast("datetime", found.max) for found in ranges if found), default=NEVER)


@lru_cache(maxsize=4096)
def rows_in(path: Path) -> int:
    """How many rows a file has."""
    return int(pq.read_metadata(path).num_rows)


class Sources:
    """What a file's statistics say of its `source` column."""

    def __init__(self, all_demo: bool, none_demo: bool, all_own: bool = False) -> None:
        self.all_demo = all_demo
        self.none_demo = none_demo
        self.all_own = all_own

    @property
    def mixed(self) -> bool:
        """Whether the file may hold both real and demo rows."""
        return not (self.all_demo or self.none_demo)

    def may_hold(self, rows: str) -> bool:
        """Whether the file may hold "real" or "demo" rows."""
        return not (self.none_demo if rows == "demo" else self.all_demo)


@lru_cache(maxsize=4096)
def sources(path: Path) -> Sources:
    """Reads the statistics of a mirrored file, which never changes under its name."""
    metadata = pq.read_metadata(path)
    column = metadata.schema.names.index("source") if "source" in metadata.schema.names else None
    if column is None:
        return Sources(all_demo=False, none_demo=True)
    ranges = [metadata.row_group(group).column(column).statistics for group in range(metadata.num_row_groups)]
    known = [(str(r.min), str(r.max)) for r in ranges if r is not None and r.has_min_max]
    whole = len(known) == len(ranges)
    nulls = sum(r.null_count or 0 for r in ranges if r is not None)
    return Sources(
        all_demo=whole and nulls == 0 and all(low == high == DEMO_SOURCE for low, high in known),
        none_demo=whole and all(not low <= DEMO_SOURCE <= high for low, high in known),
        all_own=whole and nulls == 0 and all({low, high} <= {DEMO_SOURCE, OWN_SOURCE} for low, high in known),
    )


def any_real(paths: Iterable[Path]) -> bool:
    """Whether any of the files may hold a real row that is not about Fettle itself."""
    return any(not sources(path).all_own for path in paths)


def any_demo(paths: Iterable[Path]) -> bool:
    """Whether any of the files may hold a demo row."""
    return any(sources(path).may_hold("demo") for path in paths)
