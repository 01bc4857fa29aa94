"""Changes of the file of local users: whole or not at all, and one after another."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from shared.access.roles import ROLES
from shared.access.users import NAME, UsersUnusable, credentials, hash_password, users_of
from shared.errors import SettingsError

PATIENCE_S = 10.0

Usernames = dict[str, Any]


def add_user(path: Path, name: str, role: str, password: str) -> str:
    """Adds a user and returns the name as it is used from then on. Raises SettingsError."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise SettingsError(f"The name {name!r} is not usable: give up to 60 letters, digits and ._@+-, as `ann`.")
    if role not in ROLES:
        raise SettingsError(f"There is no role {role!r}; use one of {', '.join(ROLES)}.")
    made = {"password": hash_password(password), "roles": [role]}

    def add(users: Usernames) -> None:
        if _key(users, name) is not None:
            raise SettingsError(f"There is a user {name!r} already; `users password` gives another password.")
        users[name] = made

    _change(path, add)
    return name


def set_password(path: Path, name: str, password: str) -> None:
    """Gives a user another password; sessions begun with the former one end. Raises SettingsError."""
    digest = hash_password(password)

    def put(users: Usernames) -> None:
        users[_known(users, name)]["password"] = digest

    _change(path, put)


def set_disabled(path: Path, name: str, disabled: bool) -> None:
    """Locks a user out, sessions and all, or in again. Raises SettingsError."""

    def put(users: Usernames) -> None:
        users[_known(users, name)]["disabled"] = disabled

    _change(path, put)


def _key(users: Usernames, name: str) -> str | None:
    wanted = name.strip().lower()
    return next((key for key in users if str(key).strip().lower() == wanted), None)


def _known(users: Usernames, name: str) -> str:
    key = _key(users, name)
    if key is None:
        raise SettingsError(f"There is no user {name!r}; there are {', '.join(map(repr, users)) or 'none'}.")
    return key


def _change(path: Path, change: Callable[[Usernames], None]) -> None:
    path = path.resolve()  # a link stays one
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=PATIENCE_S):
            content = credentials(path) if path.exists() else {}
            users = (content.setdefault("credentials", {}) or {}).get("usernames") or {}
            change(users)
            content["credentials"] = {**(content["credentials"] or {}), "usernames": users}
            users_of(content, path)
            _replace(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    except Timeout as error:
        raise UsersUnusable(f"{path} is being changed by another command; try again.") from error
    except OSError as error:
        raise UsersUnusable(f"{path} cannot be written: {error.strerror}; correct FETTLE_USERS.") from error


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # which only its owner may read
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
