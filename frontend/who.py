"""Who: whose visit a page is drawn for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.access.roles import LOCAL, Caller

_AT_HAND: ContextVar[Caller | None] = ContextVar("caller", default=None)


def caller() -> Caller:
    """Who looks at the page; whoever is at this machine, as long as nobody signs in."""
    return _AT_HAND.get() or LOCAL


@contextmanager
def everyone() -> Iterator[None]:
    """For work without a visitor, of which answers come that all share who may see everything."""
    before = _AT_HAND.set(LOCAL)
    try:
        yield
    finally:
        _AT_HAND.reset(before)
