"""Keys of the API in the terminal: made, listed, revoked, each noted in the audit log."""

import getpass

from backend.terminal import say
from shared.access.audit import entry
from shared.access.keys import create_key, revoke_key, stored_keys
from shared.datasets import AUDIT_LOG
from shared.lake.opening import open_lake, open_store
from shared.settings import load_settings


def add(name: str, role: str) -> None:
    """Makes a key and prints it. Raises KeyRefused or StoreError."""
    settings = load_settings()
    key = create_key(open_store(settings), name, role, settings.now())
    _note("keys.add", name.strip(), role=role)
    say(key)


def list_all() -> None:
    """Prints the keys there are. Raises StoreError."""
    for key in stored_keys(open_store(load_settings())):
        say(f"{key.name}  {key.role}  fettle_{key.key_id}_...  made {key.created_at}")


def revoke(name: str) -> None:
    """Has a key work no more. Raises KeyRefused or StoreError."""
    revoke_key(open_store(load_settings()), name)
    _note("keys.revoke", name)
    say(f"The key {name!r} works no more.")


def _note(action: str, name: str, **details: object) -> None:
    lake = open_lake(load_settings())
    row = entry(_user(), action, name, lake.clock(), "cli", details)
    lake.upsert(AUDIT_LOG, AUDIT_LOG.table([row]))
    lake.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
