import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.collect.selection import Selection, Shard
from shared.collecting.choices import CHOICES
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


def test_every_choice_is_taken_and_asked_for_by_name() -> None:
    for choice in CHOICES:
        selection = Selection.parse(orgs=["acme"], only=[choice])
        assert (selection.wants(choice), selection.names(choice)) == (True, True)
        assert not Selection.parse(orgs=["acme"]).names(choice)


def test_selection_without_shards_holds_everything() -> None:
    assert Selection.parse(orgs=["acme"]).holds("acme/shop")
    assert [Selection.parse(orgs=["acme"], shard=f"{part}/2").holds("acme/shop") for part in (1, 2)].count(True) == 1


SIGNED: dict[str, Any] = {"orgs": ["acme", "other"], "repos": ["x/y"], "only": ["alerts", "workflows"]}


def signature(**changes: Any) -> str:
    return Selection.parse(**{**SIGNED, **changes}).signature


def test_signature_is_fit_for_a_file_name_and_the_same_each_time() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", signature())
    assert signature() == signature(orgs=["ACME", "Other"], only=["workflows", "alerts"])


@pytest.mark.parametrize(
    "change",
    [
        {"orgs": ["acme"]},
        {"repos": []},
        {"only": ["alerts"]},
        {"since": "2026-01-01"},
        {"full": True},
        {"shard": "1/2"},
        {"archived": False},
        {"forks": False},
    ],
    ids=str,
)
def test_signature_tells_what_is_read_otherwise(change: dict[str, Any]) -> None:
    assert signature(**change) != signature()


def test_signatures_of_shards_differ_as_each_has_a_turn_of_its_own() -> None:
    assert len({signature(shard=f"{part}/4") for part in range(1, 5)}) == 4
