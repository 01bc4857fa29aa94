"""Links: pull requests and the agent sessions that made them, told by what the sessions say."""

import numpy as np
import pandas as pd
import pyarrow as pa

_ADDRESS = r"^\s*(?:https?://)?([^/?#\s]+/[^/?#\s]+/[^/?#\s]+/pull/\d+)(?:[/?#\s].*)?$"
"""Of a pull request's address in lower case, host, owner, name and number are what it is about."""

_BEFORE, _UNKNOWN, _AFTER = 0, 1, 2
"""When a session was created, seen from a pull request."""


def linked_sessions(pull_requests: pa.Table, sessions: pa.Table) -> pa.Table:
    """The rows of `pull_requests` whose session_id is to change, with the new one; without rows if none is.

    pull_requests, sessions: rows of the datasets `pull_requests` and `agent_sessions`.

    - A session that names the address of a pull request made it, whatever the pull request's text says.
    - A session that shares an alert reference with a pull request made it if nothing better is known: if the pull
      request has no session_id, and the session is not known to have been created after it.

    Of several sessions it is the one created last before the pull request, else one of which that is not known, else
    the one created first after it; of equals the first by its id. Once the returned rows are stored, the same sessions
    change nothing. The order of precedence is that of the agent metrics' definition.
    """
    pulls = pull_requests.select(["session_id", "created_at", "html_url", "alert_refs"]).to_pandas()
    made = sessions.select(["session_id", "created_at", "pull_request_urls", "alert_refs"]).to_pandas()
    named = made.explode("pull_request_urls")
    addressed = _pairs(pulls.assign(mark=_place(pulls.html_url)), named.assign(mark=_place(named.pull_request_urls)))
    referred = _pairs(_by_reference(pulls[pulls.session_id.isna()]), _by_reference(made))
    by_address, by_reference = _best(addressed), _best(referred[referred.standing != _AFTER])
    linked = by_address.combine_first(by_reference).sort_index()
    changed = linked[linked != pulls.session_id.reindex(linked.index)]
    rows = pull_requests.take(pa.array(changed.index, pa.int64()))
    place = rows.column_names.index("session_id")
    return rows.set_column(place, rows.schema.field(place), pa.array(changed, pa.string()))


def _place(addresses: "pd.Series[str]") -> "pd.Series[str]":
    """What addresses of pull requests are about; missing for addresses of anything else."""
    return addresses.astype("str").str.lower().str.extract(_ADDRESS, expand=False)


def _by_reference(rows: pd.DataFrame) -> pd.DataFrame:
    marked = rows.explode("alert_refs")
    return marked.assign(mark=marked.alert_refs.astype("str").str.lower())


def _pairs(pulls: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Pull requests (`pull` is their row) and sessions with the same mark: how the times of their creation stand."""
    marked = pulls[["created_at", "mark"]].dropna(subset="mark").reset_index(names="pull")
    made = sessions[["session_id", "created_at", "mark"]].dropna(subset="mark")
    pairs = marked.merge(made, on="mark", suffixes=("", "_session"))
    lead = pairs.created_at - pairs.created_at_session
    never = pd.Timedelta(0)
    standing = np.select([lead >= never, lead < never], [_BEFORE, _AFTER], _UNKNOWN)
    return pairs.assign(standing=standing, distance=lead.abs())


def _best(pairs: pd.DataFrame) -> "pd.Series[str]":
    """The session of each pull request."""
    ordered = pairs.sort_values(["standing", "distance", "session_id"])
    return ordered.drop_duplicates("pull").set_index("pull").session_id
