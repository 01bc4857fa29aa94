"""The least that reading GitHub can cost: fetches the very pages that a collection asked for, and parses them.

python -m tests.benchmarks.bare_loop URL TOKEN TARGETS THREADS, where TARGETS is a JSON file with paths and queries
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import orjson
import requests


def main(url: str, token: str, targets: str, threads: str) -> None:
    """Reads every target once, with a session for each thread; prints how many pages and bytes there were."""
    queue = _Queue(json.loads(Path(targets).read_text()))
    with ThreadPoolExecutor(int(threads)) as pool:
        sizes = list(pool.map(lambda _: _read(url, token, queue), range(int(threads))))
    print(f"{sum(pages for pages, _ in sizes)} pages, {sum(size for _, size in sizes)} bytes")


class _Queue:
    """Gives each target to one thread."""

    def __init__(self, targets: list[str]) -> None:
        self._targets, self._lock = iter(targets), Lock()

    def __iter__(self) -> Iterator[str]:
        while (target := self._next()) is not None:
            yield target

    def _next(self) -> str | None:
        with self._lock:
            return next(self._targets, None)


def _read(url: str, token: str, queue: _Queue) -> tuple[int, int]:
    pages = size = 0
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        for target in queue:
            body = session.get(url + target, timeout=60, allow_redirects=False).content
            orjson.loads(body)
            pages, size = pages + 1, size + len(body)
    return pages, size


if __name__ == "__main__":
    main(*sys.argv[1:])
