"""Where a request came from: the sender's word first, then a proxy's, then the operator's own database."""

from ipaddress import ip_address

import pytest

from shared.addresses import networks_of
from shared.countries import COUNTRIES, country_name
from shared.country import CountryFinder, country_code, country_of

ADDRESS = ip_address("203.0.113.7")


@pytest.mark.parametrize(
    ("told", "by_proxy", "found", "expected"),
    [
        ("id", "US", "DE", "ID"),
        (None, "us ", "DE", "US"),
        ("", "T1", "de", "DE"),
        ("Indonesia", None, "XX", None),
        (7, None, None, None),
    ],
)
def test_the_first_who_knows_counts(told: object, by_proxy: object, found: str | None, expected: str | None) -> None:
    assert country_of(told, by_proxy, ADDRESS, lambda _: found) == expected


def test_without_an_address_no_database_is_asked() -> None:
    assert country_of(None, None, None, lambda _: "DE") is None
    assert country_of(None, None, ADDRESS) is None


def test_every_country_has_a_name_and_a_place() -> None:
    assert len(COUNTRIES) == 249
    for code, one in COUNTRIES.items():
        assert country_code(code.lower()) == code == one.code
        assert one.name
        assert -90 <= one.latitude <= 90
        assert -180 <= one.longitude <= 180
    assert [country_name(code) for code in ("US", "zz", None, "")] == [
        *("United States (US)", "Unknown (ZZ)", "Unknown", "Unknown"),
    ]


@pytest.mark.parametrize(
    ("told", "peer", "headers", "expected"),
    [
        ("ID", "10.0.0.1", {"cf-ipcountry": "US"}, "ID"),
        (None, "10.0.0.1", {"cf-ipcountry": "US", "x-forwarded-for": "203.0.113.7"}, "US"),
        (None, "10.0.0.1", {"cf-ipcountry": "XX", "x-forwarded-for": "203.0.113.7"}, "DE"),
        (None, "203.0.113.7", {"cf-ipcountry": "US"}, "DE"),
        (None, "198.51.100.1", {"cf-ipcountry": "US", "x-forwarded-for": "203.0.113.7"}, None),
        (None, "no address", {"cf-ipcountry": "US"}, None),
        (None, None, {}, None),
    ],
)
def test_headers_say_something_only_where_a_trusted_proxy_has_set_them(
    told: object, peer: str | None, headers: dict[str, str], expected: str | None
) -> None:
    find = CountryFinder("CF-IPCountry", lambda address: "DE" if address == ADDRESS else None)
    assert find(told, peer, headers, networks_of(["10.0.0.0/8"])) == expected
    assert CountryFinder()(told, peer, headers, networks_of(["10.0.0.0/8"])) == ("ID" if told else None)
