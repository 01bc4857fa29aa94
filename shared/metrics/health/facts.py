"""Health facts: what is counted of each repository before it is judged, as of a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
from ibis import selectors as s

from shared.datasets.alerts import KINDS
from shared.metrics.coverage import GOOD
from shared.metrics.durations import seconds_between
from shared.metrics.remediation.alerts import alerts_as_of, clock_started
from shared.metrics.remediation.digests import ALERT_KINDS, narrow
from shared.metrics.workflows.digests import runs_since, with_runs
from shared.metrics.workflows.outcomes import failed, succeeded
from shared.metrics.workflows.runs import judged, latest_runs
from shared.metrics.workflows.workflow_state import judged_workflows
from shared.policy.policy import Policy
from shared.policy.sla import LEVELS
from shared.scope import Scope

REMEDIATION_DAYS, RECENT_DAYS, WAITING_DAYS = 90, 30, 7
"""How far back closed alerts count, how far back runs and sessions do, and after how long a pull request has waited."""

FACTS = (
    "archived",
    *("alert_kinds", *(f"open_{level}" for level in LEVELS), "open_unknown", "met", "closed_late", "open_late"),
    *("fixed", "fix_ratio", "alert_sources", "successes", "failures", "workflows", "stale", "inactive"),
    *("sessions_finished", "sessions_broken", "requests_open", "requests_waiting"),
)
"""The columns of repository_facts besides `repo`; null where nothing is known of a thing."""

_SEEN = ("listed", "alert_kinds", "successes", "failures", "workflows", "sessions_finished", "requests_open")
"""Facts that there is something of which makes a repository be there, unless it is listed as created later."""

# Columns that are not read cost time all the same, in making the query and in running it.
_OF_ALERTS = (
    *("repo", "org", "kind", "number", "state", "severity"),
    *("created_at", "updated_at", "closed_at", "close_reason"),
)
_OF_RUNS = (
    *("repo", "org", "branch", "event", "run_id", "run_attempt", "is_latest_attempt", "status", "conclusion"),
    *("created_at", "run_started_at", "completed_at", "duration_s"),
)

_BROKEN = ("failed", "stopped", "expired")
_ENDED = ("finished", *_BROKEN)


def repository_facts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """One row per repository that was there at scope.until, the column `as_of`, with FACTS as numbers.

    Of the scope only its end, organisations and repositories play a part: how healthy a repository is does not depend
    on what a reader looks at. It was there if it is listed and was created by then, or if anything was seen of it.
    """
    since = _before(scope.until, RECENT_DAYS)
    plain = Scope(scope.until, since, scope.orgs, scope.repos, known=scope.known.of_another_range())
    parts = [
        _listed(tables, plain),
        _known_alerts(tables, plain),
        _alerts(tables, plain, policy),
        _alert_sources(tables, plain),
        _runs(tables, plain),
        _workflows(tables, plain, policy),
        _sessions(tables, plain),
        _requests(tables, plain),
    ]
    counted = ibis.union(*(_long(part) for part in parts))
    facts = counted.group_by("repo").aggregate(
        there=counted.fact.isin(_SEEN).any() & ~(counted.fact == "created_later").any(),
        **{name: counted.amount.max(where=counted.fact == name) for name in FACTS},
    )
    return facts.filter(facts.there).mutate(as_of=ibis.literal(scope.until)).drop("there")


def _long(part: ir.Table) -> ir.Table:
    """Facts in columns as rows of repo, fact, amount."""
    amounts = {name: part[name].cast("float64") for name in part.columns if name != "repo"}
    rows = part.select("repo", **amounts).pivot_longer(~s.cols("repo"), names_to="fact", values_to="amount")
    return rows.filter(rows.repo.notnull(), rows.amount.notnull())


def _listed(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    told = scope.filter(tables["repositories"])
    later = (told.created_at >= ibis.literal(scope.until)).fill_null(False)
    return told.select(
        "repo",
        listed=(~later).ifelse(1, None),
        archived=told.archived.fill_null(False).cast("int64"),
        created_later=later.ifelse(1, None),
    )


def _known_alerts(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Of how many kinds and severities there have been alerts."""
    alerts, until = scope.filter(ALERT_KINDS.whole(tables)), ibis.literal(scope.until)
    known = alerts.filter((alerts.first_created_at < until) | (alerts.first_closed_at < until))
    return known.group_by("repo").aggregate(alert_kinds=known.count())


