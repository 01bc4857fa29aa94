"""The visitor: let in or asked to sign in, named in the sidebar with the way out, and told what a viewer may not do."""

import streamlit as st

from frontend import who
from frontend.sign_in.opened import SIGN_IN
from shared.access.roles import LOCAL, Caller
from shared.errors import FettleError

_VISITOR = "_visitor"

_SIGN_OUT = '<form method="post" action="/api/auth/sign-out"><button type="submit">Sign out</button></form>'
"""A form of HTML, since a widget's answer cannot take a cookie away; page_style has its looks."""


def admit() -> Caller:
    """The visitor, or the end of the page where there is none. To be called before anything else is drawn."""
    try:
        visitor = who.caller()
    except who.SignedOut as ended:
        st.info(str(ended), icon=":material/lock:")
        st.html(f'<a href="{SIGN_IN}" target="_self">Sign in</a>')
        st.stop()
    except FettleError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()
    if st.session_state.setdefault(_VISITOR, visitor.name) != visitor.name:
        st.session_state.clear()  # nothing that somebody else chose or saw in this tab is for the next one
        st.session_state[_VISITOR] = visitor.name
    return visitor


def draw_visitor(visitor: Caller) -> None:
    """Who is signed in, and the way out; nothing where nobody signs in."""
    if visitor is LOCAL:
        return
    with st.sidebar.container(key="visitor"):
        st.text(f"{visitor.name} · {visitor.role}")
        st.html(_SIGN_OUT)


def may_write(what: str) -> bool:
    """Whether the visitor may change something; a sentence in place of the form for who may not.

    what: such as "Decisions are made".
    """
    if who.caller().may("operator"):
        return True
    st.caption(f"{what} by operators; you are signed in as a viewer.")
    return False
