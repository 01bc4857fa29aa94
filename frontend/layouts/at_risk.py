"""Tables of the At risk page."""

from frontend.columns import Column
from shared.metrics import METRICS
from shared.metrics.health.signals import SIGNALS

AT_RISK = (
    Column("repo", "Repository", pinned=True),
    Column("score", "Score", "number", METRICS["repository_health"].definition),
    Column("tier", "Tier", "tier"),
    Column(
        "change_7d", "Change, 7 days", "number", "Points against the score of seven days before; above 0 is better."
    ),
    Column("cause", "Biggest cause"),
    *(Column(f"lost_{name}", f"{title} (points)", "number", "Points lost.") for name, title in SIGNALS.items()),
    Column("unknown", "Unknown signals", "count", "Left out of the score; the other weights add up to 1."),
    Column("html_url", "GitHub", "link"),
)

HISTORY = (
    Column("day", "Day (UTC)", "day"),
    Column("median_score", "Median score", "number"),
    Column("n", "Repositories with a score", "count"),
    Column("at_risk", "At risk", "count"),
    Column("watch", "Watch", "count"),
    Column("good", "Good", "count"),
    Column("excellent", "Excellent", "count"),
    Column("unknown", "Unknown", "count"),
)
