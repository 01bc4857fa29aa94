"""A page of the app over a tiny real lake in a temporary folder."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner, require_widgets_deltas

from frontend.answers import content, remembered
from shared.access.roles import Caller
from shared.datasets import DATASETS
from tests.builders import NOW, Row
from tests.lakes import lake_in

APP = Path(__file__).parents[2] / "frontend" / "app.py"

PATIENCE_S = 90
"""Seconds for one run of a page: far more than it takes, as other tests may keep the machine busy."""

Fill = Callable[..., None]
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def no_answers_of_other_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test has its own lake, clock and caches."""
    with alone(tmp_path, monkeypatch):
        yield


@contextmanager
def alone(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A lake in a folder, a clock that stands still and caches of its own, for as long as what is patched.

    Patches of two kinds that end in another order than they began would leave the one's settings to the next test.
    """
    patch.setenv("FETTLE_STORE", f"file://{folder / 'store'}")
    patch.setenv("FETTLE_CACHE", str(folder / "cache"))
    patch.setenv("FETTLE_NOW", NOW.isoformat())
    # AppTest leaves the page as the main module, which processes that other tests start would import.
    patch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    # AppTest looks through every installed package for components at each run, which takes longer than our pages.
    patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
    # It also asks a thousand times a second whether the page is done, which keeps the page waiting for its turn.
    patch.setattr("streamlit.testing.v1.local_script_runner.require_widgets_deltas", until_done)
    with unchanged_answers(patch):
        yield
    st.cache_data.clear()
    st.cache_resource.clear()


@contextmanager
def unchanged_answers(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails where a page changed a frame that all visitors share."""
    given: list[tuple[pd.DataFrame, object]] = []

    def noted(answer: object) -> object:
        if isinstance(answer, pd.DataFrame):
            given.append((answer, content(answer)))
        return remembered(answer)

    patch.setattr("frontend.data.remembered", noted)
    yield
    for frame, before in given:
        assert content(frame) == before, f"a page changed an answer:\n{frame}"


def until_done(runner: LocalScriptRunner, timeout: float) -> None:
    """Waits for a page's run, and leaves what is to be said of one that takes too long to AppTest."""
    thread = runner._script_thread
    if thread is not None:
        thread.join(timeout)
    if thread is None or thread.is_alive() or not runner.script_stopped():
        require_widgets_deltas(runner, timeout=1)


class Visitors:
    """Who is signed in, as a test has it."""

    def __init__(self) -> None:
        self.now: Caller | Exception | None = None

    def caller(self, _token: str | None) -> Caller | None:
        """Whoever it is."""
        if isinstance(self.now, Exception):
            raise self.now
        return self.now


@pytest.fixture
def visitors(monkeypatch: pytest.MonkeyPatch) -> Visitors:
    found = Visitors()
    monkeypatch.setattr("frontend.who.desk", lambda: SimpleNamespace(sessions=found))
    return found


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Puts rows into the lake by dataset: fill(alerts=[alert(), ...])."""
    return partial(put, tmp_path)


def put(folder: Path, **rows: Sequence[Row]) -> None:
    """Puts rows into the lake of a folder by dataset."""
    lake = lake_in(folder, lambda: NOW)
    for name, some in rows.items():
        lake.upsert(DATASETS[name], DATASETS[name].table(list(some)))
    lake.close()


@pytest.fixture
def open_page() -> Open:
    """A page after its first run: open_page("workflows", range="7d")."""
    return opened


def opened(view: str, **query: str | list[str]) -> AppTest:
    """A page after its first run, with parameters of the URL."""
    app = AppTest.from_file(APP, default_timeout=PATIENCE_S)
    if view != "overview":
        app.switch_page(f"views/{view}.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def figures(app: AppTest) -> dict[str, str]:
    """The values of the page's first row by title."""
    return {metric.label: metric.value for metric in app.metric}


def texts(app: AppTest) -> str:
    """All that the page says outside of tables and charts."""
    parts = (*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error, *app.subheader, *app.title)
    return "\n".join(str(part.value) for part in parts)
