"""Converters give the value that is meant, or None."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.mapping.values import (
    YEARS,
    boolean,
    integer,
    moment,
    nested,
    number,
    seconds_between,
    strings,
    text,
)

TWO_TWELVE = datetime(2026, 4, 8, 2, 12, 2, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "written",
    [
        "2026-04-08T02:12:02Z",
        "2026-04-08T02:12:02+00:00",
        "2026-04-08T02:12:02.000Z",
        "2026-04-07T21:12:02-05:00",
        "2026-04-07T18:12:02.000-08:00",
        "2026-04-08T07:42:02+0530",
        "2026-04-08 02:12:02",
        "2026-04-08 02:12:02 UTC",
        "2026-04-08 04:12:02 +0200",
        "2026-04-08 04:12:02 Europe/Berlin",
        "2026-04-08T04:12:02+02:00[Europe/Berlin]",
        "Wed, 08 Apr 2026 02:12:02 GMT",
        " 2026-04-08T02:12:02Z ",
        "1775614322",
        1775614322,
        1775614322.0,
        1775614322000,
        datetime(2026, 4, 8, 4, 12, 2, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 4, 8, 2, 12, 2),  # noqa: DTZ001  (a time without a zone is what is tested)
    ],
)
def test_a_time_is_understood_however_it_is_written(written: object) -> None:
    assert moment(written) == TWO_TWELVE
    found = moment(written)
    assert found is not None
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "soon",
            "2026-13-01T00:00:00Z",
            "2026-04-08T25:00:00Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ),
        *(
            "2026-04-08 02:12:02 Nowhere/Land",
            "2026-04-08 02:12:02 ../../etc/passwd",
            0,
            True,
            -1,
            1e300,
            None,
            [],
            {},
        ),
        *(float("nan"), float("inf"), "99999999999999999999", "1970-01-01T00:00:00Z"),
    ],
)
def test_what_is_no_plausible_time_is_unknown(written: object) -> None:
    assert moment(written) is None


@given(json_values)
def test_a_time_from_anything_is_a_utc_time_or_nothing(value: object) -> None:
    found = moment(value)
    assert found is None or (found.utcoffset() == timedelta(0) and found.year in YEARS)


@given(
    st.datetimes(datetime(1972, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001  (hypothesis adds the zone)
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_never_changes_the_moment(naive: datetime, minutes: int) -> None:
    zoned = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert moment(zoned.isoformat()) == zoned


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (7, 7),
            ("7", 7),
            (" 7 ", 7),
            ("7.0", 7),
            (7.0, 7),
            ("-7", -7),
            (2**63 - 1, 2**63 - 1),
            (-(2**63), -(2**63)),
        ),
        *(
            (2**63, None),
            ("9" * 19, None),
            (True, None),
            ("seven", None),
            (7.5, None),
            ("7.5", None),
            ("", None),
        ),
        *((None, None), ([7], None), (float("inf"), None), (float("nan"), None)),
    ],
)
def test_integers(value: object, expected: int | None) -> None:
    assert integer(value) == expected


def test_an_integer_that_does_not_fit_its_column_is_unknown() -> None:
    assert integer(2**31 - 1, bits=32) == 2147483647
    assert integer(2**31, bits=32) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5.3, 5.3),
        ("5.3", 5.3),
        (5, 5.0),
        ("NaN", None),
        (float("inf"), None),
        (True, None),
        ("high", None),
        (10**400, None),
    ],
)
def test_numbers(value: object, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), ("TRUE", True), ("false", False), (1, None), ("yes", None), (None, None)],
)
def test_booleans(value: object, expected: bool | None) -> None:
    assert boolean(value) is expected


def test_text_that_no_file_can_hold_is_made_whole() -> None:
    assert text("a\ud800b") == "a?b"
    assert text("naïve") == "naïve"
    assert text("") is None
    assert text(5) is None


def test_lists_keep_their_texts() -> None:
    assert strings(["a", None, 3, "", "b"]) == ["a", "b"]
    assert strings("a,b") is None


def test_nested_values_break_off_as_unknown() -> None:
    assert nested({"a": {"b": 1}}, "a", "b") == 1
    assert nested({"a": [1]}, "a", "b") is None
    assert nested(None, "a") is None


def test_a_clock_that_went_backwards_gives_no_duration() -> None:
    later = TWO_TWELVE + timedelta(minutes=2)
    assert seconds_between(TWO_TWELVE, later) == 120.0
    assert seconds_between(later, TWO_TWELVE) is None
    assert seconds_between(None, later) is None
