"""Tables of the Repository page."""

from frontend.columns import Column

SIGNALS = (
    Column("title", "Signal"),
    Column("signal", "Value (0-100)", "number"),
    Column("weight", "Weight (%)", "share", "Among the signals that are known."),
    Column("lost", "Points lost", "number"),
    Column("known", "What is known"),
)

OPEN_ALERTS = (
    Column("severity", "Severity", "severity"),
    Column("kind", "Kind", "code"),
    Column("number", "Number", "count"),
    Column("rule_id", "Rule"),
    Column("package", "Package"),
    Column("path", "Path"),
    Column("age_s", "Age (days)", "days"),
    Column("created_at", "Created", "since"),
    Column("html_url", "GitHub", "link"),
)

SESSIONS = (
    Column("title", "Session"),
    Column("provider", "Agent", "code"),
    Column("status", "Status", "code"),
    Column("created_at", "Started", "since"),
    Column("ended_at", "Ended", "since"),
    Column("acus", "ACUs", "number"),
    Column("cost_usd", "Cost (USD)", "number"),
    Column("url", "Open", "link"),
)

PULL_REQUESTS = (
    Column("title", "Pull request"),
    Column("number", "Number", "count"),
    Column("state", "State", "code"),
    Column("author", "Author"),
    Column("session_id", "Agent session"),
    Column("created_at", "Opened", "since"),
    Column("merged_at", "Merged", "since"),
    Column("html_url", "GitHub", "link"),
)

CONFIGURATION = (Column("name", "Setting"), Column("value", "Value"))
