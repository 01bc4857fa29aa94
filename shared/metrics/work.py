"""Work on alerts and findings as of a time: pull requests and agent sessions, by what they refer to."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from shared.scope import Scope

WORK_LINKS = ("pull_request_url", "session_url")

_ACTIVE = ("queued", "running", "waiting")

_ADDRESS = (
    r"([a-z0-9][a-z0-9_-]*/[\w.-]+)/(?:security/)?"
    r"(code[-_]scanning|dependabot|secret[-_]scanning)/(?:alerts/)?([0-9]+)/?$"
)
"""An alert as `owner/name/kind/number` or as the address of its page or in the API, in lower case."""


def work_as_of(tables: Mapping[str, ir.Table], scope: Scope) -> ir.Table:
    """What was under way or done at scope.until, one row per reference.

    merged_at: when the last pull request was merged.  pull_request_open, session_active: whether one is.
    pull_request_url, session_url: of those created last.

    ref: `owner/name/kind/number` in lower case, however the pull request or session wrote it; other references
    (`cqlf-r1-0001`) in lower case. A pull request that names no alert stands for those of the session that made it.
    """
    until = ibis.literal(scope.until)
    pulls, sessions = _pull_requests(tables, until), _sessions(tables, until)
    both = pulls.union(sessions)
    return both.group_by("ref").aggregate(
        merged_at=both.merged_at.max(),
        pull_request_open=both.pull_request_open.any(),
        session_active=both.session_active.any(),
        **{url: both[url].argmax(both.created_at, where=both[url].notnull()) for url in WORK_LINKS},
    )


def _pull_requests(tables: Mapping[str, ir.Table], until: ir.TimestampScalar) -> ir.Table:
    pulls, sessions = tables["pull_requests"], tables["agent_sessions"]
    pulls = pulls.filter(pulls.created_at < until)
    made_by = sessions.filter(sessions.session_id.notnull()).select("session_id", session_refs="alert_refs")
    joined = pulls.left_join(made_by, "session_id")
    own = joined.alert_refs.length().fill_null(0) > 0
    named = joined.mutate(refs=ibis.ifelse(own, joined.alert_refs, joined.session_refs))
    merged_at = ibis.ifelse(named.merged_at < until, named.merged_at, None)
    # What says that it is closed but not when was closed before anyone looked.
    closed = (named.closed_at < until) | (named.closed_at.isnull() & (named.state == "closed"))
    return named.select(
        ref=_canonical(named.refs.unnest()),
        created_at=named.created_at,
        merged_at=merged_at,
        pull_request_open=merged_at.isnull() & ~closed.fill_null(False),
        session_active=ibis.literal(False),
        pull_request_url=named.html_url,
        session_url=ibis.null("string"),
    )


def _sessions(tables: Mapping[str, ir.Table], until: ir.TimestampScalar) -> ir.Table:
    sessions = tables["agent_sessions"]
    sessions = sessions.filter(sessions.created_at < until)
    # One without an end that is not under way ended when it last changed, as far as anyone knows.
    last = ibis.ifelse(sessions.status.isin(_ACTIVE), None, sessions.updated_at)
    ended_at = sessions.ended_at.coalesce(last)
    active = ibis.ifelse(ended_at.isnull(), sessions.status.isin(_ACTIVE), ended_at >= until)
    return sessions.select(
        ref=_canonical(sessions.alert_refs.unnest()),
        created_at=sessions.created_at,
        merged_at=ibis.null("timestamp('UTC', 6)"),
        pull_request_open=ibis.literal(False),
        session_active=active.fill_null(False),
        pull_request_url=ibis.null("string"),
        session_url=sessions.url,
    )


def _canonical(ref: ir.StringValue) -> ir.StringValue:
    lower = ref.strip().lower()
    repo, kind, number = (lower.re_extract(_ADDRESS, place) for place in (1, 2, 3))
    address = repo + "/" + kind.replace("-", "_") + "/" + number
    return ibis.ifelse(lower.re_search(_ADDRESS), address, lower)
