"""A country file: found in it, and whatever is wrong with it or with an address, one sentence at start or nothing."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.country_file import country_finder, open_country_file
from shared.errors import SettingsError
from shared.settings import load_settings
from tests.properties import few
from tests.standins.country_database import country_database

RECORDS: dict[str, Any] = {
    "203.0.113.0/24": {"country": {"iso_code": "ID", "names": {"en": "Indonesia"}}, "continent": {"code": "AS"}},
    "198.51.100.0/25": {"country": "US", "country_name": "United States"},
    "198.51.100.128/25": {"country": "Germany", "country_code": "de"},
    "192.0.2.1/32": {"country": {"geoname_id": 1}},
    "192.0.2.2/32": ["DE"],
    "192.0.2.3/32": "FR",
    "2001:db8::/32": {"country": {"iso_code": "JP"}},
}
WHOLE = country_database(RECORDS)


def written(folder: Path, content: bytes = WHOLE) -> Path:
    path = folder / "countries.mmdb"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("address", "code"),
    [
        *(("203.0.113.7", "ID"), ("198.51.100.1", "US"), ("198.51.100.200", "DE"), ("2001:db8::7", "JP")),
        *(("192.0.2.1", None), ("192.0.2.2", None), ("192.0.2.3", "FR"), ("192.0.2.4", None)),
        *(("10.0.0.1", None), ("::1", None), ("fe80::1%eth0", None)),
    ],
)
def test_countries_are_found_in_the_shapes_that_databases_have(address: str, code: str | None, tmp_path: Path) -> None:
    assert open_country_file(written(tmp_path))(ip_address(address)) == code


def test_addresses_of_another_version_are_unknown(tmp_path: Path) -> None:
    lookup = open_country_file(written(tmp_path, country_database({"203.0.113.0/24": "ID"}, version=4)))
    assert lookup(ip_address("203.0.113.7")) == "ID"
    assert lookup(ip_address("2001:db8::7")) is None


def test_a_file_that_is_replaced_or_gone_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path)
    lookup = open_country_file(path)
    path.write_bytes(b"")
    path.unlink()
    assert lookup(ip_address("203.0.113.7")) == "ID"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no such file"),
        (b"", "no database in MaxMind's format"),
        (b"PK\x03\x04" * 100, "no database in MaxMind's format"),
        (WHOLE[-300:], "no database in MaxMind's format"),
        (WHOLE[:-30], "no database in MaxMind's format"),
        (
            country_database({"1.0.0.0/8": {"autonomous_system_number": 7}}, kind="Some-ASN"),
            "Some-ASN has no countries",
        ),
    ],
)
def test_a_file_of_no_use_is_one_sentence_at_start(content: bytes | None, why: str, tmp_path: Path) -> None:
    path = written(tmp_path, content or b"")
    if content is None:
        path.unlink()
    with pytest.raises(SettingsError) as caught:
        open_country_file(path)
    assert why in str(caught.value)
    assert f"FETTLE_COUNTRY_FILE='{path}' is not usable: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        open_country_file(tmp_path)


@few(60)
@given(place=st.integers(0, len(WHOLE) - 1), put=st.binary(min_size=1, max_size=6))
def test_damage_is_told_at_start_or_makes_countries_unknown(
    place: int, put: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = WHOLE[:place] + put + WHOLE[place + len(put) :]
    try:
        lookup = open_country_file(written(tmp_path_factory.mktemp("damaged"), content))
    except SettingsError:
        return
    for address in ("203.0.113.7", "198.51.100.1", "192.0.2.2", "2001:db8::7", "255.255.255.255"):
        found = lookup(ip_address(address))
        assert found is None or len(found) == 2


def test_the_settings_name_the_file_and_the_header(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert country_finder(load_settings())("id") == "ID"
    monkeypatch.setenv("FETTLE_COUNTRY_FILE", str(written(tmp_path)))
    monkeypatch.setenv("FETTLE_COUNTRY_HEADER", "CF-IPCountry")
    find = country_finder(load_settings())
    assert (find.header, find(None, "203.0.113.7")) == ("CF-IPCountry", "ID")
    monkeypatch.setenv("FETTLE_COUNTRY_HEADER", "no header: at all")
    with pytest.raises(SettingsError, match="FETTLE_COUNTRY_HEADER"):
        load_settings()
