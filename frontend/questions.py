"""Questions: what pages ask of one edition of the lake, as functions from its tables to a small result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from shared.datasets import DATASETS
from shared.lake.prepared import ask
from shared.lake.reading import Tables
from shared.metrics import METRICS
from shared.metrics.coverage import GOOD
from shared.metrics.findings.derived_state import counted_by_state, worst_first
from shared.metrics.findings.search import SEARCH, matching
from shared.metrics.findings.timeline import timeline as timeline_of
from shared.metrics.metric import EXCLUDED
from shared.policy import Policy
from shared.scope import Scope

SHOWN_COLLECTIONS = 30

MOST_OF_REPOSITORY = 500
"""Rows of one dataset that a repository's page shows."""

MOST_EVIDENCE = 100_000
"""Rows behind a figure that a page holds; the command `metrics NAME --rows` gives all."""

MOST_LISTED = 2_000
"""Alerts or findings that a page lists; a search finds the others."""


@dataclass(frozen=True)
class Receipt:
    """What stands behind a figure. rows: those that count, at most MOST_EVIDENCE of them.

    counted: how many count.  excluded: why others do not -> how many.
    """

    rows: pd.DataFrame
    counted: int
    excluded: Mapping[str, int]


def metric(
    tables: Tables, name: str, scope: Scope, by: str | None, policy: Policy, switches: Sequence[str]
) -> pd.DataFrame:
    """A metric of the registry, with exactly the columns of its labels. switches: those that are on."""
    entry, on = METRICS[name], dict.fromkeys(switches, True)
    question = (name, by, tuple(switches), policy.model_dump_json() if entry.uses_policy else "")
    found: pd.DataFrame = ask(
        tables, question, lambda given, stand_in: entry.compute(given, stand_in, by, policy, on), scope
    ).to_pandas()
    return found


def first_rows(
    tables: Tables, name: str, scope: Scope, policy: Policy, only: Sequence[tuple[str, str]] = ()
) -> pd.DataFrame:
    """The first MOST_EVIDENCE rows of a metric that has one for each thing, such as an alert.

    only: columns with the one value that is wanted of each.
    """

    def first(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = METRICS[name].compute(given, asked, None, policy)
        for column, value in only:
            rows = rows.filter(rows[column] == value)
        return rows.limit(MOST_EVIDENCE)

    question = (name, "first rows", tuple(only), policy.model_dump_json())
    found: pd.DataFrame = ask(tables, question, first, scope).to_pandas()
    return found


def receipt(tables: Tables, name: str, scope: Scope, policy: Policy, switches: Sequence[str]) -> Receipt:
    """What stands behind a metric. switches: those that are on."""
    entry, on = METRICS[name], dict.fromkeys(switches, True)
    own = (name, tuple(switches), policy.model_dump_json() if entry.uses_policy else "")

    def rows_behind(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = entry.rows(given, asked, policy, on)
        return rows.filter(rows[EXCLUDED].isnull()).drop(EXCLUDED).limit(MOST_EVIDENCE)

    def by_reason(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = entry.rows(given, asked, policy, on)
        return rows.group_by(EXCLUDED).aggregate(n=rows.count())

    reasons = ask(tables, ("reasons", *own), by_reason, scope).to_pylist()
    counts = {row[EXCLUDED]: int(row["n"]) for row in reasons}
    return Receipt(
        rows=ask(tables, ("rows behind", *own), rows_behind, scope).to_pandas(),
        counted=counts.pop(None, 0),
        excluded=dict(sorted(counts.items(), key=lambda reason: -reason[1])),
    )


def listing(
    tables: Tables, name: str, scope: Scope, policy: Policy, text: str, states: Sequence[str], since: str
) -> pd.DataFrame:
    """The rows of a metric with `state` and SEARCH that hold every word of a text, worst and then oldest first.

    states: those whose rows are wanted; none of them means all.  since: the column that says how old a row is.
    """

    def listed(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        rows = matching(METRICS[name].compute(given, asked, None, policy), text)
        rows = rows.filter(rows.state.isin(states)) if states else rows
        return worst_first(rows, since).limit(MOST_LISTED).drop(SEARCH)

    question = (name, "listing", text, tuple(states), since, policy.model_dump_json())
    found: pd.DataFrame = ask(tables, question, listed, scope).to_pandas()
    return found


def states_of(tables: Tables, name: str, scope: Scope, policy: Policy, text: str) -> pd.DataFrame:
    """How many rows of such a metric hold every word of a text, by state: state and n."""

    def counted(given: Mapping[str, ir.Table], asked: Scope) -> ir.Table:
        return counted_by_state(matching(METRICS[name].compute(given, asked, None, policy), text))

    found: pd.DataFrame = ask(tables, (name, "states", text, policy.model_dump_json()), counted, scope).to_pandas()
    return found


def timeline(tables: Tables, scope: Scope, subject: str) -> pd.DataFrame:
    """What happened to an alert or a finding, newest first."""
    return _frame(timeline_of(tables, scope, subject)).iloc[::-1].reset_index(drop=True)


def row_counts(tables: Tables) -> dict[str, int]:
    """Rows per dataset."""
    return {name: tables.count_of(name) for name in DATASETS}


def repository_links(tables: Tables) -> dict[str, str]:
    """The address of each repository, where it is known."""
    told = tables["repositories"]
    known = _frame(told.filter(told.html_url.notnull()).select("repo", "html_url"))
    return dict(zip(known.repo, known.html_url, strict=True))


def newest(tables: Tables, dataset: str, repo: str) -> pd.DataFrame:
    """The newest rows of a repository in a dataset, at most MOST_OF_REPOSITORY of them."""
    rows = tables[dataset]
    rows = rows.filter(rows.repo == repo)
    return _frame(rows.order_by(rows.created_at.desc(nulls_first=False)).limit(MOST_OF_REPOSITORY))


def last_collections(tables: Tables) -> pd.DataFrame:
    """The newest collections: begin, seconds taken, sources and how many are incomplete, rows, requests."""
    entries = tables["collections"]
    runs = entries.group_by("collection_id").aggregate(
        started_at=entries.started_at.min(),
        seconds=entries.finished_at.max().delta(entries.started_at.min(), unit="second"),
        sources=entries.count(),
        rows=entries.rows.sum(),
        requests=entries.requests.sum(),
        incomplete=entries.count(where=~entries.outcome.isin(GOOD)),
    )
    return _frame(runs.order_by(runs.started_at.desc()).limit(SHOWN_COLLECTIONS))


def _frame(expression: ir.Table) -> pd.DataFrame:
    """By way of Arrow, which is quicker than Ibis' own conversion and keeps the types of pandas 3."""
    found: pd.DataFrame = expression.to_pyarrow().to_pandas()
    return found
