"""Prepared questions: the SQL of a metric is made once per shape of question, and asked again with other values.

Building an expression and compiling it takes Ibis longer than DuckDB takes to answer most questions. Two questions
have the same shape if they differ only in when they end and in the names that they are narrowed to. The expression is
built with stand-ins for those, which the compiled SQL then has as parameters; nothing from outside becomes SQL.
"""

import secrets
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import expressions as sge

from shared.lake.prepared_files import Prepared
from shared.lake.reading import Tables
from shared.lake.sql import sql_tree
from shared.lake.times import in_microseconds
from shared.scope import LOOKS_BACK, NOTHING_KNOWN, Known, Scope

MOST = 1024
"""Shapes whose SQL is kept; a page has a few dozen for each range."""

_UNTIL = datetime(2471, 3, 17, 5, 43, 21, 123457, tzinfo=UTC)
"""Stands for the end of the range in an expression. No real time is near it."""

_CHANGING = datetime(2471, 5, 13, 4, 32, 10, 765432, tzinfo=UTC)
"""Stands for the month from which on rows may have changed since."""

_NEVER = datetime.min.replace(tzinfo=UTC)

_FIELDS = 7
"""Year, month, day, hour, minute, second and zone, of which a literal time is made."""

_NONCE = secrets.token_hex(16)
"""Part of the names that stand for others, so that none of them can be what a person searches for."""

_FAR = datetime(2300, 1, 1, tzinfo=UTC)
_NAMED = ("orgs", "repos", "workflows", "customers")
_ANY_BRANCH = "*"
_KNOWN = frozenset(field.name for field in fields(Known))

# It advises against a copy of the rows; what it advises instead plans the query twice, which takes longer.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result makes an extra copy", UserWarning)

Build = Callable[[Mapping[str, ir.Table], Scope], ir.Table]
"""Makes an expression of tables and a scope. It may reckon with the scope's times only by adding and subtracting."""


_prepared: OrderedDict[Hashable, tuple[Prepared, ...]] = OrderedDict()
_lock = threading.Lock()


def ask(tables: Tables, question: Hashable, build: Build, scope: Scope) -> pa.Table:
    """The rows of the expression that `build` makes of the tables and the scope.

    question: what tells this expression from others with the same scope, of which `repr` must tell all; a question
    always builds the same.
    """
    changing = tables.changing(scope.until - LOOKS_BACK)
    recent = tables.unfolded(changing or scope.until)
    known = Known(
        settled=tables.settled(scope.until),
        changing=changing,
        recent=recent,
        recent_range=recent and tables.unfolded(scope.since or _NEVER),
    )
    scope = replace(scope, known=known)
    key = (question, _shape(scope), tables.names)
    facts = _facts(tables, known)
    found = _kept(key, facts)
    if found is None:
        found = _kept_in_files(tables, key, build, facts)
        if found is None:
            found = _prepare(tables, build, scope)
            if tables.prepared:
                tables.prepared.keep(key, build, found)
        with _lock:
            _prepared[key] = (*_prepared.get(key, ()), found)
            while len(_prepared) > MOST:
                _prepared.popitem(last=False)
    return _run(tables, found, scope)


def _kept(key: Hashable, facts: Mapping[Hashable, Hashable]) -> Prepared | None:
    """What was prepared for a shape where all was the same that its expression was made with."""
    with _lock:
        found = _prepared.get(key, ())
        if found:
            _prepared.move_to_end(key)
    return next((one for one in found if one.relies.items() <= facts.items()), None)


def _kept_in_files(tables: Tables, key: Hashable, build: Build, facts: Mapping[Hashable, Hashable]) -> Prepared | None:
    """The same of what another process prepared."""
    if tables.prepared is None:
        return None
    found = tables.prepared.find(key, build)
    return next((one for one in found if one.relies.items() <= facts.items()), None)


def _facts(tables: Tables, known: Known) -> dict[Hashable, Hashable]:
    """What an expression may depend on besides its shape: what is known, and which rows of a dataset count."""
    facts: dict[Hashable, Hashable] = {name: getattr(known, name) for name in _KNOWN}
    return facts | {"changing": known.changing is not None} | {("rows", *kind): True for kind in tables.kinds.items()}


def _shape(scope: Scope) -> Hashable:
    """A scope without what becomes parameters: the length of the range stays, and how many names there are."""
    length = None if scope.since is None else scope.until - scope.since
    counts: dict[str, Any] = {name: ("",) * len(getattr(scope, name)) for name in _NAMED}
    named = scope.branch not in (None, _ANY_BRANCH)
    branch = "" if named else scope.branch
    return length, replace(scope, until=_UNTIL, since=None, branch=branch, known=NOTHING_KNOWN, **counts)