def _alerts(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """Open alerts by severity, and how those that have a limit stand against it."""
    until = ibis.literal(scope.until)
    alerts = clock_started(
        tables, alerts_as_of(narrow(tables, scope), scope, policy), scope, restart=policy.sla.restart_when_reopened
    )
    counts_from = ibis.literal(_before(scope.until, REMEDIATION_DAYS))
    alerts = alerts.filter(alerts.closed_at.isnull() | (alerts.closed_at >= counts_from))
    limits = [(level, limit.total_seconds()) for level, limit in policy.sla.limits.items() if limit]
    no_limit = ibis.null("float64")
    limit_s = alerts.severity.cases(*limits, else_=no_limit) if limits else no_limit
    lived_s = seconds_between(alerts.clock_from, alerts.closed_at)
    rows = alerts.select(
        "repo",
        severity=alerts.severity.fill_null("unknown"),
        is_open=alerts.state == "open",
        is_fixed=alerts.state == "fixed",
        ratio=(lived_s >= 0).fill_null(False).ifelse(lived_s, None) / limit_s,
        age_ratio=seconds_between(alerts.clock_from, until) / limit_s,
    )
    levels = {f"open_{level}": rows.count(where=rows.is_open & (rows.severity == level)) for level in LEVELS}
    return rows.group_by("repo").aggregate(
        **levels,
        open_unknown=rows.count(where=rows.is_open & ~rows.severity.isin(LEVELS)),
        met=rows.count(where=rows.ratio <= 1),
        closed_late=rows.count(where=rows.ratio > 1),
        open_late=rows.count(where=rows.is_open & (rows.age_ratio > 1)),
        fixed=rows.ratio.count(where=rows.is_fixed),
        fix_ratio=rows.ratio.median(where=rows.is_fixed),
    )


def _alert_sources(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """How many kinds of alerts a good collection vouches for: one begun by then, or one that reached back before it."""
    entries, until = scope.filter(tables["collections"]), ibis.literal(scope.until)
    reaches = entries.covered_since.isnull() | (entries.covered_since <= until)
    good = entries.filter(
        entries.dataset.isin(KINDS), entries.outcome.isin(GOOD), (entries.started_at <= until) | reaches
    )
    return good.group_by("repo").aggregate(alert_sources=good.dataset.nunique())


def _runs(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Verdicts of the default branch in the last days; no run before that is looked at."""
    begun = runs_since(tables, scope, _before(scope.until, RECENT_DAYS))
    recent = with_runs(tables, scope.within(begun, "created_at").select(*_OF_RUNS))
    runs = judged(latest_runs(recent, scope), tables, scope)
    runs = runs.filter(runs.judged, ~(runs.completed_at >= ibis.literal(scope.until)).fill_null(False))
    return runs.group_by("repo").aggregate(
        successes=runs.count(where=succeeded(runs)), failures=runs.count(where=failed(runs))
    )


def _workflows(tables: Mapping[str, ir.Table], scope: Scope, policy: Policy) -> ir.Table:
    """Workflows that have run, and those of them that are stale or inactive."""
    states = judged_workflows(tables, scope, policy.workflows)
    states = states.filter(states.state != "never_run")
    return states.group_by("repo").aggregate(
        workflows=states.count(),
        stale=states.count(where=states.state == "stale"),
        inactive=states.count(where=states.state == "inactive"),
    )


def _sessions(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Agent sessions that ended in the last days, by whether they came to a good end."""
    sessions = scope.filter(tables["agent_sessions"])
    ended = sessions.mutate(over_at=ibis.coalesce(sessions.ended_at, sessions.updated_at))
    ended = scope.within(ended.filter(ended.status.isin(_ENDED)), "over_at")
    return ended.group_by("repo").aggregate(
        sessions_finished=ended.count(where=ended.status == "finished"),
        sessions_broken=ended.count(where=ended.status.isin(_BROKEN)),
    )


def _requests(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Pull requests of agents that were open, and those of them that had waited too long."""
    until, requests = ibis.literal(scope.until), scope.filter(tables["pull_requests"])
    over_at = ibis.coalesce(requests.merged_at, requests.closed_at)
    was_open = ((over_at >= until) | (over_at.isnull() & (requests.state == "open"))).fill_null(False)
    opened = requests.filter(requests.session_id.notnull(), requests.created_at < until, was_open)
    waiting = opened.created_at < ibis.literal(_before(scope.until, WAITING_DAYS))
    return opened.group_by("repo").aggregate(requests_open=opened.count(), requests_waiting=opened.count(where=waiting))


def _before(until: datetime, days: int) -> datetime:
    return until - timedelta(days=days)
