"""The plainest client that can be: what the stand-in's own tests read it with."""

from typing import Any

import requests

from tests.standins.github.server import GitHubStandin


def get(gh: GitHubStandin, path: str, token: str | None = None, **query: Any) -> requests.Response:
    """One request that follows no redirect; `path` may be a whole address, token "" asks without any."""
    url = path if path.startswith("http") else gh.url + path
    secret = gh.token if token is None else token
    headers = query.pop("headers", {}) | ({"Authorization": f"Bearer {secret}"} if secret else {})
    return requests.get(url, params=query, headers=headers, timeout=10, allow_redirects=False)


def walk(gh: GitHubStandin, path: str, **query: Any) -> list[Any]:
    """All items of a list, by following `next`."""
    answer = get(gh, path, **query)
    items = _items(answer.json())
    while "next" in answer.links:
        answer = get(gh, answer.links["next"]["url"])
        items += _items(answer.json())
    return items


def _items(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    return next(value for value in body.values() if isinstance(value, list))
