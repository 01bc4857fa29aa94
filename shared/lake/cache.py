"""The cache folder: what a full or missing one does to copies, merges and queries, told as one sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shared.lake.store import StoreError, StoreFull, StoreUnreachable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors of the operating system that mean "no room"."""

_FULL_WORDS = ("No space left", "File too large", "quota exceeded")
"""DuckDB passes the operating system's text on, not its number."""


@contextmanager
def cache_errors(cache: Path) -> Iterator[None]:
    """Inside, what fails in the cache folder is a StoreError that names FETTLE_CACHE and the next step."""
    try:
        yield
    except OSError as error:
        raise _cache_error(cache, error.errno in FULL, error.strerror or str(error)) from error
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"The query needs more than FETTLE_MEMORY_LIMIT and the room in FETTLE_CACHE={cache} allow; "
            "raise the limit, free some space, or ask for less."
        ) from error
    except duckdb.IOException as error:
        text = str(error)
        raise _cache_error(cache, any(word in text for word in _FULL_WORDS), text.splitlines()[0]) from error


def _cache_error(cache: Path, full: bool, why: str) -> StoreError:
    if full:
        return StoreFull(
            f"No space is left in FETTLE_CACHE={cache}; free some, or point FETTLE_CACHE elsewhere, "
            "and run the same command again."
        )
    return StoreUnreachable(f"FETTLE_CACHE={cache} cannot be used: {why}; point it at a writable folder.")
