"""Busy visitors of the pages: `python -m tests.benchmarks.busy_sessions PORT SESSIONS`, until SIGTERM.

Each opens one page after the other, as a browser does over its web socket, and never pauses. Prints how many it opened.
"""

import asyncio
import itertools
import signal
import subprocess
import sys

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.conftest import ROOT

PAGES = ("", "workflows", "remediation", "alerts")


async def visit(port: int, number: int, opened: list[int]) -> None:
    """One visitor."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    origin = f"http://127.0.0.1:{port}"
    async with connect(address, subprotocols=["streamlit"], origin=origin, max_size=None) as socket:  # type: ignore[list-item, arg-type]
        for page, days in zip(itertools.cycle(PAGES), itertools.count(30 + number)):
            wanted = BackMsg()
            wanted.rerun_script.page_name = page
            wanted.rerun_script.query_string = f"range={('7d', '30d', '90d')[days % 3]}"
            await socket.send(wanted.SerializeToString())
            while ForwardMsg.FromString(await socket.recv(decode=False)).WhichOneof("type") != "script_finished":
                pass
            opened.append(days)


async def visit_all(port: int, sessions: int) -> int:
    """All visitors, until SIGTERM; returns how many pages they opened."""
    opened: list[int] = []
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    visitors = [asyncio.create_task(visit(port, number, opened)) for number in range(sessions)]
    await asyncio.wait([asyncio.create_task(stop.wait()), *visitors], return_when=asyncio.FIRST_COMPLETED)
    for visitor in visitors:
        if visitor.done():
            visitor.result()
        visitor.cancel()
    return len(opened)


def begin_visits(port: int, sessions: int) -> "subprocess.Popen[str]":
    """Starts visitors in a process of their own; ended by `terminate`, it prints how many pages they opened."""
    command = [sys.executable, "-m", "tests.benchmarks.busy_sessions", str(port), str(sessions)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


if __name__ == "__main__":
    print(asyncio.run(visit_all(int(sys.argv[1]), int(sys.argv[2]))))
