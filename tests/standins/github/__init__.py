"""A stand-in for GitHub's REST API: a real server with a state, which tests can move and make fail.

with GitHubStandin() as gh:
    gh.state.create_repo("acme/shop")
    run = gh.state.new_run("acme/shop", at="2026-03-01T06:00:00Z", conclusion="failure")
    gh.faults.add(faults.status(502), path="/actions/runs", nth=2)
    collect(gh.url, gh.token)
    gh.state.rerun(run["id"], "success", at="2026-03-01T07:00:00Z")
    assert gh.log.matching("/actions/runs", status=502)
"""

from tests.standins.github import faults
from tests.standins.github.alerts import AlertName
from tests.standins.github.calls import Request
from tests.standins.github.examples import DATA
from tests.standins.github.log import Entry, RequestLog
from tests.standins.github.server import TOKEN, GitHubStandin
from tests.standins.github.shipped import load_shipped
from tests.standins.github.state import State
from tests.standins.github.synthetic import populate
from tests.standins.github.tokens import EVERYTHING, PUBLIC, Token

__all__ = [
    "DATA",
    "EVERYTHING",
    "PUBLIC",
    "TOKEN",
    "AlertName",
    "Entry",
    "GitHubStandin",
    "Request",
    "RequestLog",
    "State",
    "Token",
    "faults",
    "load_shipped",
    "populate",
]
