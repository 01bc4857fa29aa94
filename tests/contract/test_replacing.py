"""What the lake promises of a partition that is made anew, on both stores."""

from datetime import datetime, timedelta
from typing import Any

import ibis

from shared.datasets import TRIAGE
from shared.lake.merge import Changes
from shared.lake.merge_plan import contract
from shared.lake.sql import sql_text
from shared.lake.tables import Lake
from tests.conftest import NOW

BLOB = "tables/triage/part.parquet"


def decision(subject: str, decision: str = "wont_fix", at: datetime = NOW) -> dict[str, Any]:
    return {"subject": subject, "decision": decision, "decided_at": NOW, "collected_at": at, "source": "x"}


def replace(lake: Lake, *rows: dict[str, Any]) -> tuple[Changes, str | None]:
    """Replaces the decisions by these, which are first put where the lake's engine finds them."""
    engine = lake.tables("real").backend
    engine.con.register("given", TRIAGE.table(list(rows)))
    return lake.replace(
        TRIAGE, None, sql_text(contract(TRIAGE, ibis.table(ibis.Schema.from_pyarrow(TRIAGE.schema), "given")))
    )


def stored(lake: Lake) -> list[tuple[str, str]]:
    rows = lake.tables("real")["triage"].to_pyarrow().to_pylist()
    return [(row["subject"], row["decision"]) for row in rows]


def test_a_partition_holds_what_it_was_made_of_and_nothing_else(lake: Lake) -> None:
    assert replace(lake, decision("b"), decision("a"))[0] == Changes(inserted=2)
    changes, etag = replace(lake, decision("c"), decision("a", "risk_accepted"), decision("d"))
    assert changes == Changes(inserted=2, updated=1, removed=1)
    assert changes.written == 4
    assert stored(lake) == [("a", "risk_accepted"), ("c", "wont_fix"), ("d", "wont_fix")]
    assert [(blob.name, blob.etag) for blob in lake.snapshot().blobs] == [(BLOB, etag)]


def test_the_same_rows_in_any_order_and_read_later_are_not_written(lake: Lake) -> None:
    _, etag = replace(lake, decision("a"), decision("b"))
    later = NOW + timedelta(days=1)
    assert replace(lake, decision("b", at=later), decision("a", at=later)) == (Changes(unchanged=2), etag)
    assert lake.snapshot().blobs[0].etag == etag


def test_no_rows_are_no_partition(lake: Lake) -> None:
    assert replace(lake) == (Changes(), None)
    replace(lake, decision("a"))
    assert replace(lake) == (Changes(removed=1), None)
    assert lake.snapshot().blobs == ()
