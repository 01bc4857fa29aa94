"""What a metric is: a named pure function from datasets to a small table, with the text that explains it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import ibis
import ibis.expr.types as ir

from shared.datasets import DATASETS
from shared.errors import FettleError
from shared.metrics.grouping import GROUP_COLUMNS
from shared.policy.policy import Policy
from shared.scope import Scope

EXCLUDED = "excluded_because"
"""In the evidence of a metric, the column that says why a row does not count; null where it does."""


@dataclass(frozen=True)
class Metric:
    """One figure of Fettle: how it is computed, and the words that pages, API, commands and docs show for it.

    definition: one paragraph in plain language.  unit: of the main figure.
    inputs: names of the datasets it reads.  exclusions: what is left out, in words.
    by: the groupings it knows besides none.
    columns: every figure it returns, with the words and unit shown for it; `labels` adds those of a grouping.
    switches: options that are off unless they are asked for, by the formula's keyword, with what they do.
    uses_policy: whether the formula takes the policy, as its keyword `policy`.
    at_end: whether the figures are those of the end of the range, wherever it began.
    of_repositories: whether each row tells of one repository, and is the same whichever others are looked at.
    evidence: from the same tables, scope, policy and switches the rows that were looked at, one by one, with EXCLUDED
    as the last column; None for a metric whose own rows are its evidence.
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
    switches: Mapping[str, str] = field(default_factory=dict)
    uses_policy: bool = False
    at_end: bool = False
    of_repositories: bool = False
    evidence: Callable[..., ir.Table] | None = None

    def compute(
        self,
        tables: Mapping[str, ir.Table],
        scope: Scope,
        by: str | None = None,
        policy: Policy | None = None,
        switches: Mapping[str, bool] | None = None,
    ) -> ir.Table:
        """The figures as an expression with exactly the columns of `labels(by)`, in that order.

        policy: what the people who run Fettle decided; None for the defaults.
        No data gives no rows or, where nothing is grouped, one row with zero counts and nulls.
        Raises FettleError for a grouping or a switch that the metric does not know.
        """
        labels = self.labels(by)
        options = self._options(policy, switches)
        result = self.formula(tables, scope, *((by,) if self.by else ()), **options)
        return result if result.columns == tuple(labels) else result.select(*labels)

    def rows(
        self,
        tables: Mapping[str, ir.Table],
        scope: Scope,
        policy: Policy | None = None,
        switches: Mapping[str, bool] | None = None,
    ) -> ir.Table:
        """The rows behind the figures as an expression: those that count and, with EXCLUDED, those that do not.

        Raises FettleError for a switch that the metric does not know.
        """
        if self.evidence is None:
            own = self.compute(tables, scope, None, policy, switches)
            return own.mutate(**{EXCLUDED: ibis.null("string")})
        return self.evidence(tables, scope, **self._options(policy, switches))

    def asked(self, scope: Scope) -> Scope:
        """The scope without what makes no difference to the figures, so that one answer serves many scopes.

        That is its beginning where the end alone counts, and filters on what none of the inputs has.
        """
        known = {column for name in self.inputs for column in DATASETS[name].schema.names}
        of_runs = "workflow_runs" in self.inputs
        return replace(
            scope,
            since=None if self.at_end else scope.since,
            severities=scope.severities if "severity" in known else (),
            kinds=scope.kinds if "kind" in known else (),
            workflows=scope.workflows if "workflow_name" in known or "workflows" in self.inputs else (),
            events=scope.events if "event" in known else (),
            customers=scope.customers if "customer_id" in known else (),
            branch=scope.branch if of_runs else None,
            bots=scope.bots or not (of_runs or "actor_is_bot" in known),
        )

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

    def _options(self, policy: Policy | None, switches: Mapping[str, bool] | None) -> dict[str, object]:
        for name in switches or {}:
            if name not in self.switches:
                known = f"use one of {', '.join(self.switches)}" if self.switches else "it has none"
                raise FettleError(f"Metric {self.name} has no switch {name!r}; {known}.")
        own = {"policy": policy or Policy()} if self.uses_policy else {}
        return {**own, **(switches or {})}


def excluded_because(*cases: tuple[ir.BooleanValue, str]) -> ir.StringValue:
    """The reason of the first case that is true, for a column EXCLUDED; null where none is."""
    return ibis.cases(*((case.fill_null(False), reason) for case, reason in cases), else_=ibis.null("string"))