def _prepare(tables: Tables, build: Build, scope: Scope) -> Prepared:
    looked_at = set[str]()
    standing_in = replace(_stand_in(scope), known=_watched(scope.known, looked_at))
    placeholders = tables.placeholders()
    expression = build(placeholders, standing_in)
    query = in_microseconds(_each_its_own_rows(sql_tree(expression)))
    names = {value: name for name, value in _parameters(standing_in)}
    times, used = dict[timedelta, str](), set[str]()

    def parameter(node: sge.Expression) -> sge.Expression:
        if isinstance(node, sge.Literal) and node.is_string and node.this in names:
            used.add(names[node.this])
            return sge.Parameter(this=sge.Var(this=names[node.this]))
        moment = _moment(node)
        if moment is None:
            return node
        if moment == _CHANGING:
            used.add("changing")
            return sge.Parameter(this=sge.Var(this="changing"))
        return sge.Parameter(this=sge.Var(this=times.setdefault(moment - _UNTIL, f"time_{len(times)}")))

    text = query.transform(parameter).sql(dialect="duckdb", copy=False)
    schema = ibis.Schema.to_pyarrow(expression.schema())
    digests = tuple(digest for digest in placeholders.digests if digest.name in text)
    facts, read = _facts(tables, scope.known), tables.named_in(text)
    relies: dict[Hashable, Hashable] = {
        fact: how for fact, how in facts.items() if fact in looked_at or (isinstance(fact, tuple) and fact[1] in read)
    }
    offsets = {name: offset for offset, name in times.items()}
    return Prepared(text, digests, offsets, frozenset(used), schema, relies)


def _watched(known: Known, looked_at: set[str]) -> Known:
    """The same with stand-ins, noting which of it is looked at."""

    class Watched(Known):
        def __getattribute__(self, name: str) -> object:
            if name in _KNOWN:
                looked_at.add(name)
            return super().__getattribute__(name)

    changing = None if known.changing is None else _CHANGING
    return Watched(known.settled, changing, known.recent, known.recent_range)


def _each_its_own_rows(query: sge.Expression) -> sge.Expression:
    """Has rows that are merely chosen read anew wherever the query names them, each time with its own conditions.

    Read once for several uses, they would be read with the conditions of none of them, thus for all time.
    """
    for part in query.find_all(sge.CTE):
        if part.find(*_COSTLY) is None:
            part.set("materialized", False)
    return query


_COSTLY = (sge.Group, sge.AggFunc, sge.Join, sge.Window, sge.Distinct, sge.SetOperation, sge.Unnest, sge.Explode)
"""What is not done twice."""


def _moment(node: sge.Expression) -> datetime | None:
    """The time that a node stands for, if it is one of the stand-in scope."""
    if not isinstance(node, sge.Anonymous) or node.name.upper() != "MAKE_TIMESTAMPTZ":
        return None
    if len(node.expressions) != _FIELDS:
        return None
    *fields, _zone = node.expressions
    year, month, day, hour, minute = (int(field.name) for field in fields[:5])
    seconds = float(fields[5].name)
    moment = datetime(year, month, day, hour, minute, tzinfo=UTC) + timedelta(microseconds=round(seconds * 1e6))
    return moment if moment > _FAR else None


def _stand_in(scope: Scope) -> Scope:
    since = None if scope.since is None else _UNTIL - (scope.until - scope.since)
    names: dict[str, Any] = {
        field: tuple(f"{field}_{n} {_NONCE}" for n in range(len(getattr(scope, field)))) for field in _NAMED
    }
    branch = scope.branch if scope.branch in (None, _ANY_BRANCH) else f"branch_0 {_NONCE}"
    return replace(scope, until=_UNTIL, since=since, branch=branch, **names)


def _parameters(scope: Scope) -> list[tuple[str, str]]:
    """Every value of a scope that becomes a parameter, with the name of its stand-in."""
    fields: dict[str, tuple[str, ...]] = {field: getattr(scope, field) for field in _NAMED}
    if scope.branch not in (None, _ANY_BRANCH):
        fields["branch"] = (str(scope.branch),)
    return [(f"{field}_{n}", value) for field, values in fields.items() for n, value in enumerate(values)]


def _run(tables: Tables, prepared: Prepared, scope: Scope) -> pa.Table:
    values: dict[str, Any] = {name: scope.until + offset for name, offset in prepared.times.items()}
    values |= {name: value for name, value in _parameters(scope) if name in prepared.names}
    if "changing" in prepared.names:
        values["changing"] = scope.known.changing
    asked = [time for time in values.values() if isinstance(time, datetime)]
    sql = tables.with_scans(prepared.sql, prepared.digests, min(asked, default=None), ranged=scope.since is not None)
    answer: pa.Table = tables.backend.con.execute(sql, values).to_arrow_table()
    return answer.cast(prepared.schema)
