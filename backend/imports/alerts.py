"""Alerts as an import: GitHub's objects of three kinds, told apart by their shape, and tables of alerts."""

from backend.imports.kind import Kind
from backend.mapping.alerts import alert_kind, alert_row
from backend.mapping.closing import finish_alert, reason_word
from backend.mapping.code_scanning import branch_name
from backend.mapping.secret_scanning import state_by_resolution
from backend.mapping.severity import severity_level, severity_of_score
from backend.mapping.stamp import Raw, Row, Stamp, Unusable
from shared.cwe import SECRETS, cwe_id
from shared.datasets import ALERTS as DATASET
from shared.datasets.alerts import KINDS


def _is_alert(raw: Raw) -> bool:
    """Tables may have columns of these names, but no nested objects in them, nor numbers that are no text."""
    if "kind" in raw:
        return False
    bare = alert_kind(raw) == "secret_scanning" and isinstance(raw.get("number"), int)
    return bare or any(isinstance(value, dict) for value in raw.values())


def _alert(raw: Raw, repo: str | None, stamp: Stamp) -> Row:
    kind = alert_kind(raw)
    if kind is None:
        raise Unusable("no alert of code scanning, Dependabot or secret scanning")
    return alert_row(kind, raw, repo, stamp)


def _finish(row: Row) -> Row:
    kind = _kind(row)
    state, reason = reason_word(row.get("state")), reason_word(row.get("close_reason"))
    cwes = row.get("cwes")
    return finish_alert(
        {
            **row,
            "kind": kind,
            "state": state_by_resolution(state, reason) if kind == "secret_scanning" else state,
            "severity": severity_level(row.get("severity"), severity_of_score(row.get("security_severity"))),
            "cwes": None if cwes is None else [found for cwe in cwes if (found := cwe_id(cwe))],
            "branch": branch_name(row.get("branch")),
            "cwe_family": SECRETS if kind == "secret_scanning" else row.get("cwe_family"),
            "close_reason": reason,
        }
    )


def _kind(row: Row) -> str:
    """The kind a row of a table names, else the one whose own columns it fills."""
    named = reason_word(row.get("kind")) or reason_word(row.get("tool"))
    kind = {"secret_scanning_alert": "secret_scanning"}.get(named or "", named)
    if kind in KINDS:
        return str(kind)
    if row.get("ghsa_id") or row.get("package"):
        return "dependabot"
    if row.get("rule_id"):
        return "code_scanning"
    raise Unusable("no kind: neither the row nor its columns tell which kind of alert it is")


ALERTS = Kind(
    name="alerts",
    title="alerts",
    dataset=DATASET,
    identity="number",
    pages=("alerts",),
    event="alert",
    is_object=_is_alert,
    from_object=_alert,
    finish=_finish,
    aliases={
        "kind": ("alert_type", "type", "alert_kind"),
        "number": ("alert_number", "alert_id"),
        "state": ("status", "alert_state"),
        "severity": ("security_severity_level", "alert_severity", "rule_severity"),
        "security_severity": ("cvss", "cvss_score"),
        "rule_id": ("rule", "secret_type"),
        "rule_name": ("rule_description", "title", "summary", "secret_type_display_name"),
        "cwes": ("cwe", "cwe_ids"),
        "tool": ("tool_name",),
        "package": ("package_name", "dependency"),
        "ecosystem": ("package_ecosystem",),
        "ghsa_id": ("ghsa",),
        "cve_id": ("cve",),
        "path": ("file", "file_path", "manifest_path"),
        "start_line": ("line",),
        "branch": ("ref",),
        "created_at": ("created", "opened_at"),
        "updated_at": ("updated",),
        "fixed_at": ("fixed",),
        "dismissed_at": ("auto_dismissed_at", "dismissed"),
        "closed_at": ("resolved_at", "closed"),
        "close_reason": ("dismissed_reason", "resolution", "reason"),
        "dismissed_by": ("resolved_by",),
    },
    telling=frozenset({"kind", "state", "severity", "rule_id", "ghsa_id"}),
    foreign=frozenset({"runid", "jobid"}),
)
