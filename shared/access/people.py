"""People: who may sign in and as what, by the file of local users and by the lists of the settings.

Denies by default: whom no list names does not get in, whatever a provider says of them.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from shared.access.roles import Role
from shared.access.users import Check, UserFile
from shared.settings import Settings, split_list

Provider = Literal["local", "oidc", "github"]

PROVIDERS: tuple[Provider, ...] = get_args(Provider)

GITHUB = "github:"
"""Stands before GitHub's logins, which somebody else may have as a name elsewhere."""


@dataclass(frozen=True)
class People:
    """Those who may sign in.

    users: the local ones; None where there are none.  admins, operators, viewers: what is said of the others.
    """

    users: UserFile | None = None
    admins: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    viewers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings, check: Check | None = None) -> "People":
        """As the settings have it. check: see UserFile."""
        lists = (settings.sign_in_admins, settings.sign_in_operators, settings.sign_in_viewers)
        users = UserFile(settings.users, check) if settings.users else None
        return cls(users, *(frozenset(entry.lower() for entry in split_list(names)) for names in lists))

    def role(self, provider: Provider, name: str, stamp: str | None = None) -> Role | None:
        """What somebody is now; None for who may not be here (any more).

        stamp: of a local user, when the session began.  Raises UsersUnusable where that cannot be told.
        """
        if provider == "local":
            user = self.users.find(name) if self.users else None
            return user.role if user and user.stamp == stamp else None
        name = name.lower()
        if name.startswith(GITHUB) != (provider == "github"):
            return None
        if name in self.admins:
            return "admin"
        if name in self.operators:
            return "operator"
        domain = f"@{name.rpartition('@')[2]}" if provider == "oidc" else f"{GITHUB}*"
        return "viewer" if self.viewers & {name, domain, "*"} else None
