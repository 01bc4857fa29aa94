"""Feedback: how users rated what they got, and the ratings one by one."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.feedback import RATINGS
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.scope import Scope

_ROW = ("at", "rating", "comment", "user", "request_id", "model", "endpoint", "service")


def feedback_ratings(tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None) -> ir.Table:
    """Ratings given in the range: how many, their mean, and how many of each.

    by: day, week or month (UTC).  No data: one row with zeros and a null, or no rows if grouped.
    """
    rows = scope.within(tables["feedback"], "at")
    rows = rows.filter(rows.rating.isin(RATINGS))
    each = {f"rating_{rating}": rows.count(where=rows.rating == rating) for rating in RATINGS}
    return in_order(grouped(rows, by, {"n": rows.count(), "mean_rating": rows.rating.mean(), **each}, "at"), by, "n")


def feedback_list(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The ratings given in the range with what is known of their requests, newest first. No data: no rows."""
    rows = scope.within(tables["feedback"], "at")
    requests = tables["requests"].select("request_id", "model", "endpoint", "service")
    found = rows.left_join(requests, "request_id")
    return found.order_by(found["at"].desc(), "request_id", "user").select(*_ROW)


def rating_rows(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """The ratings before the end of the range, and why some do not count."""
    rows = tables["feedback"]
    rows = rows.filter(rows["at"] < ibis.literal(scope.until))
    early = ibis.literal(False) if scope.since is None else rows["at"] < ibis.literal(scope.since)
    none = ~rows.rating.isin(RATINGS).fill_null(False)
    reason = excluded_because((early, "before the range"), (none, "no rating from 1 to 5"))
    return rows.select("request_id", "user", "at", "rating", "comment", **{EXCLUDED: reason})


FEEDBACK_RATINGS = Metric(
    name="feedback_ratings",
    title="Ratings",
    definition="Ratings from one star to five that users gave in the range: how many, their mean, and each by itself.",
    unit="stars",
    inputs=("feedback",),
    exclusions="Rows without a rating from 1 to 5.",
    by=("day", "week", "month"),
    columns={
        "n": "Ratings",
        "mean_rating": "Rating, mean (1-5)",
        **{f"rating_{rating}": f"{rating} star{'s' if rating > 1 else ''}" for rating in RATINGS},
    },
    formula=feedback_ratings,
    evidence=rating_rows,
)

FEEDBACK_LIST = Metric(
    name="feedback_list",
    title="Feedback",
    definition="What users said in the range, newest first, with the model and endpoint of the request they rated.",
    unit="ratings",
    inputs=("feedback", "requests"),
    exclusions="None; what is not known of a request is left empty.",
    columns=dict(
        zip(
            _ROW,
            ("When", "Rating (1-5)", "Comment", "User", "Request id", "Model", "Endpoint", "Service"),
            strict=True,
        )
    ),
    formula=feedback_list,
    evidence=rating_rows,
)
