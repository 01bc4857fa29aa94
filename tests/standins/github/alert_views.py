"""Alert lists of organisations and repositories, of all three kinds."""

from collections.abc import Iterable
from typing import Any

from tests.standins.github.account_views import owner
from tests.standins.github.alerts import KINDS, AlertKind, AlertObject
from tests.standins.github.answers import Answer, ApiError, answer
from tests.standins.github.calls import Call
from tests.standins.github.pages import Key, Page, cursored, numbered
from tests.standins.github.repositories import Repository
from tests.standins.github.routes import View, route

Entry = tuple[Key, tuple[Repository, AlertObject]]

DOCS = {
    "code-scanning": "/code-scanning/code-scanning#list-code-scanning-alerts-for-",
    "dependabot": "/dependabot/alerts#list-dependabot-alerts-for-",
    "secret-scanning": "/secret-scanning/secret-scanning#list-secret-scanning-alerts-for-",
}


def of_organisation(kind: AlertKind) -> View:
    """All alerts of an organisation's repositories; those with the feature off add none and say nothing."""

    def view(call: Call) -> Answer:
        repos = [repo for repo in call.state.repos_of(owner(call, "org").login) if call.sees(repo)]
        page = _page(call, kind, [repo for repo in repos if repo.features[kind.name] == "on"])
        shown = [_shown(call, kind, alert) | {"repository": repo.embedded()} for repo, alert in page.items]
        return answer(shown, page.headers)

    return view


def of_repository(kind: AlertKind) -> View:
    """One repository's alerts, or GitHub's words for why there is nothing to see."""

    def view(call: Call) -> Answer:
        repo = call.repo
        if repo.features[kind.name] == "off":
            raise ApiError(*kind.off)
        if repo.features[kind.name] == "never analysed":
            raise ApiError(404, "no analysis found")
        page = _page(call, kind, [repo])
        return answer([_shown(call, kind, alert) for _, alert in page.items], page.headers)

    return view


for _kind in KINDS.values():
    route(
        f"/orgs/{{org}}/{_kind.name}/alerts",
        docs=f"{DOCS[_kind.name]}an-organization",
        permission=_kind.permission,
    )(of_organisation(_kind))
    route(
        f"/repos/{{owner}}/{{repo}}/{_kind.name}/alerts",
        docs=f"{DOCS[_kind.name]}a-repository",
        permission=_kind.permission,
    )(of_repository(_kind))


def _page(call: Call, kind: AlertKind, repos: list[Repository]) -> Page[tuple[Repository, AlertObject]]:
    query = call.query
    if kind.name == "dependabot" and "page" in query:
        raise ApiError(400, "Pagination using the `page` parameter is not supported.")
    entries = _entries(call, kind, repos)
    descending = query.get("direction", "desc") != "asc"
    if kind.name == "dependabot" or "after" in query or "before" in query:
        return cursored(call, entries, descending=descending)
    return numbered(call, [item for _, item in (reversed(entries) if descending else entries)])


def _entries(call: Call, kind: AlertKind, repos: Iterable[Repository]) -> list[Entry]:
    """What the filters let through, ascending; kept until the state changes, as many pages ask for it."""
    query, state = call.query, call.state
    asked = tuple(sorted((name, query[name]) for name in ("state", "severity", "sort") if name in query))
    key = (kind.name, call.names.get("org"), call.names.get("repo"), call.token.private, asked)

    def build() -> list[Entry]:
        sort = "updated_at" if query.get("sort") == "updated" else "created_at"
        chosen = ((repo, alert) for repo in repos for alert in repo.alerts.get(kind.name, {}).values())
        return sorted(
            (
                ((alert.get(sort) or alert["created_at"], repo.id, alert["number"]), (repo, alert))
                for repo, alert in chosen
                if _wanted(kind, alert, query)
            ),
            key=lambda entry: entry[0],
        )

    entries: list[Entry] = state.until_change(key, build)
    return entries


def _wanted(kind: AlertKind, alert: AlertObject, query: dict[str, str]) -> bool:
    states = [state for state in query.get("state", "").split(",") if state]
    severities = [severity for severity in query.get("severity", "").split(",") if severity]
    return (not states or kind.matches(alert, states)) and (not severities or _severity(alert) in severities)


def _severity(alert: AlertObject) -> Any:
    rule = alert.get("rule") or {}
    advisory = alert.get("security_advisory") or {}
    return rule.get("security_severity_level") or rule.get("severity") or advisory.get("severity")


def _shown(call: Call, kind: AlertKind, alert: AlertObject) -> AlertObject:
    hidden = kind.name == "secret-scanning" and call.query.get("hide_secret") == "true"
    return {key: value for key, value in alert.items() if not (hidden and key == "secret")}
