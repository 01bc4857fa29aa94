"""SQL: what an Ibis expression is in the engine's words."""

import ibis
import ibis.expr.types as ir
from ibis.backends.sql.compilers import DuckDBCompiler
from sqlglot import expressions as sge

# DuckDB joins nested selections itself; for Ibis to do so takes a third of the time that it needs to make SQL.
ibis.options.sql.fuse_selects = False

_COMPILER = DuckDBCompiler()


def sql_tree(expression: ir.Table) -> sge.Expression:
    """An expression as the tree of its SQL."""
    made: sge.Expression = _COMPILER.to_sqlglot(expression)
    return made


def sql_text(expression: ir.Table) -> str:
    """An expression as a text for the engine, not for people."""
    return sql_tree(expression).sql(dialect="duckdb", copy=False)
