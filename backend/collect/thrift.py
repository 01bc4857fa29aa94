"""Thrift: a collection reads gigabytes and should need little memory, whatever the allocators' defaults are."""

import atexit
import ctypes
import gc
import os
from collections.abc import Callable

ENGINE_MEMORY = "96MB"
"""Of the query engine: merges are cut so that they fit, and what is being read needs as much again."""

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
"""M_ARENA_MAX and M_MMAP_THRESHOLD of glibc's malloc.h."""

LARGE = 512 * 1024
"""Bytes from which on an allocation is given back to the system as soon as it is free: pages, columns of a merge."""


def be_thrifty() -> None:
    """Chooses allocators that give back what is free; before anything else is imported, as Arrow chooses on import.

    Arrow's own allocator keeps what a merge has used, and glibc gives each thread an arena that does not shrink: two
    must do.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_ARENA_MAX, 2)
        mallopt(_MMAP_THRESHOLD, LARGE)


def settle() -> None:
    """Sets up the search for cycles; once, when everything is imported and nothing has been read.

    Pages of objects come and go by reference counts alone, and to search them for cycles takes longer than to parse
    them: so what is imported is not searched until the process ends, and the rest more rarely.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else DuckDB takes what is left for leaks, and prints them
    gc.set_threshold(20_000, 20, 20)


def give_back() -> None:
    """Gives free memory back to the system, after much of it was used."""
    gc.collect(1)  # what is younger than the last search; a search of everything would take longer than a write
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where that is another one."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError):
        return None
    return function
