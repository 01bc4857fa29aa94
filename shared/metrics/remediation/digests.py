"""Digests of alerts: what most figures need of each, in the order in which they were closed, and which there are."""

from collections.abc import Mapping

import ibis.expr.types as ir

from shared.metrics.digest import Digest, as_they_are
from shared.scope import Scope

_TOLD = (
    *("repo", "org", "kind", "number", "state", "severity", "cwes", "cwe_family", "tool"),
    *("fingerprint", "created_at", "updated_at", "fixed_at", "closed_at", "close_reason"),
)


def _in_order_of_closing(alerts: ir.Table) -> ir.Table:
    """Few columns, those still open last: a question about a range skips what was closed long before it."""
    return alerts.select(*_TOLD).order_by(alerts.closed_at.asc(nulls_first=False), alerts.created_at)


ALERT_TIMES = Digest(
    name="alert_times",
    of="alerts",
    time="created_at",
    last="created_at",
    make=_in_order_of_closing,
    fold=as_they_are,
)


def kinds_of(alerts: ir.Table) -> ir.Table:
    """One row per repository, kind and severity: when the first of its alerts were known, and the last changed."""
    return alerts.group_by("org", "repo", "kind", "severity").aggregate(
        first_created_at=alerts.created_at.min(),
        first_closed_at=alerts.closed_at.min(),
        last_created_at=alerts.created_at.max(),
        last_updated_at=alerts.updated_at.max(),
    )


ALERT_KINDS = Digest(
    name="alert_kinds",
    of="alerts",
    time="created_at",
    last="last_created_at",
    make=kinds_of,
    fold=as_they_are,
)


def narrow(tables: Mapping[str, ir.Table], scope: Scope | None = None) -> Mapping[str, ir.Table]:
    """The tables with few columns of alerts, which is all that most figures need. scope: what they are about, if known.

    The dataset itself is in the order of repositories, so that those of some repositories are found in it sooner.
    """
    return {**tables, "alerts": tables["alerts"].select(*_TOLD) if scope and scope.repos else ALERT_TIMES.whole(tables)}
