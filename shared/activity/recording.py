"""Recording: puts checked events and customers into the lake."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from shared.activity.event import Row
from shared.datasets import ACTIVITY_EVENTS, CUSTOMERS, DEMO_SOURCE
from shared.errors import FettleError
from shared.lake.merge import Changes
from shared.lake.reading import Rows
from shared.lake.tables import Lake

SOURCES = ("form", "api")
"""Where events come from, besides `import:<file>`."""


@dataclass(frozen=True)
class Recorded:
    """What became of events. event_ids: in their order."""

    event_ids: tuple[str, ...]
    changes: Changes


class UnknownCustomer(FettleError):
    """Events of customers who are not listed. customer_ids: theirs."""

    def __init__(self, customer_ids: Collection[str]) -> None:
        named = ", ".join(repr(one[:80]) for one in sorted(customer_ids)[:5])
        super().__init__(f"customer_id is of no customer that is known ({named}); add the customer first.")
        self.customer_ids = frozenset(customer_ids)


def record(lake: Lake, events: Sequence[Row], source: str, *, demo: bool = False) -> Recorded:
    """Stores events, rows of event.event_row. One that brings no event_id gets one.

    An event of an id that is known replaces what was told before; the same again changes nothing.
    demo: they are of sample customers, and go when the sample goes.
    Raises UnknownCustomer, and nothing is stored then; StoreError.
    """
    unknown = {row["customer_id"] for row in events} - known_customers(lake, demo=demo)
    if unknown:
        raise UnknownCustomer(unknown)
    named = [{**row, "event_id": row.get("event_id") or str(uuid.uuid4())} for row in events]
    changes = lake.upsert(ACTIVITY_EVENTS, ACTIVITY_EVENTS.table(_stamped(lake, named, source, demo=demo)))
    return Recorded(tuple(row["event_id"] for row in named), changes)


def add_customers(lake: Lake, customers: Sequence[Row], source: str, *, demo: bool = False) -> Changes:
    """Stores customers, rows of customer.customer_row; one of an id that is known replaces them. Raises StoreError."""
    return lake.upsert(CUSTOMERS, CUSTOMERS.table(_stamped(lake, customers, source, demo=demo)))


def known_customers(lake: Lake, *, demo: bool = False) -> frozenset[str]:
    """The ids of all customers who are listed. Raises StoreError."""
    rows: Rows = "demo" if demo else "real"
    listed = lake.tables(rows, only=[CUSTOMERS])["customers"].select("customer_id").to_pyarrow()
    return frozenset(pc.unique(listed["customer_id"]).to_pylist())


def _stamped(lake: Lake, rows: Iterable[Row], source: str, *, demo: bool) -> list[Row]:
    stamp = {"collected_at": lake.clock(), "source": DEMO_SOURCE if demo else source}
    return [{**row, **stamp} for row in rows]
