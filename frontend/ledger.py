"""Ledger: what is known of each source and dataset, as the Data page and a repository's page show it."""

from collections.abc import Mapping

import pandas as pd

from shared.datasets.alerts import KINDS
from shared.metrics.coverage import GOOD

_REFUSED = ("forbidden", "not_found")


def incomplete_first(ledger: pd.DataFrame) -> pd.DataFrame:
    """The ledger with what is incomplete on top, what is switched off below that, else in its own order."""
    rank = ledger.outcome.isin(GOOD) * 2 + (ledger.outcome == "disabled")
    return ledger.iloc[rank.to_numpy().argsort(kind="stable")].reset_index(drop=True)


def by_source(ledger: pd.DataFrame) -> pd.DataFrame:
    """How the sources of each dataset ended last: one row per dataset, with the least complete on top."""
    ended = ledger.assign(
        sources=1,
        complete=ledger.outcome.isin(GOOD),
        off=ledger.outcome == "disabled",
        refused=ledger.outcome.isin(_REFUSED),
        cut_short=ledger.outcome == "partial",
        failed=ledger.outcome == "failed",
    )
    sums = {name: (name, "sum") for name in ("sources", "complete", "off", "refused", "cut_short", "failed")}
    found = ended.groupby("dataset").agg(**sums, last_good_at=("last_good_at", "max"))
    missing = found.refused + found.cut_short + found.failed
    return found.loc[missing.sort_values(ascending=False, kind="stable").index].reset_index()


def freshness(ledger: pd.DataFrame, rows: Mapping[str, int], files: pd.DataFrame) -> pd.DataFrame:
    """One row per dataset: rows, files, bytes, when it was last collected well, and how many sources are not.

    files: columns dataset, files, bytes. A kind of alert is a source of the dataset alerts.
    """
    sources = ledger.assign(dataset=ledger.dataset.where(~ledger.dataset.isin(KINDS), "alerts"))
    bad = ~sources.outcome.isin((*GOOD, "disabled"))
    known = sources.assign(incomplete=bad).groupby("dataset").agg({"last_good_at": "max", "incomplete": "sum"})
    counted = files.assign(rows=[rows[name] for name in files.dataset])
    return counted.merge(known.reset_index(), on="dataset", how="left")
