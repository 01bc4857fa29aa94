"""The plan of a merge: its steps as Ibis expressions over named tables, compiled once per dataset.

Compiling them costs fifty times what running them on a small partition does.
"""

from collections.abc import Callable
from functools import cached_property, lru_cache

import ibis
import ibis.expr.types as ir

from shared.datasets import DATASETS
from shared.datasets.dataset import DEMO_SOURCE, LONG_AGO, OLD, WEBHOOK_SOURCE, Dataset
from shared.lake.sql import sql_text

ORDER, KNOWN = "_order", "_known"
"""Columns of a merge in progress: the order of reading, and whether a row replaces a stored one."""

READ, STORED, NEW, CHANGED = "_read", "_stored", "_new", "_changed"
"""The names under which a merge's tables are known to its cursor."""

WAS_KNOWN, WAS = "was_known", "old_"
"""What changes are announced with: whether a row was known before, and what was stored in its watched columns."""


class MergePlan:
    """The SQL of a merge, each step made when it is first needed."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._schema = ibis.Schema.from_pyarrow(dataset.schema)

    @cached_property
    def latest(self) -> str:
        """Of the rows read, one per key."""
        read = ibis.table(ibis.Schema({**self._schema, ORDER: "int64"}), name=READ)
        return sql_text(_latest(self._dataset, read))

    @cached_property
    def changed(self) -> str:
        """Of those, what changes the partition.

        KNOWN is true where a stored row is replaced; WAS_KNOWN and the watched columns are as they were.
        """
        return sql_text(_changed(self._dataset, _pairs(self._dataset, self._named(NEW), self._named(STORED))))

    @cached_property
    def merged(self) -> str:
        """The partition as it is to be, or a slice of it: the rows of NEW, and those of STORED not replaced."""
        kept = self._named(STORED).anti_join(self._named(CHANGED), self._dataset.key)
        return sql_text(contract(self._dataset, self._named(NEW).union(kept)))

    def _named(self, name: str) -> ir.Table:
        return ibis.table(self._schema, name=name)


@lru_cache(maxsize=len(DATASETS))
def merge_plan(name: str) -> MergePlan:
    """The plan of the dataset of that name."""
    return MergePlan(DATASETS[name])


def contract(dataset: Dataset, rows: ir.Table) -> ir.Table:
    """Rows as they are stored: the contract's columns, derived ones computed, sorted."""
    derived = {column: expression(rows) for column, expression in dataset.derived.items()}
    return rows.mutate(**derived).select(dataset.schema.names).order_by(list(dataset.sort))


def _latest(dataset: Dataset, read: ir.Table) -> ir.Table:
    rank = ibis.row_number().over(
        group_by=list(dataset.key),
        order_by=[
            ibis.desc(_is_real(read.source)),
            *(value.desc() for value in _order(dataset, lambda name: read[name])),
            read[ORDER].desc(),
        ],
    )
    return read.mutate(rank=rank).filter(ibis._.rank == 0).drop("rank", ORDER)


def _pairs(dataset: Dataset, new: ir.Table, stored: ir.Table) -> ir.Table:
    """New rows beside the stored ones of the same key, carried columns computed.

    WAS_KNOWN is false for a real row that replaces a demo row: it owes nothing to it.
    """
    old = stored.rename({f"{OLD}{name}": name for name in dataset.schema.names if name not in dataset.key})
    pairs = new.left_join(old.mutate(**{KNOWN: ibis.literal(True)}), dataset.key, rname="_key_{name}")
    pairs = pairs.mutate(**{KNOWN: pairs[KNOWN].fill_null(False)})
    same_world = _is_real(pairs.source) == _is_real(pairs[f"{OLD}source"])
    pairs = pairs.mutate(**{WAS_KNOWN: pairs[KNOWN] & same_world})
    carried = {
        column: ibis.ifelse(pairs[WAS_KNOWN], expression(pairs), pairs[column]).cast(pairs[column].type())
        for column, expression in dataset.carried.items()
    }
    return pairs.mutate(**carried)


def _changed(dataset: Dataset, pairs: ir.Table) -> ir.Table:
    own = {*dataset.key, *dataset.derived}
    differs = [
        ~pairs[name].identical_to(pairs[f"{OLD}{name}"])
        for name in dataset.schema.names
        if name not in own and name != "collected_at"
    ]
    real, was_real = _is_real(pairs.source), _is_real(pairs[f"{OLD}source"])
    replaces = ((real & ~was_real) | ((real == was_real) & _newer(dataset, pairs))) & ibis.or_(*differs)
    watched = {
        f"{WAS}{column}": ibis.ifelse(pairs[WAS_KNOWN], pairs[f"{OLD}{column}"], ibis.null())
        for column in dataset.watched
    }
    kept = pairs.mutate(**watched).filter(~pairs[KNOWN] | replaces)
    return kept.select(*dataset.schema.names, KNOWN, WAS_KNOWN, *watched)


def _newer(dataset: Dataset, pairs: ir.Table) -> ir.BooleanValue:
    """Whether a new row is at least as new as the stored one of its key.

    Of rows that are as new as each other the later write wins; but what was pushed may come late, and tells no more
    than what was collected: it replaces only what was pushed before it.
    """
    new = _order(dataset, lambda name: pairs[name])
    old = _order(dataset, lambda name: pairs[name if name in dataset.key else f"{OLD}{name}"])
    pushed = (pairs.source == WEBHOOK_SOURCE).fill_null(False)
    pushed_before = (pairs[f"{OLD}source"] == WEBHOOK_SOURCE) & (pairs[f"{OLD}collected_at"] <= pairs.collected_at)
    newer = ~pushed | pushed_before.fill_null(False)
    for ours, theirs in reversed(list(zip(new, old, strict=True))):
        newer = (ours > theirs) | ((ours == theirs) & newer)
    return newer if dataset.overrides is None else ibis.coalesce(dataset.overrides(pairs), newer)


def _order(dataset: Dataset, column: Callable[[str], ir.Value]) -> list[ir.Value]:
    return dataset.order(column) if dataset.order else [_version(column(dataset.version))]


def _is_real(source: ir.StringValue) -> ir.BooleanValue:
    return source.fill_null("") != DEMO_SOURCE


def _version(column: ir.TimestampValue) -> ir.TimestampValue:
    """A version that is unknown is older than any that is known."""
    return column.fill_null(LONG_AGO)
