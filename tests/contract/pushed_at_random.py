"""Things pushed at random: what GitHub and services send, with odd values and odd forms, whole or broken."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from tests.contract.delivering import SECRET, signature

PAYLOADS = Path(__file__).parents[3] / "shared" / "data" / "webhooks"

EVENTS = ("code_scanning_alert", "dependabot_alert", "secret_scanning_alert", "workflow_run", "workflow_job")
OTHER_EVENTS = ("pull_request", "repository", "ping", "no such event", "")

ODD: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        2**31,
        2**63,
        -(2**63) - 1,
        10**40,
        1.5,
        1e308,
        -0.0,
        "",
        " ",
        "\0",
        "a\0b",
        "\n",
        "\U0001d54f" * 300,
    ),
    *("x" * 70_000, "=1+1", "<script>", "'; DROP TABLE alerts; --", "../../etc/passwd", "\u202eevil", "\ud800"),
    *(
        "2026-13-45T99:99:99Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-21",
        "-2026-11-21T00:00:00",
    ),
    *([], {}, [[]], [None], {"": None}, ["x"] * 500, {"id": {"id": {"id": 1}}}),
)

Headers = dict[str, str]


def mutated(dice: random.Random, told: Any, changes: int) -> Any:
    """A value with so many of its parts replaced, left out or moved."""
    told = copy.deepcopy(told)
    for _ in range(changes):
        place = told
        while isinstance(place, dict | list) and place:
            key = dice.choice(list(place)) if isinstance(place, dict) else dice.randrange(len(place))
            deeper = place[key]
            if not isinstance(deeper, dict | list) or not deeper or dice.random() < 0.15:
                _change(dice, place, key)
                break
            place = deeper
    return told


def _change(dice: random.Random, place: Any, key: Any) -> None:
    if dice.random() < 0.15:
        del place[key]
    else:
        place[key] = copy.deepcopy(dice.choice(ODD))


class Pushed:
    """An endless supply, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._payloads = [
            (path.name.split(".")[0], json.loads(path.read_text())) for path in sorted(PAYLOADS.glob("*.json"))
        ]

    def delivery(self) -> tuple[bytes, Headers]:
        """The body and the headers of a delivery, mostly signed well."""
        dice = self._dice
        event, payload = dice.choice(self._payloads)
        body = json.dumps(mutated(dice, payload, dice.choice((0, 1, 1, 3, 10)))).encode()
        body = self._broken(body)
        if dice.random() < 0.1:
            event = dice.choice((*EVENTS, *OTHER_EVENTS))
        signed = (
            signature(body, SECRET)
            if dice.random() < 0.9
            else dice.choice(("", "sha256=", "sha1=aa", "sha256=" + "0" * 64))
        )
        kind = (
            "application/json"
            if dice.random() < 0.9
            else dice.choice(("application/x-www-form-urlencoded", "text/plain", ";"))
        )
        headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": signed, "Content-Type": kind}
        if dice.random() < 0.9:
            headers["X-GitHub-Delivery"] = f"{dice.randrange(10**9)}"
        return body, headers

    def event(self) -> tuple[bytes, Headers]:
        """The body and the headers of activity events: one, several, or a form."""
        dice = self._dice
        at, later = "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"
        kinds: tuple[dict[str, Any], ...] = (
            {"event_type": "login", "timestamp": at},
            {"event_type": "feature", "feature_name": "export", "timestamp": at},
            {"event_type": "ticket", "created_at": at, "closed_at": later, "status": "closed"},
            {"event_type": "invoice", "issued_at": at, "due_date": later, "amount": 12.5, "currency": "EUR"},
            {"event_type": "api", "endpoint": "/v1/things", "timestamp": at},
        )
        told = [
            {"customer_id": dice.choice(("acme", "nobody")), **dice.choice(kinds)}
            for _ in range(dice.choice((1, 1, 3)))
        ]
        told = mutated(dice, told, dice.choice((0, 1, 2, 5)))
        if told and dice.random() < 0.5:
            told = told[0]
        kind = (
            "application/json"
            if dice.random() < 0.85
            else dice.choice(("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""))
        )
        return self._broken(json.dumps(told).encode()), {"Content-Type": kind}

    def _broken(self, body: bytes) -> bytes:
        """Mostly the body as it is; else cut off, with a byte that is another, or something else altogether."""
        dice = self._dice
        chance = dice.random()
        if chance < 0.85 or not body:
            return body
        place = dice.randrange(len(body))
        if chance < 0.9:
            return body[:place]
        if chance < 0.97:
            return body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :]
        return dice.choice(
            (b"", b"[" * 50_000, b"null", b"1e999", b"\xff\xfe\x00", b'{"a":' * 2_000, dice.randbytes(2_000))
        )
