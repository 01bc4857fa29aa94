"""Who the visitor is: asked anew at every run of a page, as a session may have ended meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from frontend.sign_in.opened import desk
from shared.access.cookie import COOKIE
from shared.access.roles import LOCAL, Caller
from shared.errors import FettleError

_AT_HAND: ContextVar[Caller | None] = ContextVar("caller", default=None)


class SignedOut(FettleError):
    """Nobody is signed in (any more) where one has to be."""


def caller() -> Caller:
    """The visitor; LOCAL where nobody signs in, and for work without a visitor.

    Raises SignedOut, or SettingsError or StoreError where it cannot be told.
    """
    if given := _AT_HAND.get():
        return given
    found = desk()
    if found is None:
        return LOCAL
    who = found.sessions.caller(st.context.cookies.get(COOKIE))
    if who is None:
        raise SignedOut("Your session has ended; sign in again.")
    return who


@contextmanager
def everyone() -> Iterator[None]:
    """For work without a visitor, of which answers come that all share who may see everything."""
    before = _AT_HAND.set(LOCAL)
    try:
        yield
    finally:
        _AT_HAND.reset(before)
