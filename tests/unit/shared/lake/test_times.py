"""Times in microseconds say what they said before, whatever the time."""

from datetime import UTC, datetime, timedelta

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibis.backends.sql.compilers import DuckDBCompiler

from shared.datasets import TS
from shared.lake.times import in_microseconds
from tests.properties import few

ROWS = ibis.table({"start": "timestamp('UTC', 6)", "end": "timestamp('UTC', 6)", "n": "int64"}, name="rows")

EXPRESSIONS: dict[str, ir.Value] = {
    "difference": ROWS.end.delta(ROWS.start, unit="microsecond") / 1_000_000.0,
    "difference of a difference": ROWS.end.delta(ROWS.start.truncate("D"), unit="microsecond"),
    **{f"begin of {unit}": ROWS.start.truncate(unit).cast("timestamp('UTC')") for unit in ("h", "D", "W", "M", "Y")},
    "month": ROWS.start.strftime("%Y-%m"),
    "hour": ROWS.start.hour(),
    "weekday": ROWS.start.day_of_week.index(),
    "sum": ROWS.start + ROWS.n.as_interval("us"),
    "difference in days stays": ROWS.end.delta(ROWS.start, unit="day"),
}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

times = st.none() | st.timedeltas(timedelta(days=-25_000), timedelta(days=84_000)).map(lambda since: EPOCH + since)


@pytest.mark.parametrize("value", EXPRESSIONS.values(), ids=EXPRESSIONS)
@few(20)
@given(st.lists(st.tuples(times, times, st.none() | st.integers(-(10**12), 10**12)), min_size=1, max_size=5))
def test_the_same_is_said(value: ir.Value, some: list[tuple[datetime | None, datetime | None, int | None]]) -> None:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    start, end, n = zip(*some, strict=True)
    con.register(
        "rows", pa.table({"start": pa.array(start, TS), "end": pa.array(end, TS), "n": pa.array(n, pa.int64())})
    )
    query = DuckDBCompiler().to_sqlglot(value.name("value").as_table())
    before = con.sql(query.sql(dialect="duckdb")).to_arrow_table()["value"].to_pylist()
    after = con.sql(in_microseconds(query).sql(dialect="duckdb")).to_arrow_table()["value"].to_pylist()
    assert after == before


def test_no_calendar_is_asked() -> None:
    for name in ("difference", "begin of M", "month", "hour", "sum"):
        query = DuckDBCompiler().to_sqlglot(EXPRESSIONS[name].name("value").as_table())
        said = in_microseconds(query).sql(dialect="duckdb").upper()
        assert "EPOCH_US" in said, name
        assert "DATE_DIFF" not in said, name
        assert "TIMESTAMPTZ)" not in said.replace("MAKE_TIMESTAMPTZ", ""), name


def test_the_difference_of_a_year_is_its_seconds() -> None:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    con.register("rows", pa.table({"start": pa.array([start], TS), "end": pa.array([start + timedelta(days=365)], TS)}))
    query = in_microseconds(DuckDBCompiler().to_sqlglot(EXPRESSIONS["difference"].name("value").as_table()))
    assert con.sql(query.sql(dialect="duckdb")).fetchall() == [(31_536_000.0,)]
