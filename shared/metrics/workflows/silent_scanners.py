"""Silent scanners: where code is no longer scanned, so that falling numbers of alerts are not to be trusted."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.metric import Metric
from shared.metrics.workflows.cadence import last_times, median_intervals, overdue
from shared.metrics.workflows.workflow_state import judged_workflows
from shared.policy.policy import Policy
from shared.scope import Scope

SCANNERS = {
    "CodeQL": "codeql",
    "Scorecard": "scorecard",
    "Semgrep": "semgrep",
    "Trivy": "trivy",
    "Snyk": "snyk",
    "SonarQube": "sonar",
    "Checkov": "checkov",
    "tfsec": "tfsec",
    "Grype": "grype",
    "OSV-Scanner": "osv-scanner",
    "Gitleaks": "gitleaks",
    "TruffleHog": "trufflehog",
    "Bandit": "bandit",
    "gosec": "gosec",
    "Brakeman": "brakeman",
    "zizmor": "zizmor",
}
"""Tools that report code scanning alerts, with what their names and the names or files of their workflows hold."""

SILENT = ("failing", "stale", "inactive")
"""States of a workflow in which its tool does not scan."""

_DAY_S = 86_400.0
_KEY = ("repo", "tool")


def silent_scanners(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy) -> ir.Table:
    """One row per repository and tool that scanned before the scope's end and does not any more, longest silent first.

    No data: no rows.
    """
    both = _workflows(tables, scope, policy).outer_join(_scans(tables, scope, policy), [*_KEY])
    known = {name: ibis.coalesce(both[name], both[f"{name}_right"]) for name in ("org", *_KEY)}
    # A workflow may be broken and its tool yet scan from another; without a workflow, the scans alone tell.
    silent = both.scan_overdue.fill_null(True) & both.workflow_silent.fill_null(True)
    last_sign = ibis.greatest(both.last_success_at, both.last_scan_at)
    last_sign = ibis.coalesce(last_sign, both.last_success_at, both.last_scan_at)
    facts = ("workflow_name", "state", "last_run_at", "last_success_at", "last_scan_at")
    days = seconds_between(last_sign, ibis.literal(scope.until)) / _DAY_S
    found = both.filter(silent).select(*facts, **known, days_silent=days)
    return found.select(*SILENT_SCANNERS.columns).order_by(
        found.days_silent.desc(nulls_first=True), found.repo, found.tool
    )


def _workflows(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """Each repository's tools by their workflows; silent if none that ever ran is healthy."""
    states = judged_workflows(tables, scope, policy.workflows)
    text = states.workflow_path.fill_null("") + " " + states.workflow_name.fill_null("")
    found = states.mutate(tool=_tool(text, ibis.null("string")))
    found = found.filter(found.tool.notnull(), found.last_run_at.notnull())
    # Of workflows that ran last at one time, the one whose name comes last.
    position = ibis.struct({"last_run_at": found.last_run_at, "name": found.workflow_name})
    return found.group_by(*_KEY).aggregate(
        org=found.org.max(),
        workflow_name=found.workflow_name.argmax(position),
        state=found.state.argmax(position),
        last_run_at=found.last_run_at.max(),
        last_success_at=found.last_success_at.max(),
        workflow_silent=found.state.isin(SILENT).all(),
    )


def _scans(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """Each repository's tools by their scans that ended well; overdue where a workflow were stale or inactive."""
    limits, until = policy.workflows, ibis.literal(scope.until)
    scans = scope.filter(tables["scans"])
    scans = scans.filter(scans.created_at < until, scans.error.fill_null("") == "", scans.tool.notnull())
    scans = scans.mutate(tool=_tool(scans.tool, scans.tool))
    facts = scans.group_by(*_KEY).aggregate(
        org=scans.org.max(),
        last_scan_at=scans.created_at.max(),
        last_times=last_times(scans.created_at),
    )
    known = facts.left_join(median_intervals(facts, _KEY), [*_KEY])
    quiet_s = seconds_between(known.last_scan_at, until)
    rests = quiet_s >= limits.inactive_after.total_seconds()
    late = rests | overdue(quiet_s, known.median_interval_s, limits)
    return known.select(*_KEY, "org", "last_scan_at", scan_overdue=late)


def _tool(text: ir.StringValue, other: ir.StringValue) -> ir.StringValue:
    """The tool that a text names."""
    lower = text.lower()
    return ibis.cases(*((lower.contains(part), name) for name, part in SCANNERS.items()), else_=other)


SILENT_SCANNERS = Metric(
    name="silent_scanners",
    title="Silent scanners",
    definition=(
        "Repositories that a code scanning tool no longer scans, as of the end of the range: alerts of that tool can "
        "close there because nobody looks, and their falling number is not to be trusted. A tool is known by its scans "
        "and by workflows whose name or file holds its name. It is silent if none of its workflows is healthy (each is "
        "failing, stale, inactive or has never run) and its last scan that ended well is so long ago that a workflow "
        "would be stale or, as where a single scan tells of no cadence, inactive. Silent days count from its last "
        "scan or successful run."
    ),
    unit="tools of repositories",
    inputs=("workflows", "workflow_runs", "repositories", "scans"),
    exclusions=f"Workflows that never ran; workflows of tools other than {', '.join(SCANNERS)}.",
    columns={
        "org": "Organisation",
        "repo": "Repository",
        "tool": "Tool",
        "workflow_name": "Workflow",
        "state": "State of the workflow",
        "last_run_at": "Last run",
        "last_success_at": "Last success",
        "last_scan_at": "Last scan",
        "days_silent": "Silent for (days)",
    },
    uses_policy=True,
    at_end=True,
    formula=silent_scanners,
)
