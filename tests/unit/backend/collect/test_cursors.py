import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from backend.collect.cursors import account_cursor, earliest, latest, repository_cursor, time_in

AT = datetime(2026, 3, 1, tzinfo=UTC)

moments = st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=5)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_login_leaves_its_folder(login: str) -> None:
    assert re.fullmatch(r"cursors/accounts/[a-z0-9_~%A-F-]*", account_cursor(login))


def test_case_makes_no_difference() -> None:
    assert account_cursor("Acme.Inc") == account_cursor("acme.INC")


def test_repository_is_known_by_its_id_alone() -> None:
    assert repository_cursor(42) == "cursors/repositories/42"


def test_repository_and_account_never_share_a_document() -> None:
    assert repository_cursor(42) != account_cursor("42")


def test_time_that_is_missing_or_malformed_is_unknown() -> None:
    assert time_in({"watermark": AT.isoformat()}, "watermark") == AT
    assert time_in({}, "watermark") is None
    assert time_in({"watermark": "never"}, "watermark") is None


@given(moments)
def test_latest_and_earliest_are_of_what_is_known(known: list[datetime | None]) -> None:
    times = sorted(at for at in known if at)
    assert (earliest(*known), latest(*known)) == ((times[0], times[-1]) if times else (None, None))
