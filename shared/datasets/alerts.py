"""Alerts: one row per code-scanning, Dependabot or secret-scanning alert."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shared.datasets.dataset import OLD, STRINGS, TS, WEBHOOK_SOURCE, Dataset

KINDS = ("code_scanning", "dependabot", "secret_scanning")
STATES = ("open", "fixed", "dismissed", "auto_dismissed")
CLOSED_STATES = STATES[1:]
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
"""Worst first."""


def _reopened_count(alerts: ir.Table) -> ir.Value:
    """One more than stored when a closed alert turns up open; never less than the new row itself brings.

    So collections and webhooks count together without knowing of each other, and the same row again counts nothing. An
    alert that was never seen to reopen, and brings no count, stays unknown.
    """
    stored = alerts[f"{OLD}reopened_count"]
    pushed = alerts.source == WEBHOOK_SOURCE  # deliveries may come in any order: their events are counted
    later = alerts.updated_at > alerts[f"{OLD}updated_at"]
    reopened = alerts[f"{OLD}state"].isin(CLOSED_STATES) & (alerts.state == "open") & later & ~pushed
    return ibis.greatest(ibis.ifelse(reopened, stored.fill_null(0) + 1, stored), alerts.reopened_count)


def _is_timed_by_receipt(alerts: ir.Table, old: str = "") -> ir.BooleanValue:
    """Whether a row is of a delivery that did not say when the change was: it has the time it was received."""
    pushed = alerts[f"{old}source"] == WEBHOOK_SOURCE
    return (pushed & (alerts[f"{old}updated_at"] == alerts[f"{old}collected_at"])).fill_null(False)


def _overrides(alerts: ir.Table) -> ir.BooleanValue:
    """A time of receipt and a time of change do not compare: what GitHub said last counts, and real times go first."""
    new, old = _is_timed_by_receipt(alerts), _is_timed_by_receipt(alerts, OLD)
    pushed, was_pushed = ((alerts[name] == WEBHOOK_SOURCE).fill_null(False) for name in ("source", f"{OLD}source"))
    later = (alerts.collected_at >= alerts[f"{OLD}collected_at"]).fill_null(False)
    same = alerts.state.identical_to(alerts[f"{OLD}state"])
    return ibis.cases((new & ~was_pushed, later & ~same), (old & ~pushed, later | same), else_=ibis.null("boolean"))


def _severity(alerts: ir.Table) -> ir.Value:
    """A delivery of code scanning has no security severity; what a collection knew of it stays."""
    stored = alerts[f"{OLD}severity"]
    silent = (alerts.kind == "code_scanning") | (alerts.severity == "unknown")
    keeps = (alerts.source == WEBHOOK_SOURCE) & silent & (stored != "unknown")
    return ibis.ifelse(keeps.fill_null(False), stored, alerts.severity)


def _family(alerts: ir.Table) -> ir.Value:
    silent = (alerts.source == WEBHOOK_SOURCE) & alerts.cwes.isnull() & alerts[f"{OLD}cwes"].notnull()
    return ibis.ifelse(silent.fill_null(False), alerts[f"{OLD}cwe_family"], alerts.cwe_family)


def _kept(column: str) -> Callable[[ir.Table], ir.Value]:
    """What a delivery does not tell stays as a collection told it."""

    def expression(alerts: ir.Table) -> ir.Value:
        pushed = (alerts.source == WEBHOOK_SOURCE).fill_null(False)
        told = ibis.coalesce(alerts[column], alerts[f"{OLD}{column}"])
        return ibis.ifelse(pushed, told, alerts[column])

    return expression


_FACTS = (
    *("security_severity", "rule_id", "rule_name", "cwes", "tool", "package", "ecosystem", "ghsa_id", "cve_id"),
    *("path", "start_line", "branch", "fingerprint", "created_at", "html_url"),
)
"""What does not change with an alert's state."""

ALERTS = Dataset(
    name="alerts",
    title="Security alerts",
    reach="repo",
    columns=(
        ("repo", pa.string()),
        ("org", pa.string()),
        ("kind", pa.string()),
        ("number", pa.int64()),
        ("state", pa.string()),
        ("severity", pa.string()),
        ("security_severity", pa.float64()),
        ("rule_id", pa.string()),
        ("rule_name", pa.string()),
        ("cwes", STRINGS),
        ("cwe_family", pa.string()),
        ("tool", pa.string()),
        ("package", pa.string()),
        ("ecosystem", pa.string()),
        ("ghsa_id", pa.string()),
        ("cve_id", pa.string()),
        ("path", pa.string()),
        ("start_line", pa.int32()),
        ("branch", pa.string()),
        ("fingerprint", pa.string()),
        ("created_at", TS),
        ("updated_at", TS),
        ("fixed_at", TS),
        ("dismissed_at", TS),
        ("closed_at", TS),
        ("close_reason", pa.string()),
        ("dismissed_by", pa.string()),
        ("reopened_count", pa.int32()),
        ("html_url", pa.string()),
    ),
    key=("repo", "kind", "number"),
    version="updated_at",
    sort=("repo", "kind", "number"),
    overrides=_overrides,
    carried={
        "reopened_count": _reopened_count,
        "severity": _severity,
        "cwe_family": _family,
        **{column: _kept(column) for column in _FACTS},
    },
    watched=("state", "closed_at", "updated_at", "fixed_at", "source"),
)
