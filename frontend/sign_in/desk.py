"""The desk: what signing in needs, opened once for the process."""

import asyncio
import logging
from functools import cached_property

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response

from frontend.sign_in.tries import Tries
from frontend.sign_in.ways import ways_of
from shared.access.audit import note
from shared.access.cookie import COOKIE, token_in
from shared.access.people import People
from shared.access.roles import Caller
from shared.access.sessions import Sessions, SignedIn
from shared.addresses import Address, AddressHash, client_address, is_loopback, networks_of
from shared.lake.inbox import Inbox
from shared.lake.opening import open_inbox
from shared.settings import Settings, split_list

UNKNOWN = Caller("unknown", "viewer")
"""Who was refused under a name that nobody has: it may be a password that was typed into the wrong field."""

SOURCE = "sign-in"

log = logging.getLogger("fettle.ui")


def _check(password: str, digest: str) -> bool:
    """streamlit-authenticator's own check of a password."""
    # Only now: imported before the app is made, it has Streamlit read its settings from elsewhere.
    from streamlit_authenticator.utilities.hasher import Hasher

    same: bool = Hasher.check_pw(password, digest)
    return same


class Desk:
    """Signs people in and out, and knows who they are."""

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self.settings, self.sessions = settings, sessions
        self.people, self.tries, self.ways = People.of(settings, _check), Tries(), ways_of(settings)
        self._proxies = networks_of(split_list(settings.trusted_proxies))
        key = settings.address_key
        self._hash = AddressHash(key.get_secret_value() if key else None)

    @cached_property
    def inbox(self) -> Inbox:
        """Where entries of the audit log go; the API folds them into their table."""
        return open_inbox(self.settings)

    async def caller(self, headers: Headers) -> Caller | None:
        """Whose session a request brings; None for none. Raises StoreError or SettingsError."""
        token = token_in(headers.get("cookie"))
        if self.sessions.known(token):
            return self.sessions.caller(token)
        return await asyncio.to_thread(self.sessions.caller, token)

    def address(self, request: HTTPConnection) -> str:
        """Who sends a request, by address."""
        return str(self._address(request))

    async def begin(self, request: HTTPConnection, response: Response, who: SignedIn) -> None:
        """Begins a session, in place of the one that the browser may still have; its cookie goes with the response.

        Raises StoreError, InboxFull or TimeoutError.
        """
        await asyncio.to_thread(self.sessions.end, token_in(request.headers.get("cookie")))
        await self.note(request, who.name, "sign_in", who.provider)
        token = await asyncio.to_thread(self.sessions.begin, who)
        life_s = int(self.settings.session_hours * 3600)
        self.set_cookie(request, response, COOKIE, token, life_s)

    async def end(self, request: HTTPConnection, response: Response) -> None:
        """Ends the session that a request brings. Raises StoreError, InboxFull or TimeoutError."""
        caller = await self.caller(request.headers)
        await asyncio.to_thread(self.sessions.end, token_in(request.headers.get("cookie")))
        self.set_cookie(request, response, COOKIE, "", 0)
        if caller is not None:
            await self.note(request, caller.name, "sign_out", "session")

    async def note(self, request: HTTPConnection, name: str, action: str, provider: str, **details: object) -> None:
        """Puts into the audit log what happened. Raises InboxFull or TimeoutError."""
        who, ip_hash = Caller(name, "viewer"), self._hash(self._address(request))
        await note(self.inbox, who, action, provider, self.settings.now(), SOURCE, ip_hash=ip_hash, **details)

    def set_cookie(self, request: HTTPConnection, response: Response, name: str, value: str, life_s: int) -> None:
        """Sends a cookie along that no script reads: Secure but where people come by http, on this machine alone."""
        public = self.settings.public_url
        plain = public.startswith("http://") if public else is_loopback(request.url.hostname or "")
        response.set_cookie(name, value, life_s, path="/", httponly=True, samesite="lax", secure=not plain)

    def close(self) -> None:
        """Writes what waits."""
        if "inbox" in self.__dict__:
            self.inbox.close()

    def _address(self, request: HTTPConnection) -> Address | None:
        peer = request.client.host if request.client else None
        return client_address(peer, request.headers.get("x-forwarded-for"), self._proxies)
