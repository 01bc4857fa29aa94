"""Guard: puts around the application what every request passes, as the settings have it."""

from typing import Any, cast

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from backend.api.protection import OPEN, Limits, Protection
from shared.access.keys import KeyRing, keys_of_settings
from shared.access.opening import open_sessions
from shared.access.roles import Caller
from shared.addresses import Address, AddressHash, networks_of
from shared.country_file import country_finder
from shared.datasets import OWN_SOURCE, REQUESTS
from shared.lake.inbox import Inbox
from shared.lake.tables import Lake
from shared.settings import Settings, split_list
from shared.usage.request_log import RequestLog, Row

SERVICE = "fettle"

PREFLIGHT_S = 600


class Requests:
    """The API's own request log: it goes the same way as that of any service."""

    def __init__(self, settings: Settings, inbox: Inbox) -> None:
        key = settings.address_key.get_secret_value() if settings.address_key else None
        self._hash, self._inbox, self._clock = AddressHash(key), inbox, settings.now
        self._proxies = networks_of(split_list(settings.trusted_proxies))
        self._country = country_finder(settings)
        self.log: RequestLog | None = None

    def close(self) -> None:
        """Keeps what waits."""
        if self.log is not None:
            self.log.close()

    def keep(self, rows: list[Row]) -> None:
        """Appends rows to the inbox, and returns once they are durable."""
        now = self._clock()
        self._inbox.append(REQUESTS.name, [{**row, "collected_at": now, "source": OWN_SOURCE} for row in rows])

    def more(self, scope: Any) -> Row:  # noqa: ANN401 - ASGI's
        """Who asked, and from where, as far as it may be stored."""
        state = scope.get("state", {})
        caller, address = state.get("caller"), state.get("address")
        peer = scope["client"][0] if scope.get("client") else None
        return {
            "user": caller.name if isinstance(caller, Caller) else None,
            "ip_hash": self._hash(cast("Address | None", address)),
            "country": self._country(None, peer, Headers(scope=scope), self._proxies),
        }


class OwnRequests(RequestLog):
    """The log of the API's own requests, which tells where it is so that it can be closed."""

    def __init__(self, app: Any, requests: Requests) -> None:  # noqa: ANN401 - ASGI's
        super().__init__(app, requests.keep, SERVICE, requests.more, OPEN)
        requests.log = self


def protect(app: FastAPI, settings: Settings, lake: Lake, inbox: Inbox) -> Requests:
    """Has keys, sessions, rates and sizes checked, pages of other origins refused, and every request noted.

    Raises SettingsError for keys that are of no use, or half a sign-in.
    """
    keys = keys_of_settings(settings.api_keys.get_secret_value() if settings.api_keys else "")
    origins = split_list(settings.cors_origins)
    app.add_middleware(
        Protection,
        ring=KeyRing(lake.store, keys),
        limits=Limits.of(settings.rate_limit, settings.rate_limit_dispatch, settings.rate_limit_orchestrator),
        proxies=networks_of(split_list(settings.trusted_proxies)),
        origins=origins,
        open_to_network=settings.open_to_network,
        sessions=open_sessions(settings, lake.store),
    )
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["X-API-Key", "Authorization", "Content-Type"],
            max_age=PREFLIGHT_S,
        )
    requests = Requests(settings, inbox)
    app.add_middleware(OwnRequests, requests=requests)
    return requests
