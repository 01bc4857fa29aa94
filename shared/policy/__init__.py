"""Policy: what the people who run Fettle decide, with defaults; their TOML file overrides them one by one."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import SettingsError

Patterns = tuple[str, ...]
"""Repositories as `owner/name`, where `*` stands for any characters, as in `acme/*`."""


class CollectPolicy(BaseModel):
    """What is collected beside the usual."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jobs: Patterns = ()
    """Repositories whose workflow jobs are collected, at the price of a request for each run."""
    jobs_days: Annotated[int, Field(ge=1, le=400)] = 30
    """How many days back jobs are read for runs that have none yet."""
    copilot: Patterns = ()
    """Repositories whose GitHub Copilot agent tasks are collected."""


class Policy(BaseModel):
    """All of it; every section has defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    collect: CollectPolicy = CollectPolicy()


def matches(repo: str, patterns: Patterns) -> bool:
    """Whether a repository is one of those that the patterns name; case makes no difference."""
    return any(fnmatchcase(repo.lower(), pattern.lower()) for pattern in patterns)


def load_policy(path: Path | None) -> Policy:
    """The policy in a TOML file; the defaults without one. Raises SettingsError that names the file and the key."""
    if path is None:
        return Policy()
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise SettingsError(f"FETTLE_POLICY={path} cannot be read: {error.strerror}; correct the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"FETTLE_POLICY={path} is not TOML: {error}.") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, found['loc']))} = {found['input']!r}: {found['msg']}" for found in error.errors()
        )
        raise SettingsError(f"FETTLE_POLICY={path} is not usable: {problems}. See docs/policy.md.") from None
