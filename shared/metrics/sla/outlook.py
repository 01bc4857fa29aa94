"""SLA outlook: the breaches to expect if nothing is fixed, and how many fixes a week it takes to stay inside."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.metrics.durations import seconds_between
from shared.metrics.grouping import grouped, in_order
from shared.metrics.metric import EXCLUDED, Metric, excluded_because
from shared.metrics.remediation.alerts import alerts_as_of
from shared.metrics.remediation.digests import narrow
from shared.metrics.sla.forecast import HISTORY_WEEKS, LEAST_WEEKS, WEEK_S
from shared.metrics.sla.status import SLA_ROW, timed
from shared.policy.policy import Policy
from shared.scope import Scope

_HORIZONS = (7, 14)
_ROW = tuple(name for name in SLA_ROW if name not in ("status", "left_s"))


def sla_outlook(
    tables: Mapping[str, ir.Table], scope: Scope, by: str | None = None, *, policy: Policy | None = None
) -> ir.Table:
    """Breaches to expect within 7 and 14 days after scope.until if nothing is fixed, and the fixes a week against them.

    by: org, repo, severity, kind, tool or cwe_family. The start of the range plays no part.
    arrivals_per_week, expected_7 and expected_14 are null where the first alert is younger than LEAST_WEEKS.
    No data: one row with zero counts and nulls, or no rows if grouped.
    """
    rows = outlook_rows(narrow(tables, scope), scope, policy=policy)
    rows = rows.filter(rows[EXCLUDED].isnull())
    age_s = seconds_between(rows.created_at, ibis.literal(scope.until))
    recent, is_open = age_s <= HISTORY_WEEKS * WEEK_S, rows.state == "open"
    breached = is_open & (rows.elapsed_s > rows.limit_s).fill_null(False)
    figures: dict[str, ir.Value] = {
        "n": rows.count(where=is_open),
        "breached": rows.count(where=breached),
        "unknown": rows.count(where=is_open & rows.limit_s.isnull()),
        "arrived": rows.count(where=recent),
        "known_s": age_s.max().clip(upper=HISTORY_WEEKS * WEEK_S),
    }
    for days in _HORIZONS:
        horizon = ibis.literal(scope.until) + ibis.interval(hours=24 * days)
        figures[f"due_{days}"] = rows.count(where=is_open & ~breached & (rows.due_at < horizon))
        # One that arrives at any time within the horizon breaches in it if more than its limit is left by then.
        exposed_s = (days * 86_400.0 - rows.limit_s).clip(lower=0.0)
        figures[f"exposed_{days}_s"] = exposed_s.sum(where=recent)
    return in_order(_with_expected(grouped(rows, by, figures, "created_at")), by, "n")


def outlook_rows(tables: Mapping[str, ir.Table], scope: Scope, *, policy: Policy | None = None) -> ir.Table:
    """Every alert known at scope.until, with its limit and due time: the open ones and what tells how many arrive."""
    sla = (policy or Policy()).sla
    rows = timed(tables, alerts_as_of(tables, scope, policy), scope, sla)
    reasons = excluded_because(
        (rows.state == "auto_dismissed", "dismissed automatically"),
        (~(rows.elapsed_s >= 0).fill_null(False), "created after it was closed, or at an unknown time"),
    )
    return rows.mutate(**{EXCLUDED: reasons}).select(*(name for name in _ROW if name in rows.columns), EXCLUDED)


def _with_expected(found: ir.Table) -> ir.Table:
    known_s = (found.known_s >= LEAST_WEEKS * WEEK_S).ifelse(found.known_s, None)
    result = found.mutate(
        arrivals_per_week=found.arrived / (known_s / WEEK_S),
        **{
            f"expected_{days}": found[f"due_{days}"] + found[f"exposed_{days}_s"].fill_null(0.0) / known_s
            for days in _HORIZONS
        },
    )
    breaches = {days: ibis.coalesce(result[f"expected_{days}"], result[f"due_{days}"]) for days in _HORIZONS}
    return result.mutate(fixes_per_week=ibis.greatest(*(breaches[days] / (days / 7) for days in _HORIZONS)))


SLA_OUTLOOK = Metric(
    name="sla_outlook",
    title="SLA outlook",
    definition=(
        "What breaches if nothing is fixed. Due are the alerts open at the end of the range that are not yet breached "
        "and will be within 7 or 14 days. Expected breaches add those among the alerts still to come: at the pace and "
        "with the severities of the last 13 weeks, an alert that arrives so early that its limit ends within the "
        "days. Fixes a week to stay inside is the larger of the breaches expected in 7 days and half of those "
        "expected in 14: so many of the alerts due first have to be closed each week for none to breach. With less "
        "than 4 weeks of history the alerts still to come are unknown, and only the due ones count."
    ),
    unit="alerts",
    inputs=("alerts", "alert_events"),
    exclusions=(
        "Alerts already breached, which are counted apart; alerts without a limit or of unknown severity, counted as "
        "unknown; alerts that GitHub dismissed by itself, and those with impossible or unknown times."
    ),
    by=("org", "repo", "severity", "kind", "tool", "cwe_family"),
    columns={
        "n": "Open alerts",
        "breached": "Breached already",
        "due_7": "Due within 7 days",
        "due_14": "Due within 14 days",
        "unknown": "Without a limit",
        "arrivals_per_week": "Arrivals a week",
        "expected_7": "Breaches expected in 7 days",
        "expected_14": "Breaches expected in 14 days",
        "fixes_per_week": "Fixes a week to stay inside",
    },
    formula=sla_outlook,
    uses_policy=True,
    at_end=True,
    evidence=outlook_rows,
)
