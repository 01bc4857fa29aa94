"""Times: says in SQL what Ibis says of times in UTC so that DuckDB need not look at a calendar of time zones.

DuckDB reckons with zoned times by a library for all the world's calendars, which takes a microsecond for each. A time
in UTC is as well told by its microseconds since 1970: a difference of two takes a hundredth of that, the beginning of a
day or month a tenth.
"""

from sqlglot import expressions as sge

_PARTS = (sge.TimestampTrunc, sge.TimeToStr, sge.DayOfWeek)
_LOOKED_AT = (sge.DateDiff, *_PARTS, sge.Extract, sge.Cast, sge.Add)


def in_microseconds(query: sge.Expression) -> sge.Expression:
    """The same query (it is changed) with differences, truncations and parts of times made of microseconds."""
    found: list[sge.Expression] = list(query.find_all(*_LOOKED_AT))  # once: to walk it takes longest
    for change in (_differences, _parts, _begins, _sums):
        change(found)
    return query


def _differences(found: list[sge.Expression]) -> None:
    for node in found:
        if isinstance(node, sge.DateDiff) and node.unit is not None and node.unit.name.upper() == "MICROSECOND":
            node.replace(sge.Paren(this=sge.Sub(this=_epoch(node.this), expression=_epoch(node.expression))))


def _parts(found: list[sge.Expression]) -> None:
    for node in found:
        if isinstance(node, _PARTS):
            node.set("this", _call("MAKE_TIMESTAMP", _epoch(node.this)))
        elif isinstance(node, sge.Extract):
            node.set("expression", _call("MAKE_TIMESTAMP", _epoch(node.expression)))


def _begins(found: list[sge.Expression]) -> None:
    """What a time was cut down to, as a time in UTC again."""
    for node in found:
        if not isinstance(node, sge.Cast) or not isinstance(node.this, sge.TimestampTrunc):
            continue
        if node.to.this == sge.DataType.Type.TIMESTAMPTZ:
            node.replace(_call("MAKE_TIMESTAMPTZ", _epoch(node.this)))


def _sums(found: list[sge.Expression]) -> None:
    """A time and a number of microseconds."""
    for node in found:
        length = node.expression if isinstance(node, sge.Add) else None
        if isinstance(length, sge.Anonymous) and length.name.upper() == "TO_MICROSECONDS":
            (micros,) = length.expressions
            node.replace(_call("MAKE_TIMESTAMPTZ", sge.Add(this=_epoch(node.this), expression=micros)))


def _epoch(time: sge.Expression) -> sge.Expression:
    return _call("EPOCH_US", time)


def _call(name: str, *arguments: sge.Expression) -> sge.Expression:
    return sge.Anonymous(this=name, expressions=list(arguments))
