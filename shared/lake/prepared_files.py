"""Files of prepared questions: their SQL outlives the process that made it, for as long as the code stays the same.

To make the SQL of all that the pages ask takes a minute of processor time, at each start of each process. A file is
found by all that the SQL was made of: the question, its shape, the code and the versions of the libraries. It is as
trusted as the code: whoever may write to the folder may have queries run, as whoever may write the copies of blobs
beside it may have them show anything.
"""

import base64
import hashlib
import inspect
import json
import shutil
import time
import uuid
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from shared.metrics.digest import Digest
from shared.metrics.digests import DIGESTS, OF_A_RANGE

MOST_FILES = 4_096
"""Questions kept of one version of the code; each process makes further ones anew, as what people type never ends."""

UNUSED_S = 14 * 86_400
"""After so long, what was kept of another version of the code is deleted."""

_SHARED = Path(__file__).parents[1]
_BY_NAME = {digest.name: digest for digest in (*DIGESTS, *OF_A_RANGE)}


@dataclass(frozen=True)
class Prepared:
    """SQL with parameters: times (with what to add to the end of the range) and names. schema: of the answer.

    digests: those that the SQL may name.
    relies: the facts of the data that the expression was made with, and how they were.
    """

    sql: str
    digests: tuple[Digest, ...]
    times: Mapping[str, timedelta]
    names: frozenset[str]
    schema: pa.Schema
    relies: Mapping[Hashable, Hashable]


class PreparedFiles:
    """Prepared questions in a folder, which several processes may share and which may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: Hashable, build: Callable[..., Any]) -> Iterator[Prepared]:
        """All that was prepared for a key by the function that builds its expression, as the code is now."""
        folder = self._of(key, build)
        for file in sorted(folder.glob("*.json")) if folder else ():
            try:
                yield _read(file.read_text("utf-8"))
            except (OSError, ValueError, KeyError):  # being deleted, or not ours
                continue

    def keep(self, key: Hashable, build: Callable[..., Any], prepared: Prepared) -> None:
        """Keeps what was prepared, if it can be: a folder that is full or not writable is done without."""
        folder, text = self._of(key, build), _written(prepared)
        if folder is None or any(digest.name not in _BY_NAME for digest in prepared.digests):
            return  # such a digest is made of the policy, and cannot be found by its name
        try:
            self._tidy(folder.parent)
            if sum(1 for _ in folder.parent.iterdir()) >= MOST_FILES:
                return
            folder.mkdir(exist_ok=True)
            unfinished = folder / f"{uuid.uuid4().hex}.new"
            unfinished.write_text(text, "utf-8")
            unfinished.replace(folder / f"{_digest(text)}.json")
        except OSError:
            return

    def _of(self, key: Hashable, build: Callable[..., Any]) -> Path | None:
        """None for what is no function of a file, whose code cannot be told."""
        if not inspect.isroutine(build):
            return None
        return self._folder / code_version(inspect.getfile(build)) / _digest(repr(key))

    def _tidy(self, ours: Path) -> None:
        """Deletes what other versions of the code left, once, when there is something to keep of this one."""
        if ours.exists():
            return
        ours.mkdir(parents=True, exist_ok=True)
        for other in self._folder.iterdir():
            if other.stat().st_mtime < time.time() - UNUSED_S:
                shutil.rmtree(other, ignore_errors=True)


@lru_cache(maxsize=16)
def code_version(builder: str) -> str:
    """A digest of the code that makes SQL: all of this package, a file that builds expressions, and the libraries."""
    found = hashlib.sha256()
    for library in ("ibis-framework", "sqlglot", "duckdb", "pyarrow"):
        found.update(version(library).encode())
    for file in [*sorted(_SHARED.rglob("*.py")), Path(builder)]:
        found.update(file.read_bytes())
    return found.hexdigest()[:20]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _written(prepared: Prepared) -> str:
    return json.dumps(
        {
            "sql": prepared.sql,
            "digests": [digest.name for digest in prepared.digests],
            "times": {name: offset / timedelta(microseconds=1) for name, offset in prepared.times.items()},
            "names": sorted(prepared.names),
            "schema": base64.b64encode(prepared.schema.serialize().to_pybytes()).decode(),
            "relies": [[fact, how] for fact, how in prepared.relies.items()],
        }
    )


def _read(text: str) -> Prepared:
    told = json.loads(text)
    return Prepared(
        sql=told["sql"],
        digests=tuple(_BY_NAME[name] for name in told["digests"]),
        times={name: timedelta(microseconds=offset) for name, offset in told["times"].items()},
        names=frozenset(told["names"]),
        schema=pa.ipc.read_schema(pa.py_buffer(base64.b64decode(told["schema"]))),
        relies={tuple(fact) if isinstance(fact, list) else fact: how for fact, how in told["relies"]},
    )
