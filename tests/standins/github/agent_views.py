"""Copilot's tasks of a repository, which any token may list that sees the repository."""

from typing import Any

from tests.standins.github.accounts import API, WEB
from tests.standins.github.answers import Answer, answer
from tests.standins.github.calls import Call
from tests.standins.github.pages import numbered
from tests.standins.github.routes import route


@route("/agents/repos/{owner}/{repo}/tasks", docs="/agent-tasks/agent-tasks#list-tasks-for-repository")
def tasks(call: Call) -> Answer:
    """Tasks that were not archived, or only those that were."""
    every = list(call.state.tasks.get(call.repo.id, {}).values())
    archived = call.query.get("is_archived") == "true"
    found = [_shown(call, task) for task in every if bool(task["archived_at"]) == archived and _wanted(call, task)]
    field, direction = call.query.get("sort", "updated_at"), call.query.get("direction", "desc")
    found.sort(key=lambda task: (task[field], task["id"]), reverse=direction == "desc")
    # The links of these pages name the repository, unlike all others, which have its id.
    page = numbered(_ByName(call.request, call.names, call.token, call.state, call.url), found)
    count = sum(bool(task["archived_at"]) for task in every)
    counts = {"total_active_count": len(every) - count, "total_archived_count": count}
    return answer({"tasks": page.items, **counts}, page.headers)


class _ByName(Call):
    def _stable_path(self) -> str:
        return self.request.path


def _wanted(call: Call, task: dict[str, Any]) -> bool:
    states = call.query.get("state")
    return (not states or task["state"] in states.split(",")) and task["updated_at"] >= call.query.get("since", "")


def _shown(call: Call, task: dict[str, Any]) -> dict[str, Any]:
    name = call.repo.full_name
    return task | {
        "url": f"{API}/agents/repos/{name}/tasks/{task['id']}",
        "html_url": f"{WEB}/{name}/copilot/tasks/{task['id']}",
    }
