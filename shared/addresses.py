"""Addresses of clients: whose word counts for them, and the form in which alone they are stored."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def networks_of(names: Iterable[str]) -> tuple[Network, ...]:
    """Networks by their names, such as `10.0.0.0/8` or a single address."""
    return tuple(ip_network(name, strict=False) for name in names)


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine."""
    name = host.lower()
    try:
        return name == "localhost" or name.endswith(".localhost") or ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address is in one of the networks."""
    return any(address.version == network.version and address in network for network in networks)


def client_address(peer: str | None, forwarded_for: str | None, proxies: Iterable[Network]) -> Address | None:
    """Who sent a request: the peer, or whom trusted proxies name in X-Forwarded-For; None if nobody can tell.

    What a proxy appends stands last, and what comes before it is only as true as the one who wrote it: so it is read
    from its end, as far as trusted proxies go.
    """
    proxies = tuple(proxies)
    found = _address(peer)
    for named in reversed((forwarded_for or "").split(",")):
        if found is None or not is_in(found, proxies) or not named.strip():
            break
        found = _address(named)
    return found


class AddressHash:
    """Hashes addresses under a key, so that they can be told apart and not be found out."""

    def __init__(self, key: str | None) -> None:
        self._key = key.encode() if key else secrets.token_bytes(32)

    def __call__(self, address: Address | None) -> str | None:
        """32 hex digits; None for an unknown address."""
        if address is None:
            return None
        return hmac.new(self._key, address.packed, hashlib.sha256).hexdigest()[:32]


def _address(text: str | None) -> Address | None:
    """An address, also with a port; an IPv4 address in IPv6's dress is IPv4."""
    bare = (text or "").strip().strip("[]")
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("]")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
