"""Tables of the Alerts page."""

from frontend.columns import Column
from shared.metrics import METRICS

_DECISION = (
    Column("owner", "Owner", help="Who answers for the decision in force."),
    Column("expires_at", "Decision expires", "time"),
)

_LINKS = (Column("pull_request_url", "Pull request", "link"), Column("session_url", "Session", "link"))

ALERTS = (
    Column("severity", "Severity", "severity"),
    Column("state", "State", "state", METRICS["alert_list"].definition),
    Column("what", "Alert"),
    Column("where", "Package or path"),
    Column("repo", "Repository"),
    Column("number", "Number", "count"),
    Column("kind", "Kind", "code"),
    Column("age_s", "Age (days)", "days", "Until it was closed, or until now."),
    *_DECISION,
    *_LINKS,
    Column("html_url", "GitHub", "link"),
)

FINDINGS = (
    Column("severity", "Severity", "severity"),
    Column("state", "State", "state", METRICS["finding_list"].definition),
    Column("what", "Finding"),
    Column("where", "Path and line"),
    Column("rule_id", "Rule"),
    Column("repo", "Repository"),
    Column("tool", "Tool"),
    Column("age_s", "Age (days)", "days", "Since it was first seen, until it was fixed or until now."),
    Column("appearances", "Scans", "count", "How many scans saw it."),
    *_DECISION,
    *_LINKS,
)

LAYOUTS = {"alert_list": ALERTS, "finding_list": FINDINGS}

TIMELINE = (
    Column("at", "When", "time"),
    Column("what", "What", "step"),
    Column("who", "Who"),
    Column("detail", "Detail"),
    Column("url", "Link", "link"),
)
