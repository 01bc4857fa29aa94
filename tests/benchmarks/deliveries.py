"""Deliveries for a load: GitHub's own examples, each about a run, job, pull request or alert of its own."""

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[3] / "shared" / "data" / "webhooks"
SECRET = "benchmark-secret"

SMALLEST = 10_000
"""Bytes; smaller examples are padded."""

BEFORE, AFTER = "2022-06-15T13:00:00Z", "2022-06-15T14:00:00Z"
MARK = 987_654_321_012

_CHANGES: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "workflow_run": (
        *("workflow_run.completed.1.json", "workflow_run", "id"),
        {"action": "requested", "status": "queued", "conclusion": None, "updated_at": BEFORE},
        {"action": "completed", "status": "completed", "conclusion": "success", "updated_at": AFTER},
    ),
    "workflow_job": (
        *("workflow_job.completed.1.json", "workflow_job", "id"),
        {"action": "queued", "status": "queued", "conclusion": None, "completed_at": None},
        {"action": "completed", "status": "completed"},
    ),
    "pull_request": (
        *("pull_request.opened.0.json", "pull_request", "number"),
        {"action": "opened", "state": "open", "updated_at": BEFORE},
        {"action": "closed", "state": "closed", "updated_at": AFTER, "closed_at": AFTER},
    ),
    "dependabot_alert": (
        *("dependabot_alert.fixed.2.json", "alert", "number"),
        {"action": "created", "state": "open", "updated_at": "2022-06-14T15:21:52Z", "fixed_at": None},
        {"action": "fixed", "state": "fixed", "updated_at": AFTER, "fixed_at": AFTER},
    ),
}
"""By event the example, the object in it and what identifies that, and what its two deliveries say."""

EVENTS = tuple(_CHANGES)
LAST = 1


@dataclass(frozen=True)
class Told:
    """The first or second delivery about one thing: step 0 or 1 of the number-th thing."""

    number: int
    step: int

    @property
    def event(self) -> str:
        """Things of all events take turns."""
        return EVENTS[self.number % len(EVENTS)]

    def request(self) -> bytes:
        """The HTTP request, signed; the same whenever it is sent."""
        head, tail = _parts(self.event, self.step)
        body = head + str(self.number).encode() + tail
        signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
        return (
            f"POST /api/webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: {self.event}\r\nX-GitHub-Delivery: {self.number}-{self.step}\r\nX-GitHub-Hook-ID: 1\r\n"
            f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def deliveries(dice: random.Random, first: int, step: int, duplicates: float) -> Iterator[Told]:
    """Deliveries about the things `first`, `first + step`, and so on, without end.

    duplicates: the share that is sent twice; then each thing has two deliveries, and they are shuffled. With none each
    has one.
    """
    number = first
    while True:
        numbers = range(number, number + 10 * step, step)
        deck = [Told(one, told) for one in numbers for told in ((0, LAST) if duplicates else (LAST,))]
        if duplicates:
            deck += dice.sample(deck, round(len(deck) * duplicates / (1 - duplicates)))
            dice.shuffle(deck)
        yield from deck
        number += 10 * step


@cache
def _parts(event: str, step: int) -> tuple[bytes, bytes]:
    """The body before and after the number."""
    name, about, identity, *said = _CHANGES[event]
    payload = json.loads((DATA / name).read_text())
    changes = dict(said[step])
    payload["action"] = changes.pop("action")
    payload[about].update(changes, **{identity: MARK})
    missing = SMALLEST - len(json.dumps(payload))
    payload["repository"]["description"] = "x" * max(missing, 0)
    head, tail = json.dumps(payload).encode().split(str(MARK).encode(), 1)
    return head, tail.replace(str(MARK).encode(), b"1")
