"""Uncovered: in which part of a chart's time the ledger does not vouch for what the chart shows."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

Series: TypeAlias = "pd.Series[Any]"

_NO_MATTER_OF_TIME = ("disabled", "forbidden", "not_found")
"""How sources end that will not be covered later either, unless somebody does something; other places tell of them."""


def missing_by_bucket(ledger: pd.DataFrame, sources: tuple[str, ...], starts: Series) -> pd.DataFrame:
    """For each bucket how many sources are not covered in any part of it: columns `missing` and `sources`.

    ledger: the metric coverage.  sources: the datasets that the chart draws.  starts: of the buckets, in order.
    What was never complete and may yet be counts as missing throughout. An empty ledger says nothing: zeros.
    """
    rows = ledger[ledger.dataset.isin(sources) & ~ledger.repo.str.endswith("/*")]
    rows = rows[rows.covered_until.notna() | ~rows.outcome.isin(_NO_MATTER_OF_TIME)]
    since, until = np.sort(_plain(rows.covered_since.dropna())), np.sort(_plain(rows.covered_until.dropna()))
    begins = _plain(starts)
    ends = np.append(begins[1:], np.datetime64("9999-01-01"))
    never = len(rows) - len(until)
    not_yet = len(since) - np.searchsorted(since, ends[: len(begins)], side="left")
    no_more = np.searchsorted(until, begins, side="right")
    return pd.DataFrame({"missing": never + not_yet + no_more, "sources": len(rows)}, index=starts.index)


def _plain(times: Series) -> "np.ndarray[Any, Any]":
    """Times as numpy knows them, in UTC."""
    return pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
