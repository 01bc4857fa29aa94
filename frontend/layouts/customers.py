"""Tables of the Customers and the Customer page."""

from frontend.columns import Column
from frontend.layouts.at_risk import HISTORY as REPOSITORY_HISTORY
from shared.metrics import METRICS
from shared.metrics.customers.signals import SIGNALS

CUSTOMERS = (
    Column("name", "Customer", "line", pinned=True),
    Column("score", "Score", "number", METRICS["customer_health"].definition),
    Column("tier", "Tier", "tier"),
    Column(
        "change_7d", "Change, 7 days", "number", "Points against the score of seven days before; above 0 is better."
    ),
    Column("cause", "Biggest cause", "line"),
    Column("last_login_at", "Last login", "since"),
    Column("last_feature_at", "Last feature use", "since"),
    Column("last_feature", "Feature", "line"),
    Column("last_ticket_at", "Last ticket", "since"),
    Column("last_ticket", "Ticket", "state"),
    Column("last_invoice_at", "Last invoice", "since"),
    Column("last_invoice", "Invoice", "state"),
    Column("last_api_at", "Last API call", "since"),
    Column("last_endpoint", "Endpoint", "line"),
    Column("segment", "Segment", "line"),
    Column("owner", "Owner", "line"),
    Column("customer_id", "Id", "line"),
    Column("unknown", "Unknown signals", "count", "Left out of the score; the other weights add up to 1."),
)

AT_RISK = (
    *CUSTOMERS[:5],
    *(Column(f"lost_{name}", f"{title} (points)", "number", "Points lost.") for name, title in SIGNALS.items()),
    Column("owner", "Owner", "line"),
    Column("customer_id", "Id", "line"),
)

HISTORY = tuple(
    Column("n", "Customers with a score", "count") if column.name == "n" else column for column in REPOSITORY_HISTORY
)

ACTIVITY = (
    Column("period_start", "From (UTC)", "utc"),
    Column("login", "Logins", "count"),
    Column("feature", "Feature uses", "count"),
    Column("ticket", "Tickets", "count"),
    Column("invoice", "Invoices", "count"),
    Column("api", "API calls", "count"),
    Column("n", "Events", "count"),
)

_WHO = (Column("recorded_by", "Recorded by", "line"), Column("source", "Source", "line"))

EVENTS = {
    "": (
        Column("at", "When", "time"),
        Column("type", "Event", "event"),
        Column("about", "Feature or endpoint", "line"),
        Column("standing", "State", "state"),
        *_WHO,
    ),
    "login": (Column("at", "When", "time"), *_WHO),
    "feature": (Column("at", "When", "time"), Column("about", "Feature", "line"), *_WHO),
    "ticket": (
        Column("at", "Created", "time"),
        Column("standing", "State", "state"),
        Column("closed_at", "Closed", "time"),
        *_WHO,
    ),
    "invoice": (
        Column("at", "Issued", "time"),
        Column("standing", "State", "state"),
        Column("amount", "Amount", "money"),
        Column("currency", "Currency"),
        Column("due_date", "Due", "time"),
        Column("paid_date", "Paid", "time"),
        *_WHO,
    ),
    "api": (Column("at", "When", "time"), Column("about", "Endpoint", "line"), *_WHO),
}
"""By type of the events; all of them under ""."""
