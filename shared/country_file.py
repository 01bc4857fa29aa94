"""Country file: a database in MaxMind's format, brought by an operator, that knows which country an address is in."""

from pathlib import Path

import maxminddb

from shared.addresses import Address
from shared.country import CountryFinder, Lookup, country_code
from shared.errors import SettingsError
from shared.settings import Settings

_PROBED = tuple(f"{first}.{second}.0.1" for first in range(1, 224) for second in (0, 64, 128))
"""Addresses all over the internet: a file that knows some of them and a country of none is no file of countries."""

_BY = {"country": "iso_code", "country_code": "", "countryCode": ""}
"""Where records have the code: MaxMind and DB-IP in a map, others by itself. Field -> the field within it, if any."""


def country_finder(settings: Settings) -> CountryFinder:
    """Who is asked for the country of a request, by the settings; opens the file. Raises SettingsError."""
    path = settings.country_file
    return CountryFinder(settings.country_header, open_country_file(path) if path else None)


def open_country_file(path: Path) -> Lookup:
    """What finds countries in a file; it may be used by several threads and never raises, whatever the file holds.

    All of it is read into memory, so that replacing the file does no harm. Raises SettingsError if it is of no use.
    """
    if not path.is_file():
        raise _unusable(path, "there is no such file")
    try:
        reader = maxminddb.open_database(path, maxminddb.MODE_MEMORY)
    except OSError as error:
        raise _unusable(path, f"it cannot be read ({error.strerror})") from None
    except Exception:  # noqa: BLE001 - what is no such database fails in many ways
        raise _unusable(path, "it is no database in MaxMind's format (MMDB)") from None

    def lookup(address: Address | str) -> str | None:
        return _code_in(_record(reader, address))

    records = [record for record in (_record(reader, address) for address in _PROBED) if record is not None]
    if records and not any(map(_code_in, records)):
        raise _unusable(path, f"{reader.metadata().database_type} has no countries")
    return lookup


def _record(reader: maxminddb.Reader, address: Address | str) -> object:
    try:
        return reader.get(address)
    except Exception:  # noqa: BLE001 - of another version, or damaged in one of many ways: it knows nothing of it
        return None


def _code_in(record: object) -> str | None:
    """The country's code in a record of any of the usual shapes."""
    if not isinstance(record, dict):
        return country_code(record)
    for name, within in _BY.items():
        told = record.get(name)
        if found := country_code(told.get(within) if isinstance(told, dict) else told):
            return found
    return None


def _unusable(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"FETTLE_COUNTRY_FILE={str(path)!r} is not usable: {why}. See the README's configuration table."
    )
