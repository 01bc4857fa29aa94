"""Whoever may see three of ten repositories: every page tells of those alone: texts, tables, charts, downloads."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from frontend import data, stored, who, writing
from shared.access.reach import OutOfReach
from shared.access.roles import LOCAL, Caller
from shared.triage import Decision
from tests.app.conftest import alone, opened
from tests.builders import NOW
from tests.lakes import lake_in
from tests.ten_repositories import FINGERPRINT, LIMITED, MINE, OTHERS, SECRET, fill, hidden_in

VIEWS = {path.stem for path in (Path(__file__).parents[2] / "frontend" / "views").glob("*.py") if path.stem[0] != "_"}

OF_NO_REPOSITORY = {"api_and_models", "threats_and_feedback", "customers", "customer"}
ASKED: dict[str, dict[str, str | list[str]]] = {
    "repository": {"repository": MINE[0]},
    "alerts": {"range": "all"},
}
USUAL = ("overview", "alerts", "data")
"""Pages that every run of the tests looks at."""


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a lake with ten repositories."""
    folder = tmp_path_factory.mktemp("reach")
    lake = lake_in(folder, lambda: NOW)
    fill(lake)
    lake.close()
    return folder


@pytest.fixture(autouse=True)
def no_answers_of_other_tests(ten: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All tests share the lake; within one, visitors share the caches."""
    with alone(ten, monkeypatch):
        yield


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What the download buttons of a page give, by file name."""
    found: list[tuple[str, bytes]] = []

    def button(label: str, data: Any, file_name: str, **_: Any) -> bool:
        found.append((f"{label} {file_name}", data() if callable(data) else data))
        return False

    monkeypatch.setattr(st, "download_button", button)
    return found


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, made: list[tuple[str, bytes]]) -> Callable[..., str]:
    """All that a page sends and offers to a visitor, as one text."""

    def visited(caller: Caller, view: str) -> str:
        monkeypatch.setattr(who, "caller", lambda: caller)
        made.clear()
        app = opened(view, **ASKED.get(view, {}))
        return "\n".join((_sent(app), *(_read(name, content) for name, content in made)))

    return visited


@pytest.mark.parametrize(
    "view", [pytest.param(view, marks=() if view in USUAL else pytest.mark.slow) for view in sorted(VIEWS)]
)
def test_a_page_tells_of_the_three_alone(visit: Callable[..., str], view: str) -> None:
    """With the caches that somebody filled who may see all, and afterwards that one sees all again."""
    if view not in OF_NO_REPOSITORY:
        whole = visit(LOCAL, view)
        assert hidden_in(whole) or view == "repository"
    told = visit(LIMITED, view)
    assert hidden_in(told) == []
    assert any(repo in told for repo in MINE)
    if view not in OF_NO_REPOSITORY:
        assert visit(LOCAL, view) == whole


@pytest.mark.slow
def test_pages_of_no_repository_are_offered_to_who_sees_all(visit: Callable[..., str]) -> None:
    for view in OF_NO_REPOSITORY - {"customer"}:
        assert SECRET in visit(LOCAL, view), view


def test_every_reach_has_answers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for repos, count in ((None, 10), (frozenset(MINE), 3), (frozenset(MINE[:1]), 1), (frozenset[str](), 0), (None, 10)):
        monkeypatch.setattr(who, "caller", lambda repos=repos: Caller("kim", "viewer", repos))
        assert len(data.options().repos) - (repos is None) == count  # a source of a whole organisation is one more
        assert data.row_counts()["repositories"] == count
        assert len(data.repository_links()) == count
        assert data.row_counts()["customers"] == (repos is None)
        assert bool(len(stored.files())) is (repos is None)


def test_forms_write_what_one_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "caller", lambda: LIMITED)
    mine, other = (f"finding:{repo}/CodeQL/{FINGERPRINT}" for repo in (MINE[0], OTHERS[0]))
    for subjects in ((other,), (mine, other)):
        with pytest.raises(OutOfReach, match=OTHERS[0]):
            writing.decide(Decision(subjects, "false_positive", reason="It is a constant."))
    with pytest.raises(OutOfReach, match="of no single one"):
        writing.resolve_threats(("threat-1",))
    with pytest.raises(OutOfReach, match="of no single one"):
        writing.record_event({"event_type": "login", "customer_id": SECRET})
    before = data.edition().version
    writing.decide(Decision((mine,), "false_positive", reason="It is a constant."))
    assert data.edition().version != before


def test_answers_for_all_are_asked_for_as_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    with who.everyone():
        assert who.caller() is LOCAL
    assert who.caller() is LOCAL


def _sent(app: AppTest) -> str:
    """Every element of the page as it goes to the browser, tables in words."""
    found = [repr(node.proto) for node in _nodes(app._tree)]
    tables = [frame.value.to_csv() for frame in app.dataframe]
    return "\n".join((*found, *tables))


def _nodes(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _nodes(child)
        elif getattr(child, "proto", None) is not None:
            yield child


def _read(name: str, content: bytes) -> str:
    return name + (str(pq.read_table(io.BytesIO(content)).to_pylist()) if "Parquet" in name else content.decode())
