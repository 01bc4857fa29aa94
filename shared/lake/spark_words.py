"""Spark's words for what metrics call by DuckDB's, so that the expressions of both are the same."""

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

_TIME = dt.Timestamp(timezone="UTC")


@ibis.udf.scalar.builtin(name="unix_micros", signature=((_TIME,), dt.int64))
def _unix_micros(time):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Microseconds since 1970."""


@ibis.udf.agg.builtin(name="max_by", signature=((dt.string, _TIME), dt.string))
def _max_by(value, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """The value of the row with the latest time, also where it is null."""


def _greatest(values: ir.Value, number: ir.IntegerValue, where: ir.BooleanValue | None = None) -> ir.Value:
    """The greatest values, as DuckDB's max(values, number), but ascending: who reads them sorts them."""
    return values.collect(where=where).sort()[-number:]


def _rounded(value: ir.FloatingValue, digits: int) -> ir.Value:
    """A number rounded as DuckDB does, by its binary value; Spark would take its shortest decimal for it."""
    return (value * 10**digits).round() / float(10**digits)


def _digits(rounding: ops.Round) -> int:
    """Behind the point; 0 for whole numbers, and where the expression does not say."""
    return int(rounding.digits.value) if isinstance(rounding.digits, ops.Literal) else 0


_CALLS: Mapping[str, Callable[..., Any]] = {"epoch_us": _unix_micros, "arg_max_null": _max_by, "max": _greatest}


def in_sparks_words(node: ops.Node, changed: Mapping[str, Any] | None) -> ops.Node:
    """A part of an expression as Spark can work it out. changed: its own parts, where they were said anew."""
    found: ops.Node = node.__recreate__(changed) if changed else node
    if isinstance(found, ops.Quantile | ops.Median) and found.where is not None:  # Ibis limits the percentage as well
        arg = found.where.to_expr().ifelse(found.arg.to_expr(), None).op()
        return ops.Median(arg) if isinstance(found, ops.Median) else ops.Quantile(arg, found.quantile)
    if isinstance(found, ops.Round) and found.arg.dtype.is_floating() and _digits(found):
        return _rounded(found.arg.to_expr(), _digits(found)).op()
    name = str(getattr(found, "__func_name__", ""))
    if name in _CALLS and isinstance(found, ops.ScalarUDF | ops.AggUDF):
        given = {
            key: part.to_expr()
            for key, part in zip(found.__argnames__, found.__args__, strict=True)
            if part is not None
        }
        where = {"where": given.pop("where")} if "where" in given else {}
        said: ops.Node = _CALLS[name](*given.values(), **where).op()
        return said
    return found
