from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collect.selection import Selection, Shard
from shared.errors import SettingsError


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "--org"),
        ({"orgs": ["a/b"]}, "'a/b'"),
        ({"orgs": ["../x"]}, "'../x'"),
        ({"repos": ["shop"]}, "'shop'"),
        ({"repos": ["acme/.."]}, "'acme/..'"),
        ({"repos": ["acme/shop?x=1"]}, "'acme/shop?x=1'"),
        ({"repos": ["acme/shop\n"]}, "acme/shop"),
        ({"orgs": ["acme"], "only": ["runs"]}, "--only runs"),
        ({"orgs": ["acme"], "since": "yesterday"}, "--since yesterday"),
        ({"orgs": ["acme"], "shard": "0/4"}, "--shard 0/4"),
        ({"orgs": ["acme"], "shard": "5/4"}, "--shard 5/4"),
    ],
)
def test_what_is_malformed_is_named(texts: dict[str, list[str]], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        Selection.parse(**texts)  # type: ignore[arg-type]
    assert said in str(error.value)


def test_names_count_once_in_any_case() -> None:
    selection = Selection.parse(orgs=["acme", "ACME", "other"], repos=["acme/shop", "Acme/Shop"])
    assert (selection.orgs, selection.repos) == (("acme", "other"), ("acme/shop",))


def test_alerts_stand_for_all_three_kinds() -> None:
    wanted = Selection.parse(orgs=["acme"], only=["alerts"]).wants
    assert (wanted("dependabot"), wanted("workflow_runs")) == (True, False)
    wanted = Selection.parse(orgs=["acme"], only=["dependabot"]).wants
    assert (wanted("dependabot"), wanted("code_scanning")) == (True, False)
    assert Selection.parse(orgs=["acme"]).wants("workflows")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T06:00:00+02:00", datetime(2026, 3, 1, 4, tzinfo=UTC)),
    ],
)
def test_since_is_utc_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    assert Selection.parse(orgs=["acme"], since=text).since == moment


@given(st.text(min_size=1), st.integers(1, 50))
def test_each_repository_is_in_exactly_one_shard(repo: str, of: int) -> None:
    assert [Shard(number, of).holds(repo) for number in range(1, of + 1)].count(True) == 1


def test_shards_are_the_same_on_every_machine() -> None:
    second = [number for number in range(6) if Shard.parse("2/3").holds(f"Acme/r{number}")]
    assert second == [2, 4]
