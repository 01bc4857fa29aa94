"""Country: where a request came from, by whoever knows: its sender, a trusted proxy, or an operator's own database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.addresses import Address, Network, client_address, is_in
from shared.countries import COUNTRIES

Lookup = Callable[[Address], str | None]
"""Finds the code of the country that an address is in, such as in a file that an operator supplies."""


def country_code(text: object) -> str | None:
    """A code of ISO 3166-1 in capitals; None for what is none, such as `XX` or `T1` of proxies that do not know."""
    code = text.strip().upper() if isinstance(text, str) else ""
    return code if code in COUNTRIES else None


def country_of(
    told: object, by_proxy: object = None, address: Address | None = None, lookup: Lookup | None = None
) -> str | None:
    """The country of a request; None if nobody knows.

    told: what the sender says, which counts first.  by_proxy: a header that a trusted proxy has set; that it is one
    is for the caller to see to.  lookup: asked last, about the client's address.
    """
    found = country_code(told) or country_code(by_proxy)
    if found or address is None or lookup is None:
        return found
    return country_code(lookup(address))


@dataclass(frozen=True)
class CountryFinder:
    """Who is asked for the country of a request besides its sender.

    header: what trusted proxies name the country in, as `CF-IPCountry`.  lookup: finds the country of an address.
    """

    header: str | None = None
    lookup: Lookup | None = None

    def __call__(
        self,
        told: object,
        peer: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        proxies: Iterable[Network] = (),
    ) -> str | None:
        """The country of a request; None if nobody knows. Never raises.

        told: what the sender says.  peer: the address that the request came from.  headers: those of the request,
        with names in lower case or of any case.  proxies: the networks of those whose word counts: with a peer that
        is in none of them its headers say nothing.
        """
        proxies = tuple(proxies)
        straight = client_address(peer, None, proxies)
        by_proxy = None
        if self.header and straight is not None and is_in(straight, proxies):
            by_proxy = headers.get(self.header.lower())
        return country_of(told, by_proxy, client_address(peer, headers.get("x-forwarded-for"), proxies), self.lookup)
