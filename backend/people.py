"""Local users in the terminal: added, locked out, listed, each change noted in the audit log."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backend.api_keys import note
from backend.terminal import say

if TYPE_CHECKING:
    from shared.settings import Settings

users = typer.Typer(help="Local users of the pages (FETTLE_USERS).", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="The user's name.")]


@users.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the user signs in as, in lower case.")],
    role: Annotated[str, typer.Option(help="viewer (reads), operator (also writes) or admin.")] = "viewer",
) -> None:
    """Add a local user. The password is asked for, or is the first line of standard input."""
    from shared.access.user_changes import add_user

    settings, path = _file()
    name = add_user(path, name, role, _password())
    note(settings, "users.add", name, role=role)
    say(f"{name} may sign in as {role}.")


@users.command("password")
def password(name: Name) -> None:
    """Give a user another password, asked for as by `add`; sessions begun with the former one end."""
    from shared.access.user_changes import set_password

    settings, path = _file()
    set_password(path, name, _password())
    note(settings, "users.password", name)
    say(f"The password of {name} is changed.")


@users.command("disable")
def disable(name: Name) -> None:
    """Lock a user out; sessions end within seconds."""
    _set_disabled(name, True)
    say(f"{name} is locked out.")


@users.command("enable")
def enable(name: Name) -> None:
    """Let a user in again who was locked out."""
    _set_disabled(name, False)
    say(f"{name} may sign in again.")


@users.command("list")
def list_users() -> None:
    """List the local users with their roles."""
    from shared.access.users import UserFile

    for user in UserFile(_file()[1]).users().values():
        say(f"{user.name}  {user.role}{'  locked out' if user.disabled else ''}")


def _set_disabled(name: str, disabled: bool) -> None:
    from shared.access.user_changes import set_disabled

    settings, path = _file()
    set_disabled(path, name, disabled)
    note(settings, "users.disable" if disabled else "users.enable", name)


def _file() -> "tuple[Settings, Path]":
    from shared.errors import SettingsError
    from shared.settings import load_settings

    settings = load_settings()
    if settings.users is None:
        raise SettingsError("FETTLE_USERS is not set; name the file that holds the users, as /etc/fettle/users.yaml.")
    return settings, settings.users


def _password() -> str:
    """Never an argument: those are seen in the list of processes and kept in the shell's history."""
    if sys.stdin.isatty():
        given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return given
    return sys.stdin.readline().rstrip("\r\n")
