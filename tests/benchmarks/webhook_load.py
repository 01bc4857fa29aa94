"""A load of signed deliveries: `python -m tests.benchmarks.webhook_load PORT SECONDS CONNECTIONS FIRST DUPLICATES`.

Each connection sends one delivery after the other, and the same again until it is acknowledged. With a share of
duplicates, each thing is told of twice, in any order. Prints a JSON object.
"""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.benchmarks.deliveries import Told, deliveries
from tests.conftest import ROOT

ANSWER_LIMIT_S = 30.0
"""Whoever answers later than this does not answer."""

BROKEN_PAUSE_S, REFUSED_PAUSE_S = 0.1, 0.2

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


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
        self._port, self._duplicates = port, duplicates
        self._began = time.perf_counter()
        self._until = self._began + seconds
        self.answers = Answers()

    async def run(self, connections: int, first: int) -> Answers:
        """Sends for as long as was said, or until SIGTERM."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stop)
        await asyncio.gather(*(self._connection(first + n, connections) for n in range(connections)))
        self.answers.seconds = time.perf_counter() - self._began
        return self.answers

    def _stop(self) -> None:
        self._until = 0.0

    async def _connection(self, first: int, step: int) -> None:
        dice, streams = random.Random(first), None
        for told in deliveries(dice, first, step, self._duplicates):
            status = 0
            while status != 202:
                if time.perf_counter() >= self._until:
                    if streams:
                        streams[1].close()
                    return
                status, streams = await self._send(streams, told)

    async def _send(self, streams: Streams | None, told: Told) -> tuple[int, Streams | None]:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                streams = streams or await asyncio.open_connection("127.0.0.1", self._port)
                status = await _answer(streams, told.request())
        except (OSError, asyncio.IncompleteReadError):  # TimeoutError is an OSError
            self.answers.broken += 1
            await asyncio.sleep(BROKEN_PAUSE_S)
            return 0, None
        self.answers.latencies.append((time.perf_counter() - began) * 1_000)
        self.answers.statuses[status] += 1
        if status == 202:
            self.answers.acknowledged.append((told.number, told.step))
        else:
            await asyncio.sleep(REFUSED_PAUSE_S)
        return status, streams


async def _answer(streams: Streams, request: bytes) -> int:
    streams[1].write(request)
    head = await streams[0].readuntil(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    await streams[0].readexactly(int(lengths[0]) if lengths else 0)
    return int(head[9:12])


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
