"""What was recorded at GitHub, to compare with what its stand-in serves."""

import json
from typing import Any

from tests.standins.github import DATA, GitHubStandin


def recorded(name: str) -> Any:
    """A file of the shipped real data."""
    return json.loads((DATA / name).read_text(encoding="utf-8-sig"))


def own(gh: GitHubStandin, value: Any) -> Any:
    """What was recorded at api.github.com, as this server must address it."""
    return json.loads(json.dumps(value).replace("https://api.github.com", gh.url))
