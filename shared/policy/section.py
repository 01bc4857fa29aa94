"""What all sections of a policy have in common."""

from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict

Patterns = tuple[str, ...]
"""Repositories as `owner/name`, where `*` stands for any characters, as in `acme/*`."""


class Section(BaseModel):
    """A table of the policy file: frozen, every key known, every key with a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def matches(repo: str, patterns: Patterns) -> bool:
    """Whether a repository is one of those that the patterns name; case makes no difference."""
    return any(fnmatchcase(repo.lower(), pattern.lower()) for pattern in patterns)
