"""Tables of the pages API and models, and Threats and feedback."""

from frontend.columns import Column

_FIGURES = (
    Column("n", "Requests", "count"),
    Column("errors", "Failed", "count"),
    Column("success_rate", "Success rate (%)", "share"),
    Column("p50_latency_ms", "Median latency (ms)", "number"),
    Column("p95_latency_ms", "p95 latency (ms)", "number"),
    Column("p99_latency_ms", "p99 latency (ms)", "number"),
    Column("tokens", "Tokens", "count"),
    Column("cost_usd", "Cost (USD)", "money"),
    Column("users", "Users", "count"),
)

TREND = (Column("period_start", "From (UTC)", "utc"), *_FIGURES)
MODELS = (Column("model", "Model", "line", pinned=True), *_FIGURES)
COUNTRIES = (Column("name", "Country", "line", pinned=True), *_FIGURES)
STATUSES = (Column("status", "Status"), Column("n", "Requests", "count"))

THREATS = (
    Column("type", "Threat", "code", pinned=True),
    Column("severity", "Severity", "severity"),
    Column("state", "State", "state"),
    Column("at", "Seen", "since"),
    Column("description", "What happened", "line"),
    Column("user", "User", "line"),
    Column("ip_hash", "Address (hashed)", "line", "A keyed hash: the same address has the same one.", width=140),
    Column("raw_excerpt", "Excerpt", "line"),
    Column("resolved_at", "Resolved", "since"),
    Column("resolved_by", "Resolved by", "line"),
    Column("request_id", "Request", "line"),
)

THREAT_TYPES = (
    Column("type", "Threat", "code"),
    Column("n", "Threats", "count"),
    Column("unresolved", "Unresolved", "count"),
)

RATINGS = (Column("stars", "Rating"), Column("n", "Ratings", "count"))

FEEDBACK = (
    Column("at", "When", "since"),
    Column("stars", "Rating"),
    Column("comment", "Comment", "line", width=280),
    Column("user", "User", "line"),
    Column("model", "Model", "line"),
    Column("endpoint", "Endpoint", "line"),
    Column("service", "Service", "line"),
)
