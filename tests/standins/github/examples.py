"""The example objects that come with the project, which give the stand-in's answers their full size."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def example(name: str, data: Path = DATA) -> Any:
    """A fresh copy of the answer which GitHub's own description gives for `name` (say `repos_org`)."""
    return json.loads(_text(name, data))


def example_for(full_name: str, name: str, data: Path = DATA) -> Any:
    """The same example, told of the repository `full_name` instead of octocat's."""
    text = _text(name, data)
    for stranger in (
        "octocat/Hello-World",
        "octocat/hello-world",
        "octo-org/octo-repo",
        "owner/private-repo",
    ):
        text = text.replace(stranger, full_name)
    return json.loads(text)


@lru_cache(maxsize=64)
def _text(name: str, data: Path) -> str:
    return (data / "responses" / f"{name}.200.default.json").read_text(encoding="utf-8-sig")
