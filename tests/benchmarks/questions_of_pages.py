"""What each page asks: the real pages are opened, and the questions that they put to the engine are written down."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from frontend import data, questions
from frontend.components.choosing import workflow_label
from frontend.edition import Edition
from frontend.filters import ANALYSED, REPOSITORY
from shared.scope import Scope, parse_range
from tests.conftest import ROOT

APP = ROOT / "frontend" / "app.py"
POLICY = '[delivery]\ndeployments = ["*:Deploy*"]\n'
"""The sample's workflows that deploy; without them the page of deployments asks for nothing."""


_PAGE = re.compile(r'^(\w+) = st\.Page\("views/(\w+)\.py", title="([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """One question of a page. details: what it is about, as the function takes it after the tables."""

    function: Callable[..., Any]
    details: tuple[Any, ...]

    @property
    def scope(self) -> Scope | None:
        """What it is about; None if it is about everything."""
        return next((detail for detail in self.details if isinstance(detail, Scope)), None)

    @property
    def name(self) -> str:
        """What it is called: a metric with its grouping, or the function with what it lists."""
        parts = [str(self.details[0])] if self.details and isinstance(self.details[0], str) else []
        if self.function is questions.metric:
            return ".".join([*parts, *([self.details[2]] if self.details[2] else [])])
        columns = [column for column, _ in self.details[3]] if self.function is questions.first_rows else []
        return ".".join([self.function.__name__, *parts, *columns])

    def ask(self, current: Edition) -> Any:
        """The app's answer, worked out anew."""
        return data._ask(current, self.function, *self.details)


@dataclass(frozen=True)
class Opened:
    """A page that was opened, with what it asks where nothing is at hand."""

    page: str
    title: str
    questions: tuple[Question, ...]


@contextmanager
def lake_of(store: Path, cache: Path, now: str, policy: Path) -> Iterator[None]:
    """The app's settings name this store; its caches are empty before and after."""
    policy.write_text(POLICY)
    settings = {
        "FETTLE_STORE": f"file://{store}",
        "FETTLE_CACHE": str(cache),
        "FETTLE_NOW": now,
        "FETTLE_POLICY": str(policy),
    }
    # AppTest looks through every installed package for components at each run, which takes longer than our pages.
    scan = "streamlit.components.v2.manifest_scanner.scan_component_manifests"
    with patch.dict(os.environ, settings), patch.dict("sys.modules"), patch(scan, list):
        config.set_option(
            "browser.gatherUsageStats", False
        )  # as in .streamlit/config.toml, which AppTest does not read
        _forget()
        yield
        _forget()


def pages() -> dict[str, str]:
    """Every page of the app: its view and its title, in the order of app.py."""
    return {view: title for _, view, title in _PAGE.findall(APP.read_text())}


def open_pages(range_: str, only: Sequence[str] = ()) -> Iterator[Opened]:
    """Every page, one after another, each as if it were the first one that is opened."""
    for view, title in pages().items():
        if not only or view in only:
            yield open_page(view, title, range_)


def open_page(view: str, title: str, range_: str) -> Opened:
    """A page with a range and no other filter; the repository page with the first repository chosen."""
    if view == "repository":
        data.options()
    st.cache_resource.clear()
    asked: list[Question] = []
    original = data._ask

    def noted(current: Edition, function: Callable[..., Any], *details: object) -> Any:
        asked.append(Question(function, details))
        return original(current, function, *details)

    with patch.object(data, "_ask", noted):
        visit(view, range_)
    return Opened(view, title, tuple(asked))


def visit(view: str, range_: str, number: int = 0) -> AppTest:
    """A page as it is opened by a visitor without filters. number: of the repository or workflow looked at."""
    app = AppTest.from_file(APP, default_timeout=300)
    if view != "overview":
        app.switch_page(f"views/{view}.py")
    app.query_params["range"] = range_
    if view == "repository":
        app.query_params[REPOSITORY] = data.options().repos[number]
    if view == "workflow_analysis" and number:
        since, until = parse_range(range_, data.as_of())
        states = data.metric("workflow_state", Scope(until=until, since=since))
        chosen = states.iloc[number]
        app.query_params[ANALYSED] = workflow_label(chosen.repo, chosen.workflow_name)
    app.run()
    if app.exception:
        raise RuntimeError(f"{view}: {app.exception[0].value}")
    return app


def _forget() -> None:
    st.cache_resource.clear()
    st.cache_resource.clear()


def as_frame(answer: Any) -> pd.DataFrame:
    """The answer of any question as a frame: what is no frame yet is a mapping, a receipt or the filters' options."""
    if isinstance(answer, pd.DataFrame):
        return answer
    if isinstance(answer, questions.Receipt):
        return answer.rows
    if isinstance(answer, dict):
        return pd.DataFrame(answer.items(), columns=["name", "value"])
    rows = [(name, value) for name, values in vars(answer).items() if name != "newest" for value in values]
    return pd.DataFrame([*rows, ("newest", f"{answer.newest:%Y-%m-%dT%H:%M:%S.%f}")], columns=["filter", "value"])
