"""Tables of the Data page."""

from frontend.columns import Column

SOURCES = (
    Column("dataset", "Source", "source"),
    Column("sources", "Sources", "count", "Repositories, and organisations that are read as a whole."),
    Column("complete", "Complete", "count"),
    Column("off", "Switched off", "count"),
    Column("refused", "Refused", "count", "Forbidden to the token, or not found by it."),
    Column("cut_short", "Partial", "count", "Cut short; the next collection goes on."),
    Column("failed", "Failed", "count"),
    Column("last_good_at", "Last good", "since"),
)

LEDGER = (
    Column("repo", "Repository", width=200),
    Column("dataset", "Source", "source"),
    Column("outcome", "Last outcome", "outcome"),
    Column("reason", "Reason", width=280),
    Column("last_good_at", "Last good", "since"),
    Column("covered_since", "Covered since", "time", "Nothing here, but an end: covered from the beginning."),
    Column("covered_until", "Covered until", "time"),
    Column("rows", "Rows read last", "count"),
)

FRESHNESS = (
    Column("dataset", "Dataset", "source"),
    Column("rows", "Rows", "count"),
    Column("files", "Files", "count"),
    Column("bytes", "Size (kB)", "bytes"),
    Column("last_good_at", "Last good", "since"),
    Column("incomplete", "Incomplete sources", "count"),
)

COLLECTIONS = (
    Column("started_at", "Started", "time"),
    Column("seconds", "Took (min)", "minutes"),
    Column("sources", "Sources", "count"),
    Column("incomplete", "Incomplete", "count"),
    Column("rows", "Rows", "count"),
    Column("requests", "Requests", "count"),
)

QUARANTINE = (
    Column("dataset", "Dataset", "source"),
    Column("reason", "Reason", width=280),
    Column("rows", "Rows", "count"),
)

DELIVERIES = (
    Column("event", "Event"),
    Column("last_at", "Last", "since"),
    Column("accepted", "Accepted", "count"),
    Column("duplicate", "Sent again", "count", "The same delivery or body as one of lately; without effect."),
    Column("replay", "Replayed", "count", "The body of another delivery under a new id; without effect."),
    Column("unknown", "Not used", "count", "Events that become no rows."),
    Column("pong", "Pings", "count"),
    Column("bad_signature", "Bad signature", "count"),
    Column("wrong_network", "Wrong network", "count", "From an address that may not deliver."),
)
