"""Organisations and users, and the shapes in which GitHub shows them."""

import base64
from dataclasses import dataclass
from typing import Any, Literal

API = "https://api.github.com"
WEB = "https://github.com"

AccountType = Literal["Organization", "User"]


def node_id(kind: str, number: int) -> str:
    """GitHub's classic node id: the base64 of `010:Repository1296269`."""
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


@dataclass
class Account:
    """An organisation or a user."""

    id: int
    login: str
    type: AccountType = "User"
    created_at: str = "2015-01-01T00:00:00Z"

    def simple(self) -> dict[str, Any]:
        """The 18 fields that stand wherever a person or an owner is named."""
        url = f"{API}/users/{self.login}"
        return {
            "login": self.login,
            "id": self.id,
            "node_id": node_id(self.type, self.id),
            "avatar_url": f"https://avatars.githubusercontent.com/u/{self.id}?v=4",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{WEB}/{self.login}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": self.type,
            "site_admin": False,
        }

    def profile(self, public_repos: int) -> dict[str, Any]:
        """The answer to `/users/{login}`, which exists for organisations too."""
        blank: dict[str, Any] = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
        counts = {"public_repos": public_repos, "public_gists": 0, "followers": 1, "following": 0}
        times = {"created_at": self.created_at, "updated_at": self.created_at}
        return {
            **self.simple(),
            "user_view_type": "public",
            "name": self.login,
            "blog": "",
            **blank,
            **counts,
            **times,
        }

    def private_profile(self, public_repos: int, private_repos: int) -> dict[str, Any]:
        """The answer to `/user`: what people see of themselves."""
        plan = {"name": "pro", "space": 976_562_499, "collaborators": 0, "private_repos": 9_999}
        return {
            **self.profile(public_repos),
            "user_view_type": "private",
            "private_gists": 0,
            "total_private_repos": private_repos,
            "owned_private_repos": private_repos,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
            "plan": plan,
        }

    def organisation(self, public_repos: int) -> dict[str, Any]:
        """The answer to `/orgs/{login}`."""
        url = f"{API}/orgs/{self.login}"
        links = {name: f"{url}/{name.removesuffix('_url')}" for name in ("repos_url", "events_url", "hooks_url")}
        return {
            "login": self.login,
            "id": self.id,
            "node_id": node_id(self.type, self.id),
            "url": url,
            **links,
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"https://avatars.githubusercontent.com/u/{self.id}?v=4",
            "description": f"The organisation {self.login}",
            "name": self.login,
            "is_verified": False,
            "has_organization_projects": True,
            "has_repository_projects": True,
            "public_repos": public_repos,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "html_url": f"{WEB}/{self.login}",
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "archived_at": None,
            "type": "Organization",
        }
