"""Local users: a file in streamlit-authenticator's credential format, with bcrypt hashes in place of passwords.

Its Hasher, which the pages check passwords with, is bcrypt and nothing else; commands and the API call that
themselves, as its package starts Streamlit. What that format does not know is `disabled: true`, which
streamlit-authenticator passes over.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import yaml

from shared.access.roles import ROLES, Role
from shared.errors import SettingsError

SHORTEST, LONGEST = 12, 72
"""Bytes of a password: fewer are guessed, and bcrypt looks at no more."""

ROUNDS = 12
"""Each more doubles the time that a try takes, for us and for who guesses."""

NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,59}")
"""streamlit-authenticator makes names lower case, too."""

LARGEST = 4_000_000
"""Bytes of the file."""

_HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_SALT = "abcdefghijklmnopqrstuu"
"""Of whom there is no such user: to hash with it takes as long as to look at a hash."""


class UsersUnusable(SettingsError):
    """The file of users cannot be read, or says what cannot be understood."""


@dataclass(frozen=True)
class User:
    """A local user. digest: bcrypt's, with its salt and rounds."""

    name: str
    role: Role
    digest: str
    disabled: bool = False

    @property
    def stamp(self) -> str:
        """Changes with the password, so that sessions begun with the former one can be told."""
        return hashlib.sha256(self.digest.encode()).hexdigest()[:16]


class UserFile:
    """The local users; read again as soon as the file has changed.

    check: whether a password is that of a hash; the pages give streamlit-authenticator's.
    """

    def __init__(self, path: Path, check: "Check | None" = None) -> None:
        self.path = path
        self._check = check or _check
        self._read: tuple[tuple[int, int, int], Mapping[str, User]] | None = None

    def users(self) -> Mapping[str, User]:
        """All of them by name. Raises UsersUnusable."""
        try:
            told = self.path.stat()
            version = (told.st_mtime_ns, told.st_size, told.st_ino)
            if self._read is None or self._read[0] != version:
                self._read = version, users_of(credentials(self.path), self.path)
        except OSError as error:
            raise UsersUnusable(
                f"FETTLE_USERS={str(self.path)!r} cannot be read ({error.strerror}); "
                "make it with `python -m backend users add NAME`."
            ) from error
        return self._read[1]

    def find(self, name: str) -> User | None:
        """A user who may sign in; None for one who is not there or disabled. Raises UsersUnusable."""
        user = self.users().get(name)
        return None if user is None or user.disabled else user

    def verify(self, name: str, password: str) -> User | None:
        """Who signs in with this password; None takes as long, whether the name or the password is wrong.

        Raises UsersUnusable.
        """
        users = self.users()
        found = users.get(name.strip().lower())
        some = found or next(iter(users.values()), None)
        digest = found.digest if found else _nobody(some)
        usable = len(password.encode("utf-8", "replace")) <= LONGEST and _is_text(password)
        same = self._check(password if usable else "", digest) and usable
        return found if found and same and not found.disabled else None


Check = Callable[[str, str], bool]
"""Whether a password is that of a hash."""


def _is_text(password: str) -> bool:
    """Whether bcrypt takes it: half a character from outside, or a NUL, is part of nobody's password."""
    return "\0" not in password and password.encode("utf-8", "replace").decode() == password


def _check(password: str, digest: str) -> bool:
    return bcrypt.checkpw(password.encode(), digest.encode())


def credentials(path: Path) -> dict[str, Any]:
    """The whole content of a file of users; empty of one that is empty. Raises UsersUnusable or OSError."""
    if path.stat().st_size > LARGEST:
        raise UsersUnusable(f"{path} has more than {LARGEST:,} bytes; it is to hold users and nothing else.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsersUnusable(f"{path} is not YAML ({' '.join(str(error).split())[:120]}); correct it.") from error
    content = {} if content is None else content
    if not isinstance(content, dict) or not isinstance(_usernames(content), dict):
        raise UsersUnusable(f"{path} holds no users under `credentials:`, `usernames:`; see docs/operate.md.")
    return content


def users_of(content: dict[str, Any], path: Path) -> dict[str, User]:
    """The users of a file's content. Raises UsersUnusable that names the first entry of no use."""
    found = (_user(str(name), told, path) for name, told in _usernames(content).items())
    return {user.name: user for user in found}


def hash_password(password: str) -> str:
    """What is stored of a password. Raises SettingsError if it is too short or too long."""
    size = len(password.encode())
    if not SHORTEST <= size <= LONGEST:
        raise SettingsError(f"The password has {size} bytes; choose one of {SHORTEST} to {LONGEST}.")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def _usernames(content: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever somebody wrote
    told = content.get("credentials") or {}
    return (told.get("usernames") or {}) if isinstance(told, dict) else None


def _user(name: str, told: object, path: Path) -> User:
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise UsersUnusable(f"The user name {name[:80]!r} in {path} is not usable: letters, digits and ._@+- are.")
    if not isinstance(told, dict) or not _HASH.fullmatch(str(told.get("password", ""))):
        raise UsersUnusable(
            f"The password of {name!r} in {path} is not a bcrypt hash; set it with `python -m backend users password`."
        )
    roles = told.get("roles") or told.get("role") or ()
    named = {roles} if isinstance(roles, str) else {str(role) for role in roles}
    role = next((role for role in reversed(ROLES) if role in named), ROLES[0])
    return User(name, role, str(told["password"]), told.get("disabled", False) is not False)


def _nobody(other: User | None) -> str:
    """A hash that no password has, which takes as long to look at as that of a user."""
    rounds = _HASH.fullmatch(other.digest) if other else None
    return f"$2b${rounds[1] if rounds else ROUNDS:0>2}${_SALT}{'.' * 31}"
