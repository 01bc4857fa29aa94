"""Warm-up: what it has asked before, no page asks again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.demo.load import load_demo
from backend.demo.size import DemoSize
from frontend import data
from frontend.edition import Edition
from frontend.warm_up import warm_up
from shared.scope import Scope
from tests.app.conftest import Open
from tests.benchmarks.questions_of_pages import POLICY, pages
from tests.builders import NOW
from tests.lakes import lake_in


@pytest.mark.slow
@pytest.mark.parametrize("range_", ["90d", "all"])
def test_no_page_asks_again_what_the_warm_up_has_asked(
    range_: str, open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    monkeypatch.setenv("FETTLE_POLICY", str(policy))
    lake = lake_in(tmp_path, lambda: NOW)
    load_demo(lake, DemoSize(repos=4, days=200, runs=1_500))
    lake.close()
    warm_up(range_)

    asked: list[tuple[Any, ...]] = []
    original = data._ask

    def noted(current: Edition, question: Callable[..., Any], *details: object) -> Any:
        asked.append((question.__name__, *details))
        return original(current, question, *details)

    monkeypatch.setattr(data, "_ask", noted)
    for view in pages():
        app = open_page(view, range=range_)
        assert len(app.main), view
    of_one_workflow = [details for details in asked if any(one.workflows for one in details if isinstance(one, Scope))]
    assert of_one_workflow, "the page of one workflow asks what nobody could know before"
    assert [details[:2] for details in asked if details not in of_one_workflow] == []
