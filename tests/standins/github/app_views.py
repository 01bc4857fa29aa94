"""What an app asks in its own name: who it is, where it is installed, and tokens for its installations."""

import secrets
from typing import Any

from tests.standins.github.account_views import owner
from tests.standins.github.accounts import API, WEB, node_id
from tests.standins.github.answers import Answer, ApiError, answer
from tests.standins.github.apps import SUSPENDED, App, Installation
from tests.standins.github.calls import Call
from tests.standins.github.moments import iso
from tests.standins.github.pages import numbered
from tests.standins.github.routes import route
from tests.standins.github.tokens import Token

MADE_AT = "2026-01-01T00:00:00Z"
TOKEN_LENGTH = 520


@route("/app", docs="/apps/apps#get-the-authenticated-app", kept=False)
def this_app(call: Call) -> Answer:
    """The app that signed the request."""
    app = _signer(call)
    return answer(
        {
            "id": app.id,
            "slug": app.slug,
            "node_id": node_id("Integration", app.id),
            "owner": call.state.create_org("fettle-makers").simple(),
            "name": app.slug,
            "description": "",
            "external_url": f"{WEB}/apps/{app.slug}",
            "html_url": f"{WEB}/apps/{app.slug}",
            "created_at": MADE_AT,
            "updated_at": MADE_AT,
            "permissions": {"metadata": "read"},
            "events": [],
        }
    )


@route("/app/installations", docs="/apps/apps#list-installations-for-the-authenticated-app", kept=False)
def installations(call: Call) -> Answer:
    """Where the app is installed, oldest first."""
    page = numbered(call, _installations(call))
    return answer([_shown(call, installation) for installation in page.items], page.headers)


@route(
    "/app/installations/{installation_id}/access_tokens",
    docs="/apps/apps#create-an-installation-access-token-for-an-app",
    method="POST",
    kept=False,
)
def access_token(call: Call) -> Answer:
    """A new token of an installation, as long as those that GitHub gives now."""
    wanted = call.names["installation_id"]
    installation = next((found for found in _installations(call) if str(found.id) == wanted), None)
    if installation is None:
        raise ApiError(404, "Not Found")
    if installation.suspended:
        raise ApiError(403, SUSPENDED)
    ends_at = int(call.state.clock()) + call.state.tokens.apps.token_life_s
    value = f"ghs_{installation.app.id}_{secrets.token_urlsafe(TOKEN_LENGTH)}"[:TOKEN_LENGTH]
    call.state.tokens.add(
        Token(
            value,
            login=f"{installation.app.slug}[bot]",
            kind="installation",
            permissions=installation.permissions,
            account=installation.account,
            installation=installation.id,
            ends_at=ends_at,
        )
    )
    given = {"token": value, "expires_at": iso(ends_at), "permissions": _permissions(installation)}
    return answer({**given, "repository_selection": "all"}, status=201)


@route(
    "/orgs/{org}/installation", docs="/apps/apps#get-an-organization-installation-for-the-authenticated-app", kept=False
)
def organisation_installation(call: Call) -> Answer:
    """The app's installation in an organisation."""
    return _in_account(call, owner(call, "org").login)


@route(
    "/users/{username}/installation", docs="/apps/apps#get-a-user-installation-for-the-authenticated-app", kept=False
)
def user_installation(call: Call) -> Answer:
    """The app's installation in a person's account."""
    return _in_account(call, owner(call, "username").login)


@route(
    "/repos/{owner}/{repo}/installation",
    docs="/apps/apps#get-a-repository-installation-for-the-authenticated-app",
    kept=False,
)
def repository_installation(call: Call) -> Answer:
    """The app's installation in the account that a repository belongs to."""
    return _in_account(call, call.repo.owner.login)


def _in_account(call: Call, login: str) -> Answer:
    for installation in _installations(call):
        if installation.account.lower() == login.lower():
            return answer(_shown(call, installation))
    raise ApiError(404, "Not Found")


def _installations(call: Call) -> list[Installation]:
    app = _signer(call)
    return [found for found in call.state.tokens.apps.installations.values() if found.app.id == app.id]


def _signer(call: Call) -> App:
    if call.token.app is None:
        raise ApiError(401, "A JSON web token could not be decoded")
    return call.state.tokens.apps.known[str(call.token.app)]


def _permissions(installation: Installation) -> dict[str, str]:
    return dict.fromkeys(sorted(installation.permissions), "read")


def _shown(call: Call, installation: Installation) -> dict[str, Any]:
    account = call.state.accounts[installation.account.lower()]
    return {
        "id": installation.id,
        "account": account.simple(),
        "repository_selection": "all",
        "access_tokens_url": f"{API}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{API}/installation/repositories",
        "html_url": f"{WEB}/organizations/{account.login}/settings/installations/{installation.id}",
        "app_id": installation.app.id,
        "app_slug": installation.app.slug,
        "target_id": account.id,
        "target_type": account.type,
        "permissions": _permissions(installation),
        "events": [],
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        "single_file_name": None,
        "suspended_by": account.simple() if installation.suspended else None,
        "suspended_at": MADE_AT if installation.suspended else None,
    }
