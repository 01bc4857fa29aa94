"""What a metric is: a named pure function from datasets to a small table, with the text that explains it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from shared.errors import FettleError
from shared.metrics.grouping import GROUP_COLUMNS
from shared.scope import Scope


@dataclass(frozen=True)
class Metric:
    """One figure of Fettle: how it is computed, and the words that pages, API, commands and docs show for it.

    definition: one paragraph in plain language.  unit: of the main figure.
    inputs: names of the datasets it reads.  exclusions: what is left out, in words.
    by: the groupings it knows besides none.
    columns: every figure it returns, with the words and unit shown for it; `labels` adds those of a grouping.
    """

    name: str
    title: str
    definition: str
    unit: str
    inputs: tuple[str, ...]
    exclusions: str
    columns: Mapping[str, str]
    formula: Callable[..., ir.Table]
    by: tuple[str, ...] = ()

    def compute(self, tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
        """The figures as an expression with exactly the columns of `labels(by)`, in that order.

        No data gives no rows or, where nothing is grouped, one row with zero counts and nulls.
        Raises FettleError for a grouping that the metric does not know.
        """
        labels = self.labels(by)
        result = self.formula(tables, scope, by) if self.by else self.formula(tables, scope)
        return result if result.columns == tuple(labels) else result.select(*labels)

    def labels(self, by: str | None = None) -> dict[str, str]:
        """Each column of the result with the words shown for it, the grouping's columns first.

        Raises FettleError for a grouping that the metric does not know.
        """
        if by is None:
            return dict(self.columns)
        if by not in self.by:
            known = f"use one of {', '.join(self.by)}" if self.by else "leave the grouping out"
            raise FettleError(f"Metric {self.name} cannot be grouped by {by!r}; {known}.")
        return {**GROUP_COLUMNS[by], **self.columns}
