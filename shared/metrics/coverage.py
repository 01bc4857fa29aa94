"""Coverage: what is known of each repository and dataset, from the collection ledger."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.metric import Metric
from shared.scope import Scope

GOOD = ("ok", "unchanged")
"""Outcomes after which a dataset is complete for the time covered."""


def coverage(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The last collection per repository and dataset begun by scope.until, and what good ones covered.

    Ordered by repository and dataset. covered_since is null where one of them reached back to the beginning, and
    where nothing is covered at all, when covered_until is null too. No data: no rows.
    """
    entries = scope.filter(tables["collections"])
    entries = entries.filter(entries.started_at <= ibis.literal(scope.until))
    good = entries.outcome.isin(GOOD)
    covering = good & entries.covered_until.notnull()
    source = [entries.repo, entries.dataset]
    newest_first = [entries.started_at.desc(), entries.collection_id.desc()]
    entries = entries.mutate(
        age_rank=ibis.row_number().over(group_by=source, order_by=newest_first),
        last_good_at=good.ifelse(entries.finished_at, None).max().over(group_by=source),
        from_beginning=(covering & entries.covered_since.isnull()).any().over(group_by=source),
        first_since=covering.ifelse(entries.covered_since, None).min().over(group_by=source),
        covered_until=covering.ifelse(entries.covered_until, None).max().over(group_by=source),
    )
    entries = entries.mutate(covered_since=entries.from_beginning.ifelse(None, entries.first_since))
    return entries.filter(entries.age_rank == 0).order_by("repo", "dataset")


COVERAGE = Metric(
    name="coverage",
    title="Coverage",
    definition=(
        "What is known of each repository and dataset: how its last collection ended and why, when one last "
        "ended well (ok or unchanged), and the time that the good ones cover; without a time since when, it is "
        "covered from the beginning. What was never collected has no row; what is forbidden, disabled or failing "
        "is unknown, not zero."
    ),
    unit="collections",
    inputs=("collections",),
    at_end=True,
    of_repositories=True,
    exclusions="Collections begun after the end of the range; its start plays no part.",
    columns={
        "repo": "Repository",
        "org": "Organisation",
        "dataset": "Dataset",
        "outcome": "Last outcome",
        "reason": "Reason",
        "rows": "Rows",
        "finished_at": "Finished",
        "last_good_at": "Last good",
        "covered_since": "Covered since",
        "covered_until": "Covered until",
    },
    formula=coverage,
)
