"""Digest: what is kept of each month of a dataset, so that a question about all history need not read all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

import ibis
import ibis.expr.types as ir

from shared.scope import Scope

RECENT = timedelta(days=186)
"""How far back the months that are not folded reach at least: twice the 90 days that most pages show."""


def as_they_are(rows: ir.Table) -> ir.Table:
    """The same rows: where a digest is of all of them, or months are not made one."""
    return rows


@dataclass(frozen=True, kw_only=True)
class Digest:
    """Rows made of the rows of a dataset, month by month, from which a metric's figures follow.

    of: the dataset.  time: its column that says of which month a row is.  last: the digest's own column that does.
    counted: those of the dataset's rows, as they are stored, that `make` is given.
    make: the digest of rows of whatever time.  fold: the digest of several months as that of one long month, which
    answers every question about what comes after it; None where a month's digest is its rows in another order, so
    that those of old months may as well be the rows themselves.
    ranged: whether a question needs the months of its range one by one, not only what is changing.
    chosen: whether it is but some rows and columns of the dataset, of which a question reads those of its range.
    as_stored: whether it is the dataset's own rows, for which no file is made.
    bounded: whether it is never asked for all time, not even by a question about the end of a range alone.
    """

    name: str
    of: str
    time: str
    last: str
    counted: Callable[[ir.Table], ir.Table] = as_they_are
    make: Callable[[ir.Table], ir.Table]
    fold: Callable[[ir.Table], ir.Table] | None
    ranged: bool = False
    chosen: bool = False
    as_stored: bool = False
    bounded: bool = False

    @property
    def folded(self) -> str:
        """The name of the table whose months before RECENT are folded."""
        return f"{self.name}_folded"

    def stored(self, rows: ir.Table) -> ir.Table:
        """The digest of rows of the dataset."""
        return self.make(self.counted(rows))

    def kept(self, tables: Mapping[str, ir.Table]) -> bool:
        """Whether there is the digest of these tables; where it may be, it is from now on."""
        if isinstance(tables, Keeping):
            tables.keep(self)
        return self.name in tables

    def since(self, tables: Mapping[str, ir.Table], begin: datetime | None) -> ir.Table:
        """The digest of rows since a time, month by month, or of all there is: all that is asked of a chosen one."""
        rows = tables[self.name] if self.kept(tables) else self.stored(tables[self.of])
        return rows if begin is None else rows.filter(rows[self.time] >= ibis.literal(begin))

    def whole(self, tables: Mapping[str, ir.Table]) -> ir.Table:
        """The digest of all there is, whenever it was."""
        return tables[self.folded] if self.folded in tables else self.stored(tables[self.of])

    def of_scope(
        self, tables: Mapping[str, ir.Table], scope: Scope, rows: Callable[[datetime | None], ir.Table]
    ) -> ir.Table:
        """The digest of what was known at a scope's end, in as few rows as its range allows.

        rows: the dataset's rows as they were at the end, since a time (None: of all time), where `counted` made its
        choice. They are looked at where no digest is kept, and where the scope's end is past: from the month on that
        may have changed since.
        """
        if self.name not in tables:
            return self.make(rows(None))
        folded = scope.known.recent_range if self.ranged else scope.known.recent
        kept = tables[self.folded if folded else self.name]
        if scope.known.settled:
            return kept
        if scope.known.changing is None:
            return self.make(rows(None))
        begin, made = ibis.literal(scope.known.changing), self.make(rows(scope.known.changing))
        return kept.filter(kept[self.last] < begin).select(*made.columns).union(made)


@runtime_checkable
class Keeping(Protocol):
    """Tables in which there is every digest that they were told of."""

    def keep(self, digest: Digest) -> None:
        """Has the digest's table from now on."""
