"""The routes of signing in and out, under /api/auth."""

import asyncio

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from frontend.sign_in.desk import UNKNOWN, Desk
from frontend.sign_in.guarding import FRESH, guarded
from frontend.sign_in.opened import SIGN_IN
from frontend.sign_in.origin import is_own, local_path
from frontend.sign_in.page import refusal_page, sign_in_page, signed_out_page
from frontend.sign_in.provider_routes import provider_routes
from shared.access.providers import PREFIX
from shared.access.sessions import SignedIn
from shared.access.users import User

FORM_BYTES = 8_192

WRONG = "The name or the password is wrong."

LONGEST_NAME = 60
"""Characters by which tries are told apart."""

AT_ONCE = 2
"""Passwords looked at in one moment: each takes a processor a quarter of a second."""


def sign_in_routes(desk: Desk) -> list[Mount]:
    """A mount with all of them, which so answers 405 and 404 itself, where Streamlit would answer with its page."""
    routes = Routes(desk)
    return [
        Mount(
            PREFIX,
            routes=[
                Route("/sign-in", guarded(routes.show), methods=["GET"]),
                Route("/local", guarded(routes.local), methods=["POST"]),
                Route("/sign-out", guarded(routes.sign_out), methods=["POST"]),
                *provider_routes(desk),
            ],
        )
    ]


class Routes:
    """The views."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._looking = asyncio.Semaphore(AT_ONCE)

    async def show(self, request: Request) -> Response:
        """The sign-in page, or what was wanted for who is signed in already."""
        then = local_path(request.query_params.get("next"))
        if await self._desk.caller(request.headers):
            return RedirectResponse(then, 303, FRESH)
        return self._page(then)

    async def local(self, request: Request) -> Response:
        """Takes a name and a password, and begins a session."""
        users = self._desk.people.users
        if users is None:
            return Response("Not Found", 404)
        form = await _form(request, self._desk.settings.public_url)
        if isinstance(form, Response):
            return form
        name, password = str(form.get("name", "")).strip().lower(), str(form.get("password", ""))
        then = local_path(str(form.get("next", "")))
        if wait_s := await self._desk.tries.wait_s(name[:LONGEST_NAME], self._desk.address(request)):
            return self._too_many(then, wait_s)
        async with self._looking:
            user = await asyncio.to_thread(users.verify, name, password)
        return await self._begin(request, user, then) if user else await self._refuse(request, name, then)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session, of which no copy of the cookie is good any more."""
        if not is_own(request.headers, self._desk.settings.public_url):
            return _elsewhere()
        response = HTMLResponse(signed_out_page(SIGN_IN), headers=FRESH)
        await self._desk.end(request, response)
        return response

    async def _begin(self, request: Request, user: User, then: str) -> Response:
        response = RedirectResponse(then, 303, FRESH)
        await self._desk.begin(request, response, SignedIn("local", user.name, stamp=user.stamp))
        return response

    async def _refuse(self, request: Request, name: str, then: str) -> Response:
        known = self._desk.people.users and name in self._desk.people.users.users()
        await self._desk.note(request, name if known else UNKNOWN.name, "sign_in.refuse", "local")
        return self._page(then, WRONG, 401)

    def _too_many(self, then: str, wait_s: int) -> Response:
        response = self._page(then, f"Too many tries; the next is taken in {wait_s} s.", 429)
        response.headers["retry-after"] = str(wait_s)
        return response

    def _page(self, then: str, problem: str | None = None, status: int = 200) -> Response:
        ways = [(f"{PREFIX}/{way.provider}", way.words) for way in self._desk.ways.values()]
        page = sign_in_page(self._desk.people.users is not None, ways, then, problem)
        return HTMLResponse(page, status, FRESH)


async def _form(request: Request, public_url: str | None) -> FormData | Response:
    """What a form of ours has sent, or the refusal of one that is not."""
    if not is_own(request.headers, public_url):
        return _elsewhere()
    size = request.headers.get("content-length", "")
    if not (size.isascii() and size.isdigit() and int(size) <= FORM_BYTES):
        return Response("The form is too large, or does not tell its size.", 413)
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return Response("Send the form of the sign-in page.", 415)
    return await request.form(max_files=0, max_fields=10)


def _elsewhere() -> Response:
    page = refusal_page("That was sent by a page of somebody else, and nothing was done.", SIGN_IN)
    return HTMLResponse(page, 403, FRESH)
