"""Finding list: every issue that scans found, as of a time, with its derived state and the decision on it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.findings.derived_state import STATE_TEXT, counted_by_state, with_state
from shared.metrics.findings.search import searchable
from shared.metrics.findings.triage import decisions_as_of
from shared.metrics.findings.work import alert_ref, work_as_of
from shared.metrics.metric import Metric
from shared.scope import Scope


def finding_list(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """One row per finding seen before scope.until that was open then, or fixed in the range. No data: no rows.

    last_seen and appearances are null where scans after scope.until have changed them.
    """
    until = ibis.literal(scope.until)
    found = scope.filter(tables["findings"])
    fixed_at = ibis.ifelse(found.fixed_at < until, found.fixed_at, None)
    found = found.filter(found.first_seen < until).mutate(fixed_at=fixed_at)
    if scope.since is not None:
        found = found.filter(found.fixed_at.isnull() | (found.fixed_at >= ibis.literal(scope.since)))
    found = _with_alert(tables, found)
    place = found.repo + "/" + found.tool + "/" + found.fingerprint
    known = found.last_seen < until
    rows = found.select(
        *_KEPT,
        subject=ibis.literal("finding:") + place,
        ref=ibis.coalesce(found.alert_ref, place.lower()),
        last_seen=ibis.ifelse(known, found.last_seen, None),
        appearances=ibis.ifelse(known, found.appearances, None),
        fixed_at=found.fixed_at,
        open_since=found.first_seen,
        dismissed=ibis.literal(False),
        recurring=(found.appearances > 1).fill_null(False),
        age_s=seconds_between(found.first_seen, ibis.coalesce(found.fixed_at, until)),
        search=searchable(*(found[name] for name in _SEARCHED), place),
    )
    return with_state(rows, work_as_of(tables, scope), decisions_as_of(tables, scope))


def finding_states(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """How many findings of finding_list are in each state: state and n, states without findings left out."""
    return counted_by_state(finding_list(tables, scope))


def _with_alert(tables: Mapping[str, ir.Table], found: ir.Table) -> ir.Table:
    """Findings with `alert_ref`, the code scanning alert of the same rule at the same place, as work refers to it."""
    alerts = tables["alerts"]
    alerts = alerts.filter(alerts.kind == "code_scanning")
    first = alerts.group_by(*_PLACE).aggregate(number=alerts.number.max())
    paired = found.left_join(first, list(_PLACE))
    ref = alert_ref(paired.repo, ibis.literal("code_scanning"), paired.number)
    return paired.select(*found.columns, alert_ref=ref)


_PLACE = ("repo", "tool", "rule_id", "path", "start_line")

_SEARCHED = ("rule_id", "message", "path", "cwe_family", "severity")

_KEPT = (
    *("repo", "tool", "fingerprint", "severity", "rule_id", "cwe_family", "path", "start_line", "message"),
    "first_seen",
)

_INPUTS = ("findings", "alerts", "pull_requests", "agent_sessions", "triage")

_DEFINITION = (
    f"{STATE_TEXT} Else recurring if more than one scan saw it, or new. The same issue in several scans of a tool is "
    "told by its fingerprint; it is fixed when a complete scan of the same category does not see it any more. Pull "
    "requests and sessions belong to the finding through the code scanning alert of the same rule at the same place."
)

_EXCLUSIONS = (
    "Findings first seen after the end of the range, and those fixed before its start; one that was gone for a while "
    "and came back counts as there all the time."
)

FINDING_LIST = Metric(
    name="finding_list",
    title="Findings of scans",
    definition=f"Each finding that was open at the end of the range or fixed in it, with its state. {_DEFINITION}",
    unit="findings",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={
        "subject": "Subject",
        "repo": "Repository",
        "tool": "Tool",
        "fingerprint": "Fingerprint",
        "severity": "Severity",
        "state": "State",
        "rule_id": "Rule",
        "cwe_family": "CWE family",
        "path": "Path",
        "start_line": "Line",
        "message": "Message",
        "first_seen": "First seen",
        "last_seen": "Last seen",
        "appearances": "Scans that saw it",
        "fixed_at": "Fixed",
        "age_s": "Age (s)",
        "decision": "Decision in force",
        "owner": "Owner",
        "reason": "Reason",
        "decided_at": "Decided",
        "expires_at": "Decision expires",
        "pull_request_url": "Pull request",
        "session_url": "Agent session",
        "search": "Searched text",
    },
    formula=finding_list,
)

FINDING_STATES = Metric(
    name="finding_states",
    title="Findings by state",
    definition=f"How many findings, open at the end of the range or fixed in it, are in each state. {_DEFINITION}",
    unit="findings",
    inputs=_INPUTS,
    exclusions=_EXCLUSIONS,
    columns={"state": "State", "n": "Findings"},
    formula=finding_states,
    evidence=FINDING_LIST.rows,
)
