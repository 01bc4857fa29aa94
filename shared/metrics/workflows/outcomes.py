"""Outcomes: which workflow runs succeeded or failed."""

import ibis.expr.types as ir

FAILURES = ("failure", "timed_out", "startup_failure")
"""Conclusions that are failures. All but these and `success` are neither: cancelled, skipped, neutral, ..."""

PULL_REQUEST_EVENTS = ("pull_request", "pull_request_target")

OUTCOME_COLUMNS = {
    "runs": "Runs",
    "successes": "Successes",
    "failures": "Failures",
    "cancelled": "Cancelled",
    "other": "Other or unfinished",
    "success_rate": "Success rate (share of successes and failures)",
}


def succeeded(runs: ir.Table) -> ir.BooleanColumn:
    """Whether a run succeeded; null while it has no conclusion."""
    return runs.conclusion == "success"


def failed(runs: ir.Table) -> ir.BooleanColumn:
    """Whether a run failed; null while it has no conclusion."""
    return runs.conclusion.isin(FAILURES)


def outcomes(runs: ir.Table) -> dict[str, ir.Value]:
    """The aggregates of OUTCOME_COLUMNS; the rate is null without a success or failure."""
    total, cancelled = runs.count(), runs.count(where=runs.conclusion == "cancelled")
    successes, failures = runs.count(where=succeeded(runs)), runs.count(where=failed(runs))
    return {
        "runs": total,
        "successes": successes,
        "failures": failures,
        "cancelled": cancelled,
        "other": total - successes - failures - cancelled,
        "success_rate": successes / (successes + failures).nullif(0),
    }


def of_pull_request(runs: ir.Table) -> ir.BooleanColumn:
    """Whether a run is of a pull request, whose branch may be called like another in a fork."""
    return runs.event.isin(PULL_REQUEST_EVENTS).fill_null(False)
