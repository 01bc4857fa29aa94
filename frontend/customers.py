"""Customers: their scores as the pages show them, from one answer for all of them."""

from datetime import datetime

import pandas as pd

from frontend import data
from frontend.first_row.at_risk import TIERS_AND_SCORES
from frontend.health import signals_of, with_cause
from frontend.words import UNKNOWN, one_line
from shared.metrics.customers.signals import SIGNALS, UNKNOWN_BECAUSE
from shared.scope import Scope

ORDERS = {"health": "Health, lowest first", "name": "Name"}


def customer_health(scope: Scope) -> pd.DataFrame:
    """The metric customer_health with `cause`, `label` and `short`, lowest score first; of the scope its end counts.

    label: see customer_label.  short: the name, cut, with the id beside it only where others have the same.
    """
    return data.kept(_labelled, scope.until)


def listed(scope: Scope, order: str, text: str) -> pd.DataFrame:
    """Those of customer_health whose name, id, segment or owner hold every word of a text. order: a key of ORDERS."""
    rows = customer_health(scope)
    if not text.strip():
        return data.kept(_ordered, rows, order)
    found = data.kept(_searched, scope.until)
    for word in text.casefold().split():
        found = found[found.str.contains(word, regex=False)]
    return _ordered(rows.loc[found.index], order)


def customer_label(name: object, customer_id: str) -> str:
    """What a customer is called where one is chosen, and in the URL: no two are called the same."""
    return customer_id if name == customer_id else f"{one_line(name, 48)} · {customer_id}"


def customer_signals(health: pd.DataFrame) -> pd.DataFrame:
    """The score of one customer (one row, or none) by signal."""
    return signals_of(health, SIGNALS, UNKNOWN_BECAUSE)


def tiers_and_scores(health: pd.DataFrame) -> pd.DataFrame:
    """What the first row of a page of health looks at."""
    return health[TIERS_AND_SCORES]


def _ordered(rows: pd.DataFrame, order: str) -> pd.DataFrame:
    if order == "name":
        rows = rows.sort_values("name", key=lambda names: names.fillna("").str.casefold(), kind="stable")
    return rows.reset_index(drop=True)


def _labelled(until: datetime) -> pd.DataFrame:
    health = data.metric("customer_health", Scope(until=until))
    pairs = zip(health["name"], health.customer_id, strict=True)
    labels = [customer_label(*pair) for pair in pairs]
    return with_cause(health, SIGNALS).assign(
        label=pd.Series(labels, index=health.index, dtype="object"), short=_short(health)
    )


def _short(health: pd.DataFrame) -> "pd.Series[str]":
    names = pd.Series([one_line(name, 26) for name in health["name"]], index=health.index, dtype="object")
    alike = names.duplicated(keep=False) | (names == UNKNOWN)
    return names.where(~alike, names + " · " + health.customer_id)


def _searched(until: datetime) -> "pd.Series[str]":
    """What is searched in, by the place in customer_health."""
    told = _labelled(until)[["name", "customer_id", "segment", "owner"]].fillna("").astype("str")
    return told["name"].str.cat(told[["customer_id", "segment", "owner"]], sep="\n").str.casefold()
