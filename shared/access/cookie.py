"""The session's cookie, as a browser sends it."""

from starlette.requests import cookie_parser

COOKIE = "fettle_session"


def token_in(header: str | None) -> str | None:
    """The session's token in a Cookie header; None if it has none."""
    return cookie_parser(header or "").get(COOKIE)
