"""Roles: what a person or a key may do, from least to most."""

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["viewer", "operator", "admin"]

ROLES: tuple[Role, ...] = get_args(Role)
"""A viewer reads; an operator also writes, decides and starts things; an admin also changes who may do what."""


@dataclass(frozen=True)
class Caller:
    """Who asks.

    name: of the person or the key, as it stands in the audit log.
    repos: `org/name` of those whose rows the caller may see; None: all. Who is limited sees nothing that is of no
    repository, such as customers.
    """

    name: str
    role: Role
    repos: frozenset[str] | None = None

    def may(self, role: Role) -> bool:
        """Whether the caller may do what needs a role."""
        return ROLES.index(self.role) >= ROLES.index(role)


LOCAL = Caller("local", "admin")
"""Whoever asks where no key and no sign-in is configured; then only this machine can."""
