"""Work on alerts and findings as of a time: pull requests and agent sessions, by what they refer to."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.scope import Scope

WORK_LINKS = ("pull_request_url", "session_url")

_ACTIVE = ("queued", "running", "waiting")

_ADDRESS = r"^.*?([\w.-]+/[\w.-]+)/(?:security/)?(code|dependabot|secret)(?:[-_]scanning)?/(?:alerts/)?([0-9]+)/?$"
"""An alert as `owner/name/kind/number` or as the address of its page or in the API, in lower case."""


def work_as_of(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """What was under way or done at scope.until, one row per reference.

    first_merged_at, last_merged_at: of pull requests.  pull_request_open, session_active: whether one is.
    pull_request_url, session_url: of those created last.

    ref: alert_ref, however the pull request or session wrote it; other references (`cqlf-r1-0001`) in lower case. A
    pull request that names no alert stands for those of the session that made it.
    """
    both = _pull_requests(tables, scope).union(_sessions(tables, scope))
    return both.group_by("ref").aggregate(
        first_merged_at=both.merged_at.min(),
        last_merged_at=both.merged_at.max(),
        pull_request_open=both.pull_request_open.any(),
        session_active=both.session_active.any(),
        **{url: both[url].argmax(both.created_at, where=both[url].notnull()) for url in WORK_LINKS},
    )


def referring_pull_requests(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Pull requests created before scope.until, once per `ref` that they name or, naming none, their session names."""
    pulls, sessions = tables["pull_requests"], tables["agent_sessions"]
    pulls = pulls.filter(pulls.created_at < ibis.literal(scope.until))
    made_by = sessions.select("session_id", session_refs="alert_refs")
    joined = pulls.left_join(made_by, "session_id")
    own = joined.alert_refs.length().fill_null(0) > 0
    refs = ibis.ifelse(own, joined.alert_refs, joined.session_refs)
    return joined.select(*pulls.columns, ref=_canonical(refs.unnest()))


def referring_sessions(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """Agent sessions created before scope.until, once per `ref` that they name, with `ended_at` of then.

    One without an end that is not under way ended when it last changed, as far as anyone knows.
    """
    until, sessions = ibis.literal(scope.until), tables["agent_sessions"]
    sessions = sessions.filter(sessions.created_at < until)
    active = sessions.status.isin(_ACTIVE).fill_null(False)
    ended_at = sessions.ended_at.coalesce(ibis.ifelse(active, None, sessions.updated_at))
    over = ibis.ifelse(ended_at.isnull(), ~active, ended_at < until)
    return sessions.mutate(
        ended_at=ibis.ifelse(ended_at < until, ended_at, None),
        active=~over,
        ref=_canonical(sessions.alert_refs.unnest()),
    )


def _pull_requests(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    until, named = ibis.literal(scope.until), referring_pull_requests(tables, scope)
    merged_at = ibis.ifelse(named.merged_at < until, named.merged_at, None)
    # What says that it is closed but not when was closed before anyone looked.
    closed = (named.closed_at < until) | (named.closed_at.isnull() & (named.state == "closed"))
    return named.select(
        ref=named.ref,
        created_at=named.created_at,
        merged_at=merged_at,
        pull_request_open=merged_at.isnull() & ~closed.fill_null(False),
        session_active=ibis.literal(False),
        pull_request_url=named.html_url,
        session_url=ibis.null("string"),
    )


def _sessions(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    named = referring_sessions(tables, scope)
    return named.select(
        ref=named.ref,
        created_at=named.created_at,
        merged_at=ibis.null("timestamp('UTC', 6)"),
        pull_request_open=ibis.literal(False),
        session_active=named.active,
        pull_request_url=ibis.null("string"),
        session_url=named.url,
    )


def alert_ref(repo: ir.StringValue, kind: ir.StringValue, number: ir.IntegerValue) -> ir.StringValue:
    """What an alert is referred to by in `ref`."""
    return (repo + "/" + kind.replace("_scanning", "") + "/" + number.cast("string")).lower()


def _canonical(ref: ir.StringValue) -> ir.StringValue:
    return ref.lower().re_replace(_ADDRESS, r"\1/\2/\3")
