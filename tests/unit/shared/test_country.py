"""Where a request came from: the sender's word first, then a proxy's, then the operator's own database."""

from ipaddress import ip_address

import pytest

from shared.countries import COUNTRIES, country_name
from shared.country import country_code, country_of

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
