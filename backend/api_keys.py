"""Keys of the API in the terminal: made, listed, revoked, each noted in the audit log."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from backend.terminal import say

if TYPE_CHECKING:
    from shared.settings import Settings

keys = typer.Typer(help="Keys of the API.", no_args_is_help=True, rich_markup_mode=None)


@keys.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, as it stands in the audit log.")],
    role: Annotated[str, typer.Option(help="viewer (reads), operator (also writes) or admin.")] = "viewer",
) -> None:
    """Make a key of the API and print it: it is stored as a hash alone, and never to be seen again."""
    from shared.access.keys import create_key
    from shared.lake.opening import open_store
    from shared.settings import load_settings

    settings = load_settings()
    key = create_key(open_store(settings), name, role, settings.now())
    note(settings, "keys.add", name.strip(), role=role)
    say(key)


@keys.command("list")
def list_keys() -> None:
    """List the keys by name, with their roles."""
    from shared.access.keys import stored_keys
    from shared.lake.opening import open_store
    from shared.settings import load_settings

    for key in stored_keys(open_store(load_settings())):
        say(f"{key.name}  {key.role}  fettle_{key.key_id}_...  made {key.created_at}")


@keys.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="The key's name.")]) -> None:
    """Have a key work no more, within seconds."""
    from shared.access.keys import revoke_key
    from shared.lake.opening import open_store
    from shared.settings import load_settings

    settings = load_settings()
    revoke_key(open_store(settings), name)
    note(settings, "keys.revoke", name)
    say(f"The key {name!r} works no more.")


def note(settings: "Settings", action: str, name: str, **details: object) -> None:
    """Puts into the audit log what was done in the terminal, and to whom."""
    from shared.access.audit import entry  # only now: the query engine takes a second to import
    from shared.datasets import AUDIT_LOG
    from shared.lake.opening import open_lake

    lake = open_lake(settings)
    row = entry(_user(), action, name, lake.clock(), "cli", details)
    lake.upsert(AUDIT_LOG, AUDIT_LOG.table([row]))
    lake.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
