"""The routes of signing in with a provider: to it, and back."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from frontend.sign_in.attempt import COOKIE, LIFE_S, Attempt
from frontend.sign_in.desk import UNKNOWN, Desk
from frontend.sign_in.guarding import FRESH, guarded
from frontend.sign_in.opened import SIGN_IN
from frontend.sign_in.page import refusal_page
from frontend.sign_in.ways import NotSignedIn, Way
from shared.access.providers import callback
from shared.access.sessions import SignedIn
from shared.addresses import is_loopback

LONGEST_CODE = 2_000

log = logging.getLogger("fettle.ui")


def provider_routes(desk: Desk) -> list[Route]:
    """Two routes for each provider of the settings."""
    found = []
    for way in desk.ways.values():
        views = ProviderViews(desk, way)
        path = f"/{way.provider}"
        found += [
            Route(path, guarded(views.start), methods=["GET"]),
            Route(f"{path}/callback", guarded(views.finish), methods=["GET"]),
        ]
    return found


class ProviderViews:
    """The views of one provider."""

    def __init__(self, desk: Desk, way: Way) -> None:
        self._desk, self._way = desk, way

    async def start(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        if refusal := await self._too_many(request):
            return refusal
        back = self._back(request)
        if back is None:
            return _refused("Set FETTLE_PUBLIC_URL: it is not known where the provider is to send you back to.", 503)
        attempt = Attempt.begin(self._way.provider, request.query_params.get("next", ""))
        try:
            address = await asyncio.to_thread(self._way.start, attempt, back)
        except NotSignedIn as problem:
            log.warning("%s: %s", self._way.words, problem)
            return _refused(str(problem), 502)
        response = RedirectResponse(address, 303, FRESH)
        self._desk.set_cookie(request, response, COOKIE, attempt.cookie, LIFE_S)
        return response

    async def finish(self, request: Request) -> Response:
        """Takes who comes back, once it is certain who that is."""
        if refusal := await self._too_many(request):
            return refusal
        query, back = request.query_params, self._back(request)
        attempt = Attempt.of(request.cookies.get(COOKIE), self._way.provider, query.get("state"))
        code = query.get("code", "")
        if attempt is None or back is None:
            return await self._refuse(request, "That does not belong to a sign-in that you began here; begin again.")
        if query.get("error") or not 0 < len(code) <= LONGEST_CODE:
            return await self._refuse(request, "The provider has not signed you in.")
        try:
            who = await asyncio.to_thread(self._way.finish, attempt, back, code)
        except NotSignedIn as problem:
            log.warning("%s: %s", self._way.words, problem)
            return await self._refuse(request, str(problem))
        return await self._begin(request, who, attempt)

    async def _begin(self, request: Request, who: SignedIn, attempt: Attempt) -> Response:
        role = await asyncio.to_thread(self._desk.people.role, who.provider, who.name)
        if role is None:
            told = f"{who.name} is on none of the lists of those who may sign in here; ask whoever runs Fettle."
            return await self._refuse(request, told, who.name)
        response = RedirectResponse(attempt.then, 303, FRESH)
        await self._desk.begin(request, response, who)
        return self._forgotten(request, response)

    async def _refuse(self, request: Request, problem: str, name: str = UNKNOWN.name) -> Response:
        await self._desk.note(request, name, "sign_in.refuse", self._way.provider, reason=problem)
        return self._forgotten(request, _refused(problem, 403))

    async def _too_many(self, request: Request) -> Response | None:
        wait_s = await self._desk.tries.wait_of_address_s(self._desk.address(request))
        if not wait_s:
            return None
        response = _refused(f"Too many tries; the next is taken in {wait_s} s.", 429)
        response.headers["retry-after"] = str(wait_s)
        return response

    def _forgotten(self, request: Request, response: Response) -> Response:
        """The attempt is over, however it ended."""
        self._desk.set_cookie(request, response, COOKIE, "", 0)
        return response

    def _back(self, request: Request) -> str | None:
        """Where the provider is to send the browser; without a public address only on this machine."""
        base = self._desk.settings.public_url
        if base is None:
            base = f"http://{request.url.netloc}" if is_loopback(request.url.hostname or "") else None
        return base and callback(base, self._way.provider)


def _refused(problem: str, status: int) -> Response:
    return HTMLResponse(refusal_page(problem, SIGN_IN), status, FRESH)
