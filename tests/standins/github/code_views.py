"""Pull requests and code-scanning analyses."""

from typing import Any

from tests.standins.github.answers import Answer, ApiError, answer
from tests.standins.github.calls import Call
from tests.standins.github.pages import numbered
from tests.standins.github.routes import route
from tests.standins.github.tokens import CODE_SCANNING, PULLS


@route("/repos/{owner}/{repo}/pulls", docs="/pulls/pulls#list-pull-requests", permission=PULLS)
def pulls(call: Call) -> Answer:
    """Pull requests, open ones unless asked for `closed` or `all`."""
    wanted = call.query.get("state", "open")
    field = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    # GitHub turns the order round when another sort is named.
    other = call.query.get("sort", "created") != "created"
    direction = call.query.get("direction", "asc" if other else "desc")
    shown = [pull for pull in call.repo.pulls.values() if wanted in ("all", pull["state"])]
    return _sorted(call, shown, field, "number", direction)


@route(
    "/repos/{owner}/{repo}/code-scanning/analyses",
    docs="/code-scanning/code-scanning#list-code-scanning-analyses-for-a-repository",
    permission=CODE_SCANNING,
)
def analyses(call: Call) -> Answer:
    """Code-scanning analyses, newest first; 404 where there has been none."""
    if not call.repo.analyses:
        raise ApiError(404, "no analysis found")
    found = list(call.repo.analyses.values())
    return _sorted(call, found, "created_at", "id", call.query.get("direction", "desc"))


def _sorted(call: Call, found: list[dict[str, Any]], field: str, tie: str, direction: str) -> Answer:
    found.sort(key=lambda item: (item[field], item[tie]), reverse=direction == "desc")
    page = numbered(call, found)
    return answer(page.items, page.headers)
