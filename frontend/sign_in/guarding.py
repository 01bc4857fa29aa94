"""What every view of signing in is wrapped in."""

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from frontend.sign_in.opened import SIGN_IN
from frontend.sign_in.origin import is_named
from frontend.sign_in.page import refusal_page
from shared.errors import FettleError

FRESH = {"cache-control": "no-store"}

log = logging.getLogger("fettle.ui")

View = Callable[[Request], Awaitable[Response]]


def guarded(view: View) -> View:
    """A view under the names alone that the pages have, which says in a sentence what could not be done."""

    async def answered(request: Request) -> Response:
        if not is_named(request.headers):
            return Response("The pages are not reached under this name; FETTLE_PUBLIC_URL sets it.", 421)
        try:
            return await view(request)
        except (FettleError, TimeoutError) as error:
            log.warning("Signing in or out failed: %s", error)
            page = refusal_page("That could not be done now; the server's log says why. Try again later.", SIGN_IN)
            return HTMLResponse(page, 503, FRESH)

    return answered
