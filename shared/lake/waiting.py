"""What waits to be written to the inbox, and whoever waits for that: threads, and tasks of event loops."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from shared.lake.unnamed import Lines


class Waiting(NamedTuple):
    """Lines of JSON of a dataset, and the future of the thread or the event loop's task that they come from."""

    dataset: str
    lines: Lines
    written: "Future[None] | asyncio.Future[None]"
    loop: asyncio.AbstractEventLoop | None = None


def lines_of(rows: Iterable[dict[str, Any]]) -> bytes:
    """Rows as lines of JSON."""
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def by_dataset(group: Iterable[Waiting]) -> dict[str, list[Waiting]]:
    """The members of a group by what they are lines of."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for waiting in group:
        found[waiting.dataset].append(waiting)
    return found


def tell(members: Iterable[Waiting], error: Exception | None) -> None:
    """Tells those who wait that it is written, or why not, from any thread; each event loop is woken once."""
    loops: dict[asyncio.AbstractEventLoop | None, list[Waiting]] = defaultdict(list)
    for waiting in members:
        loops[waiting.loop].append(waiting)
    for loop, group in loops.items():
        if loop is None:
            resolve(group, error)
        else:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(resolve, group, error)


def resolve(group: Iterable[Waiting], error: Exception | None) -> None:
    """As tell, where all are threads, or tasks of the loop that runs here."""
    for waiting in group:
        if waiting.written.done():  # given up
            continue
        if error is None:
            waiting.written.set_result(None)
        else:
            waiting.written.set_exception(error)
