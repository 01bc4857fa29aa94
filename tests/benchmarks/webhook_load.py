"""A load of signed deliveries: `python -m tests.benchmarks.webhook_load PORT SECONDS CONNECTIONS FIRST DUPLICATES`.

Each connection sends one delivery after the other, and the same again until it is acknowledged. With a share of
duplicates, each thing is told of twice, in any order. Prints a JSON object.
"""

import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from tests.benchmarks.deliveries import Told, deliveries
from tests.conftest import ROOT

ANSWER_LIMIT_S = 30.0
"""Whoever answers later than this does not answer."""

BROKEN_PAUSE_S, REFUSED_PAUSE_S = 0.1, 0.2

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Answers:
    """What came back. latencies: ms of every answer.  acknowledged: number and step of deliveries answered with 202.

    broken: connections that ended without an answer, or took longer than the limit for it.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=Counter)
    broken: int = 0
    acknowledged: list[tuple[int, int]] = field(default_factory=list)

    def __add__(self, more: "Answers") -> "Answers":
        """Of two loads, one after the other."""
        return Answers(
            self.seconds + more.seconds,
            self.latencies + more.latencies,
            {
                status: self.statuses.get(status, 0) + more.statuses.get(status, 0)
                for status in {*self.statuses, *more.statuses}
            },
            self.broken + more.broken,
            self.acknowledged + more.acknowledged,
        )

    @property
    def a_second(self) -> float:
        """Deliveries acknowledged in a second."""
        return self.statuses.get(202, 0) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency that this share of answers did not exceed, in ms."""
        return sorted(self.latencies)[int(share * (len(self.latencies) - 1))]


class Load:
    """Connections that send, and what comes back."""

    def __init__(self, port: int, seconds: float, duplicates: float) -> None:
        self.port, self._duplicates = port, duplicates
        self._began = time.perf_counter()
        self._until = self._began + seconds
        self.answers = Answers()

    @property
    def going(self) -> bool:
        """Whether there is time for another delivery."""
        return time.perf_counter() < self._until

    async def run(self, connections: int, first: int) -> Answers:
        """Sends for as long as was said, or until SIGTERM."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        ours = [
            _Connection(self, deliveries(random.Random(first + n), first + n, connections, self._duplicates), loop)
            for n in range(connections)
        ]
        watching = loop.create_task(_give_up_late(ours))
        await asyncio.gather(*(one.run() for one in ours))
        watching.cancel()
        self.answers.seconds = time.perf_counter() - self._began
        return self.answers

    def _stop(self) -> None:
        self._until = 0.0


class _Connection(asyncio.Protocol):
    """Sends one delivery after the other, each again until it is acknowledged, if need be over a new connection.

    A protocol and not streams: these take a quarter longer for a delivery, and the sender shares the processors with
    what it measures.
    """

    def __init__(self, load: Load, deck: Iterator[Told], loop: asyncio.AbstractEventLoop) -> None:
        self._load, self._deck, self._loop = load, deck, loop
        self._told = next(deck)
        self._transport: asyncio.Transport
        self._lost: asyncio.Future[None]
        self._asked_at: float | None = None
        self._got = b""

    async def run(self) -> None:
        while self._load.going:
            self._lost = self._loop.create_future()
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    await self._loop.create_connection(lambda: self, "127.0.0.1", self._load.port)
            except OSError:  # TimeoutError is one
                self._load.answers.broken += 1
            else:
                await self._lost
            if self._load.going:
                await asyncio.sleep(BROKEN_PAUSE_S)

    def give_up_late(self) -> None:
        """Whoever has not answered within the limit does not answer."""
        if self._asked_at is not None and time.perf_counter() - self._asked_at > ANSWER_LIMIT_S:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._got += data
        status = _status(self._got)
        if status is None or self._asked_at is None:
            return
        answers = self._load.answers
        answers.latencies.append((time.perf_counter() - self._asked_at) * 1_000)
        answers.statuses[status] += 1
        self._asked_at = None
        if status == 202:
            answers.acknowledged.append((self._told.number, self._told.step))
            self._told = next(self._deck)
            self._send()
        else:
            self._loop.call_later(REFUSED_PAUSE_S, self._send)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._asked_at is not None:
            self._load.answers.broken += 1
            self._asked_at = None
        self._lost.set_result(None)

    def _send(self) -> None:
        if not self._load.going:
            self._transport.close()
        elif not self._transport.is_closing():
            self._got, self._asked_at = b"", time.perf_counter()
            self._transport.write(self._told.request())


async def _give_up_late(connections: list[_Connection]) -> None:
    while True:
        await asyncio.sleep(1)
        for one in connections:
            one.give_up_late()


def _status(answer: bytes) -> int | None:
    """Of a whole HTTP answer; none as long as a part is missing."""
    head, found, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    whole = found and len(body) >= (int(length[1]) if length else 0)
    return int(head[9:12]) if whole else None


def begin_load(
    port: int, seconds: float, connections: int = 64, first: int = 1, duplicates: float = 0
) -> "subprocess.Popen[str]":
    """Starts a load in a process of its own."""
    arguments = [str(one) for one in (port, seconds, connections, first, duplicates)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.webhook_load", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def answers_of(process: "subprocess.Popen[str]") -> Answers:
    """Waits for the end of a load, and gives what came back."""
    said, _ = process.communicate()
    told = json.loads(said)
    told["statuses"] = {int(status): number for status, number in told["statuses"].items()}
    told["acknowledged"] = [(number, step) for number, step in told["acknowledged"]]
    return Answers(**told)


def main(port: int, seconds: float, connections: int, first: int, duplicates: float) -> None:
    """Runs a load, and prints what came back."""
    answers = asyncio.run(Load(port, seconds, duplicates).run(connections, first))
    json.dump(vars(answers), sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
