"""Who the visitor is: asked anew at every run of a page, as a session may have ended meanwhile."""

import streamlit as st

from frontend.sign_in.opened import desk
from shared.access.cookie import COOKIE
from shared.access.roles import LOCAL, Caller
from shared.errors import FettleError


class SignedOut(FettleError):
    """Nobody is signed in (any more) where one has to be."""


def caller() -> Caller:
    """The visitor; LOCAL where nobody signs in.

    Raises SignedOut, or SettingsError or StoreError where it cannot be told.
    """
    found = desk()
    if found is None:
        return LOCAL
    who = found.sessions.caller(st.context.cookies.get(COOKIE))
    if who is None:
        raise SignedOut("Your session has ended; sign in again.")
    return who
