"""Workflow runs: what distinguishes one from another, and how it is written."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from typing import Any

from tests.standins.github.accounts import API, WEB, Account, AccountType
from tests.standins.github.answers import dumps
from tests.standins.github.moments import iso

RunObject = dict[str, Any]
Attempts = dict[int, RunObject]

_GAP = re.compile(r'"<(\w+)>"|<(\w+)>')

CHECKLIST = "\n".join(
    f"- [x] {step} {what}"
    for what in ("the change itself", "its tests", "its documentation", "what it breaks and how to move on")
    for step in (
        "I have read what the guide for contributors says about",
        "I have looked for an issue or a discussion that is about",
        "I have described in the section above",
        "I have tried on my own machine",
        "I have asked a colleague to look at",
        "I have thought about how fast or slow users will find",
        "I have thought about people who cannot see or hear when it comes to",
        "I have thought about who could misuse",
        "I have kept apart from all other changes",
        "I have followed the style of the code around",
        "I have added a line to the changelog about",
        "I have told the people who depend on it about",
        "I have left nothing to be done later with",
    )
)
"""What a squashed pull request leaves in the message of its commit.

It is longer than most recorded ones, so that a page weighs what a recorded one does: there, the names are longer.
"""


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What distinguishes one run from another; times are epoch seconds; pull: the number of its pull request."""

    id: int
    number: int
    workflow: dict[str, Any]
    actor: Account
    created: int
    started: int
    updated: int
    status: str = "completed"
    conclusion: str | None = "success"
    event: str = "push"
    branch: str = "main"
    attempt: int = 1
    pull: int | None = None


def run_object(full_name: str, facts: RunFacts) -> RunObject:
    """A run with every field GitHub gives, save the repositories, which are added when it is shown."""
    found: RunObject = json.loads(run_text(full_name, facts))
    return found


def run_text(full_name: str, facts: RunFacts, url: str = API, *, with_pulls: bool = True) -> str:
    """The JSON of that object, with addresses that begin with `url`.

    A form is filled in, which is ten times faster than writing a dict: pages with a hundred runs are asked for by the
    ten thousand.
    """
    actor = (facts.actor.id, facts.actor.login, facts.actor.type)
    return _form(full_name, actor, url) % _gaps(full_name, facts, url, with_pulls=with_pulls)


@lru_cache(maxsize=256)
def _form(full_name: str, actor: tuple[int, str, AccountType], url: str) -> str:
    """A run's JSON with gaps: `<name>` within a text takes what needs no escaping, `"<name>"` takes any JSON."""
    person = Account(*actor).simple()
    shape = {
        **_identity(full_name),
        "pull_requests": "<pulls>",
        "created_at": "<created>",
        "updated_at": "<updated>",
        "actor": person,
        "run_attempt": "<attempt>",
        "referenced_workflows": [],
        "run_started_at": "<started>",
        "triggering_actor": person,
        **_addresses(full_name),
        "head_commit": _commit(person["login"]),
    }
    text = dumps(shape).replace(API, url).replace("%", "%%")
    return _GAP.sub(lambda gap: f"%({gap[1] or gap[2]})s", text)


def _gaps(full_name: str, facts: RunFacts, url: str, *, with_pulls: bool) -> dict[str, object]:
    name, sha = facts.workflow["name"], _sha(f"{full_name}:{facts.number}")
    earlier = f'"{url}/repos/{full_name}/actions/runs/{facts.id}/attempts/{facts.attempt - 1}"'
    return {
        "id": facts.id,
        "hex": f"{facts.id:x}",
        "suite": facts.id + 1_000_000,
        "number": facts.number,
        "attempt": facts.attempt,
        "workflow": _value(name),
        "workflow_id": facts.workflow["id"],
        "path": _value(facts.workflow["path"]),
        "title": _value(f"{name} on {facts.branch}"),
        "branch": _value(facts.branch),
        "event": _value(facts.event),
        "status": _value(facts.status),
        "conclusion": _value(facts.conclusion),
        "created": f'"{iso(facts.created)}"',
        "started": f'"{iso(facts.started)}"',
        "updated": f'"{iso(facts.updated)}"',
        "committed": f'"{iso(facts.created - 30)}"',
        "earlier": earlier if facts.attempt > 1 else "null",
        "sha": f'"{sha}"',
        "tree": f'"{sha[::-1]}"',
        "pulls": dumps(_pulls(full_name, facts, sha, url)) if with_pulls and facts.pull else "[]",
    }


def _identity(full_name: str) -> RunObject:
    run = f"{full_name}/actions/runs/<id>"
    return {
        "id": "<id>",
        "name": "<workflow>",
        "node_id": "WFR_<hex>",
        "head_branch": "<branch>",
        "head_sha": "<sha>",
        "path": "<path>",
        "display_title": "<title>",
        "run_number": "<number>",
        "event": "<event>",
        "status": "<status>",
        "conclusion": "<conclusion>",
        "workflow_id": "<workflow_id>",
        "check_suite_id": "<suite>",
        "check_suite_node_id": "CS_<hex>",
        "url": f"{API}/repos/{run}",
        "html_url": f"{WEB}/{run}",
    }


def _addresses(full_name: str) -> RunObject:
    repo, run = f"{API}/repos/{full_name}", f"{API}/repos/{full_name}/actions/runs/<id>"
    return {
        "jobs_url": f"{run}/jobs",
        "logs_url": f"{run}/logs",
        "check_suite_url": f"{repo}/check-suites/<suite>",
        "artifacts_url": f"{run}/artifacts",
        "cancel_url": f"{run}/cancel",
        "rerun_url": f"{run}/rerun",
        "previous_attempt_url": "<earlier>",
        "workflow_url": f"{repo}/actions/workflows/<workflow_id>",
    }


def _commit(login: str) -> RunObject:
    return {
        "id": "<sha>",
        "tree_id": "<tree>",
        "message": f"Change <number>\n\n{CHECKLIST}",
        "timestamp": "<committed>",
        "author": {"name": login, "email": f"{login}@users.noreply.github.com"},
        "committer": {"name": "GitHub", "email": "noreply@github.com"},
    }


def _pulls(full_name: str, facts: RunFacts, sha: str, url: str) -> list[dict[str, Any]]:
    """The pull request of a run, from a branch of the same repository."""
    address = f"{url}/repos/{full_name}"
    repo = {"id": facts.id // 1_000_000, "url": address, "name": full_name.partition("/")[2]}
    return [
        {
            "url": f"{address}/pulls/{facts.pull}",
            "id": facts.id * 10 + 1,
            "number": facts.pull,
            "head": {"ref": facts.branch, "sha": sha, "repo": repo},
            "base": {"ref": "main", "sha": sha[::-1], "repo": repo},
        }
    ]


@lru_cache(maxsize=4_096)
def _value(text: str | None) -> str:
    """The JSON of what many runs share, such as a workflow's name."""
    return dumps(text)


def _sha(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()
