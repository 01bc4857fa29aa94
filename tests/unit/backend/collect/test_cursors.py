import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from backend.collect.cursors import cursor_name, latest, time_in

PART = r"[a-z0-9_~%A-F-]*"
AT = datetime(2026, 3, 1, tzinfo=UTC)


@given(
    st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_no_name_leaves_its_folder(owner: str, name: str) -> None:
    assert re.fullmatch(
        rf"cursors/(repos/{PART}/{PART}|orgs/{PART})/workflows", cursor_name(f"{owner}/{name}", "workflows")
    )


def test_case_makes_no_difference() -> None:
    assert cursor_name("Acme/Shop.js", "alerts") == cursor_name("acme/shop.JS", "alerts")


def test_organisation_has_a_place_of_its_own() -> None:
    assert cursor_name("acme/*", "alerts") == "cursors/orgs/acme/alerts"
    assert cursor_name("orgs/acme", "alerts") == "cursors/repos/orgs/acme/alerts"


def test_time_that_is_missing_or_malformed_is_unknown() -> None:
    assert time_in({"watermark": AT.isoformat()}, "watermark") == AT
    assert time_in({}, "watermark") is None
    assert time_in({"watermark": "never"}, "watermark") is None


def test_latest_of_what_is_known() -> None:
    assert latest(None, AT, None) == AT
    assert latest(None) is None
