"""Timeline: what happened to one alert or finding up to a time, and who did it."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.datasets.triage import subject_parts
from shared.metrics.findings.work import referring_pull_requests, referring_sessions
from shared.metrics.remediation.alerts import alerts_as_of
from shared.scope import Scope

COLUMNS = ("at", "what", "who", "detail", "url")


def timeline(tables: Mapping[str, ir.Table], scope: Scope, subject: str) -> ir.Table:
    """COLUMNS, oldest first, of what happened to a subject (see shared.datasets.triage) before scope.until.

    what: a code, such as created, fixed, pull_request_merged, session_started or a triage decision.
    Filters of the scope play no part. A subject that is none, or of which nothing is known, has no rows.
    """
    parts = subject_parts(subject)
    whole = Scope(until=scope.until)
    decisions = _decisions(tables, subject)
    if parts is None:
        steps = [decisions]
    elif parts[0] == "alert":
        steps = [*_of_alert(tables, whole, *parts[1:]), decisions]
    else:
        steps = [*_of_finding(tables, *parts[1:]), decisions]
    happened = ibis.union(*steps) if len(steps) > 1 else steps[0]
    happened = happened.filter(happened["at"] < ibis.literal(scope.until))
    # What an event and the alert itself tell is one happening.
    second = happened["at"].truncate("s").cast("timestamp('UTC')")
    once = happened.group_by(second=second, what=happened.what, url=happened.url).aggregate(
        at=happened["at"].min(), who=happened.who.max(), detail=happened.detail.max()
    )
    return once.select(*COLUMNS).order_by("at", "what")


def _of_alert(tables: Mapping[str, ir.Table], scope: Scope, repo: str, kind: str, number: str) -> list[ir.Table]:
    place = int(number) if number.isdecimal() else -1
    stored = tables["alerts"]
    narrow = stored.filter(stored.repo == repo, stored.kind == kind, stored.number == place)
    alert = alerts_as_of({**tables, "alerts": narrow}, scope)
    events = tables["alert_events"]
    events = events.filter(events.repo == repo, events.kind == kind, events.number == place)
    ref = f"{repo}/{kind.replace('_scanning', '')}/{number}".lower()
    return [
        _steps(alert, "created_at", "created"),
        _steps(alert, "closed_at", alert.state, detail=alert.close_reason.nullif(alert.state)),
        _steps(events, "at", events.action, who=events.actor),
        *_work(tables, scope, ref),
    ]


def _work(tables: Mapping[str, ir.Table], scope: Scope, ref: str) -> list[ir.Table]:
    pulls, sessions = referring_pull_requests(tables, scope), referring_sessions(tables, scope)
    pulls, sessions = pulls.filter(pulls.ref == ref), sessions.filter(sessions.ref == ref)
    unmerged = pulls.filter(pulls.merged_at.isnull())
    said = {"who": pulls.author, "detail": pulls.title, "url": pulls.html_url}
    session = {"who": sessions.provider, "detail": sessions.title, "url": sessions.url}
    return [
        _steps(pulls, "created_at", "pull_request_opened", **said),
        _steps(pulls, "merged_at", "pull_request_merged", **said),
        _steps(unmerged, "closed_at", "pull_request_closed", detail=unmerged.title, url=unmerged.html_url),
        _steps(sessions, "created_at", "session_started", **session),
        _steps(sessions, "ended_at", "session_ended", **session),
    ]


def _of_finding(tables: Mapping[str, ir.Table], repo: str, tool: str, fingerprint: str) -> list[ir.Table]:
    found, results = tables["findings"], tables["scan_results"]
    found = found.filter(found.repo == repo, found.tool == tool, found.fingerprint == fingerprint)
    results = results.filter(results.repo == repo, results.tool == tool, results.fingerprint == fingerprint)
    return [
        _steps(found, "first_seen", "first_seen"),
        _steps(results, "created_at", "seen_by_a_scan", who=results.tool),
        _steps(found, "fixed_at", "fixed"),
    ]


def _decisions(tables: Mapping[str, ir.Table], subject: str) -> ir.Table:
    triage = tables["triage"]
    taken = triage.filter(triage.subject == subject)
    return _steps(taken, "decided_at", taken.decision, who=taken.owner, detail=taken.reason)


def _steps(rows: ir.Table, time: str, what: ir.StringValue | str, **said: ir.Value) -> ir.Table:
    """Rows as steps of a timeline; those without a time are none."""
    nothing = ibis.null("string")
    told = {name: said.get(name, nothing) for name in ("who", "detail", "url")}
    code = ibis.literal(what) if isinstance(what, str) else what
    return rows.select(at=rows[time], what=code, **told).filter(ibis._["at"].notnull())
