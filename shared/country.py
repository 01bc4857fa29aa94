"""Country: where a request came from, by whoever knows: its sender, a trusted proxy, or an operator's own database."""

from collections.abc import Callable

from shared.addresses import Address
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
