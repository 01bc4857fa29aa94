"""Audit: an entry for every write, kept by the same inbox as what is written."""

import uuid
from datetime import datetime
from typing import Any

import orjson

from shared.access.roles import Caller
from shared.datasets.audit_log import AUDIT_LOG
from shared.lake.inbox import Inbox

LONGEST = 500
"""Characters of a resource, and of each value of the details."""


async def note(
    inbox: Inbox, who: Caller, action: str, resource: str, now: datetime, source: str = "api", **details: object
) -> None:
    """Keeps who did what, and returns once that is durable. Raises InboxFull or TimeoutError.

    action: a verb and its object, such as `events.record`.  details: numbers and short texts.
    """
    await inbox.submit_on_loop(AUDIT_LOG.name, [entry(who.name, action, resource, now, source, details)])


def entry(
    user: str, action: str, resource: str, now: datetime, source: str, details: dict[str, object]
) -> dict[str, Any]:
    """A row of `audit_log`."""
    short = {name: value[:LONGEST] if isinstance(value, str) else value for name, value in details.items()}
    return {
        "entry_id": uuid.uuid4().hex,
        "at": now,
        "user": user,
        "action": action,
        "resource": resource[:LONGEST],
        "details": orjson.dumps(short, default=str).decode(),
        "collected_at": now,
        "source": source,
    }
