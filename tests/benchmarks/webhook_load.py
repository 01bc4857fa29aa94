"""A load of signed deliveries: `python -m tests.benchmarks.webhook_load PORT SECONDS CONNECTIONS FIRST DUPLICATES`.

Each connection sends one delivery after the other; every delivery is of a run or pull request of its own, but for a
share of duplicates. Prints a JSON object: requests, statuses, seconds, latencies (ms) and the ids acknowledged.
"""

import asyncio
import hashlib
import hmac
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "data" / "webhooks"
SECRET = "benchmark-secret"

TEMPLATES = (
    ("workflow_run", "workflow_run.completed.1.json", ("workflow_run", "id")),
    ("pull_request", "pull_request.opened.0.json", ("pull_request", "number")),
    ("workflow_job", "workflow_job.completed.1.json", ("workflow_job", "id")),
)
MARK = 987_654_321_012


@dataclass(frozen=True)
class Template:
    """A delivery with a place for the id of what it is about."""

    event: str
    head: bytes
    tail: bytes

    @classmethod
    def of(cls, event: str, name: str, path: tuple[str, str]) -> "Template":
        payload = json.loads((DATA / name).read_text())
        payload[path[0]][path[1]] = MARK
        text = json.dumps(payload).encode()
        head, tail = text.split(str(MARK).encode(), 1)
        return cls(event, head, tail.replace(str(MARK).encode(), b"1"))

    def request(self, number: int, delivery: str) -> bytes:
        body = self.head + str(number).encode() + self.tail
        signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
        return (
            f"POST /api/webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: {self.event}\r\nX-GitHub-Delivery: {delivery}\r\nX-GitHub-Hook-ID: 1\r\n"
            f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


@dataclass
class Load:
    """What is sent and what came back."""

    port: int
    until: float
    first: int
    duplicates: float
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: dict[str, set[int]] = field(default_factory=dict)
    broken: int = 0

    async def connection(self, templates: list[Template], number: int, step: int) -> None:
        dice = random.Random(number)
        sent: list[tuple[int, bytes]] = []
        streams = None
        while time.perf_counter() < self.until:
            template = templates[number % len(templates)]
            again = bool(sent) and dice.random() < self.duplicates
            one, request = dice.choice(sent[-20:]) if again else (number, template.request(number, f"d-{number}"))
            template = templates[one % len(templates)]
            began = time.perf_counter()
            try:
                if streams is None:
                    streams = await asyncio.open_connection("127.0.0.1", self.port)
                streams[1].write(request)
                head = await streams[0].readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                await streams[0].readexactly(length)
            except (OSError, asyncio.IncompleteReadError):
                self.broken += 1
                streams = None
                await asyncio.sleep(0.1)
                continue  # the same delivery again, as nobody has acknowledged it
            status = int(head[9:12])
            self.latencies.append((time.perf_counter() - began) * 1_000)
            self.statuses[status] += 1
            if status == 202:
                self.acknowledged.setdefault(template.event, set()).add(one)
            if not again:
                sent = [*sent[-20:], (number, request)] if self.duplicates else []
                number += step if status == 202 else 0
                if status != 202:
                    await asyncio.sleep(0.2)


async def run(port: int, seconds: float, connections: int, first: int, duplicates: float) -> Load:
    templates = [Template.of(*template) for template in TEMPLATES]
    began = time.perf_counter()
    load = Load(port, began + seconds, first, duplicates)
    await asyncio.gather(*(load.connection(templates, first + n, connections) for n in range(connections)))
    return load


def main(port: int, seconds: float, connections: int, first: int, duplicates: float) -> None:
    began = time.perf_counter()
    load = asyncio.run(run(port, seconds, connections, first, duplicates))
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "requests": len(load.latencies),
                "statuses": load.statuses,
                "broken": load.broken,
                "latencies": sorted(load.latencies),
                "acknowledged": {event: sorted(ids) for event, ids in load.acknowledged.items()},
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
