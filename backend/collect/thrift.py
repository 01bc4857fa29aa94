"""Thrift: a collection reads gigabytes and should need little memory, whatever the allocators' defaults are."""

import ctypes
import gc
from collections.abc import Callable

import pyarrow as pa

ENGINE_MEMORY = "128MB"
"""Of the query engine: merges are cut so that they fit, and what is being read needs as much again."""

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def be_thrifty() -> None:
    """Sets up this process for many short-lived objects in several threads; once, before it reads anything.

    Pages of objects come and go by reference counts alone, and to search them for cycles takes longer than to parse
    them: so what is imported is never searched, and the rest more rarely. glibc gives each thread an arena that does
    not shrink: two must do. And Arrow is to give back what a merge has used.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    pa.set_memory_pool(pa.system_memory_pool())
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_ARENA_MAX, 2)


def give_back() -> None:
    """Gives free memory back to the system, after much of it was used."""
    if (trim := _of_glibc("malloc_trim")) is not None:
        trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where that is another one."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError):
        return None
    return function
