"""Country database: writes small files in MaxMind's format, as its specification has it (version 2.0).

https://maxmind.github.io/MaxMind-DB/: a binary tree of networks, 16 bytes of zeros, the records, a marker and metadata.
"""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"
_STRING, _MAP, _WIDE, _ARRAY = 2, 7, 6, 11
_BITS = 24


def country_database(records: Mapping[str, Any], version: int = 6, kind: str = "Test-Country") -> bytes:
    """A file that has a record for each of some networks, which do not overlap.

    version: of the addresses; a tree of IPv6 has those of IPv4 too, in `::/96`.  kind: the type that it says it is of.
    """
    nodes: list[list[int | None]] = [[None, None]]
    data, leaves = b"", []
    for name, record in records.items():
        at, bits = 0, _bits(name, version)
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit] or 0
        leaves.append((at, bits[-1], len(data)))
        data += _encoded(record)
    for at, bit, offset in leaves:
        nodes[at][bit] = len(nodes) + 16 + offset
    none = len(nodes)
    tree = b"".join((none if side is None else side).to_bytes(_BITS // 8, "big") for node in nodes for side in node)
    metadata = {
        "node_count": none,
        "record_size": _BITS,
        "ip_version": version,
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_790_000_000,
        "description": {"en": "Written by a test"},
    }
    return tree + bytes(16) + data + _MARKER + _encoded(metadata)


def _bits(name: str, version: int) -> list[int]:
    network = ip_network(name)
    length = network.prefixlen + (96 if version == 6 and network.version == 4 else 0)
    whole = 128 if version == 6 else 32
    return [int(network.network_address) >> (whole - 1 - place) & 1 for place in range(length)]


def _encoded(value: Any) -> bytes:
    match value:
        case str():
            return _control(_STRING, len(value.encode())) + value.encode()
        case int():
            told = value.to_bytes(4, "big")
            return _control(_WIDE, len(told)) + told
        case list():
            return _control(_ARRAY, len(value)) + b"".join(map(_encoded, value))
        case _:
            return _control(_MAP, len(value)) + b"".join(_encoded(part) for pair in value.items() for part in pair)


def _control(kind: int, size: int) -> bytes:
    """The bytes before a value: its type, and its size, which is of less than 285."""
    more = bytes([size - 29]) if size >= 29 else b""
    place = min(size, 29)
    return (bytes([kind << 5 | place]) if kind <= 7 else bytes([place, kind - 7])) + more
