"""Alert list: every alert as of a time with its derived state, the decision on it and the work on it."""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.findings.derived_state import STATE_TEXT, counted_by_state, with_state
from shared.metrics.findings.search import searchable
from shared.metrics.findings.triage import decisions_as_of
from shared.metrics.findings.work import alert_ref, work_as_of
from shared.metrics.metric import Metric
from shared.metrics.remediation.alerts import alerts_as_of, clock_started
from shared.metrics.remediation.digests import narrow
from shared.policy.policy import Policy
from shared.scope import Scope


def alert_list(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """One row per alert open at scope.until, or closed in the scope's range. No data: no rows."""
    return with_state(_alerts(tables, scope, policy, _told), work_as_of(tables, scope), decisions_as_of(tables, scope))


def _alerts(
    tables: Mapping[str, ir.Table],
    scope: Scope,
    policy: Policy | None,
    told: Callable[[ir.Table, Scope], dict[str, ir.Value]],
) -> ir.Table:
    """Alerts with what their state is derived from, and what else is to be told of them."""
    alerts = alerts_as_of(tables, scope, policy)
    if scope.since is not None:
        since = ibis.literal(scope.since)
        # The first condition says less than the second, but lets the engine skip what was closed long ago.
        alerts = alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= since))
        alerts = alerts.filter((alerts.state == "open") | (alerts.closed_at >= since))
    alerts = clock_started(tables, alerts, scope, restart=True)
    place = alerts.repo + "/" + alerts.kind + "/" + alerts.number.cast("string")
    ticket = alerts.fingerprint.lower()
    return alerts.select(
        **told(alerts, scope),
        subject=ibis.literal("alert:") + place,
        ref=ibis.ifelse(
            ticket.startswith("cqlf-").fill_null(False), ticket, alert_ref(alerts.repo, alerts.kind, alerts.number)
        ),
        fixed_at=ibis.ifelse(alerts.state == "fixed", ibis.coalesce(alerts.closed_at, alerts.fixed_at), None),
        open_since=alerts.clock_from,
        dismissed=alerts.state.isin(("dismissed", "auto_dismissed")),
        recurring=(alerts.clock_from > alerts.created_at).fill_null(False),
    )


def _told(alerts: ir.Table, scope: Scope) -> dict[str, ir.Value]:
    """The columns of alert_list besides those of its state."""
    parts = (*(alerts[name] for name in _SEARCHED), alerts.cwes.join(" "), alerts.number.cast("string"))
    return {
        **{name: alerts[name] for name in _KEPT},
        "source_state": alerts.state,
        "age_s": seconds_between(alerts.created_at, ibis.coalesce(alerts.closed_at, ibis.literal(scope.until))),
        "search": searchable(*parts),
    }


def alert_states(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """How many alerts of alert_list are in each state: state and n, states without alerts left out."""
    bare = _alerts(narrow(tables, scope), scope, policy, lambda _, __: {})
    return counted_by_state(with_state(bare, work_as_of(tables, scope), decisions_as_of(tables, scope)))


_SEARCHED = (
    "repo",
    "kind",
    "rule_id",
    "rule_name",
    "path",
    "package",
    "ecosystem",
    "ghsa_id",
    "cve_id",
    "tool",
    "cwe_family",
)

_KEPT = (
    *("repo", "kind", "number", "severity", "rule_id", "rule_name", "cwe_family", "tool", "package", "path"),
    *("created_at", "closed_at", "close_reason", "html_url"),
)

_INPUTS = ("alerts", "alert_events", "pull_requests", "agent_sessions", "triage")

_DEFINITION = (
    f"{STATE_TEXT} Then dismissed on GitHub, unless it was re-opened here. Else new, or recurring if it was re-opened. "
    "What was merged before an alert was re-opened is of its earlier life. Pull requests and sessions belong to the "
    "alerts that they name."
)

_EXCLUSIONS = "Alerts created after the end of the range, and those closed before its start."

ALERT_LIST = Metric(
    name="alert_list",
    title="Alerts",
    definition=f"Each alert that was open at the end of the range or closed in it, with its state. {_DEFINITION}",
    unit="alerts",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={
        "subject": "Subject",
        "repo": "Repository",
        "kind": "Alert kind",
        "number": "Number",
        "severity": "Severity",
        "state": "State",
        "source_state": "State on GitHub",
        "rule_id": "Rule",
        "rule_name": "Rule name",
        "cwe_family": "CWE family",
        "tool": "Tool",
        "package": "Package",
        "path": "Path",
        "created_at": "Created",
        "closed_at": "Closed",
        "close_reason": "Close reason",
        "age_s": "Age (s)",
        "decision": "Decision in force",
        "owner": "Owner",
        "reason": "Reason",
        "decided_at": "Decided",
        "expires_at": "Decision expires",
        "pull_request_url": "Pull request",
        "session_url": "Agent session",
        "search": "Searched text",
        "html_url": "Link",
    },
    formula=alert_list,
    uses_policy=True,
)

ALERT_STATES = Metric(
    name="alert_states",
    title="Alerts by state",
    definition=f"How many alerts, open at the end of the range or closed in it, are in each state. {_DEFINITION}",
    unit="alerts",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={"state": "State", "n": "Alerts"},
    formula=alert_states,
    uses_policy=True,
    evidence=lambda tables, scope, *, policy=None: ALERT_LIST.rows(tables, scope, policy),
)
