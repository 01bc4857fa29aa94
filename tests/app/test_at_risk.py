"""The at-risk page: repositories by health, what costs them points, and where that leads."""

from datetime import timedelta

import streamlit as st

from shared.datasets import HEALTH_HISTORY
from tests.app.conftest import Fill, Open, figures, texts
from tests.builders import NOW, Row, alert, collection, repository, run

DAY = timedelta(days=1)


def three_repositories() -> dict[str, list[Row]]:
    """One at risk since yesterday, one excellent, one of which nothing is known."""
    return {
        "repositories": [repository(repo=repo) for repo in ("acme/bad", "acme/good", "globex/none")],
        "alerts": [
            alert(repo="acme/bad", number=n, severity="critical", created_at=NOW - 3 * DAY) for n in range(1, 10)
        ],
        "workflow_runs": [
            run(repo="acme/bad", conclusion="failure", created_at=NOW - DAY),
            run(repo="acme/good", run_id=2, created_at=NOW - 9 * DAY),
        ],
        "collections": [collection(repo=repo, dataset="code_scanning") for repo in ("acme/bad", "acme/good")],
    }


def history(repo: str, days_ago: int, score: float, tier: str) -> Row:
    day = (NOW - days_ago * DAY).replace(hour=0)
    kept = {"subject": f"repo:{repo}", "day": day, "complete": True, "score": score, "tier": tier, "unknown": 0}
    return {**dict.fromkeys(HEALTH_HISTORY.schema.names), **kept, "collected_at": NOW, "source": "rollup"}


def test_repositories_are_tallied_and_the_worst_comes_first_with_what_it_loses_points_for(
    fill: Fill, open_page: Open
) -> None:
    fill(**three_repositories())
    app = open_page("at_risk")
    shown = figures(app)
    assert [shown[name] for name in ("✕ At risk", "◐ Watch", "★ Excellent", "○ Unknown")] == ["1", "0", "1", "1"]
    table = app.dataframe[-1].value
    assert table.repo.tolist() == ["acme/bad", "acme/good", "globex/none"]
    assert [chip[0] for chip in table.tier] == ["✕ At risk", "★ Excellent", "○ Unknown"]
    assert table.cause[0].startswith("Security: 9 critical open")
    assert table.change_7d[0] < 0
    assert table.score.isna().tolist() == [False, False, True]
    link = app.get("page_link")[0].proto
    assert link.label.startswith("**acme\\/bad**: ")
    assert link.query_string == "only_repository=acme%2Fbad"
    assert "as soon as there is data of customers" in texts(app)


def test_a_repository_selected_in_the_table_has_a_link_to_its_page(fill: Fill, open_page: Open) -> None:
    fill(**three_repositories())
    app = open_page("at_risk")
    assert "Select a row to open the repository's page" in texts(app)
    key = next(str(table.key) for table in app.dataframe if str(table.key).startswith("table_at_risk"))
    app.session_state[key] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()
    (link,) = [link.proto for link in app.get("page_link") if link.proto.label == "Open **acme\\/good**"]
    assert link.query_string == "only_repository=acme%2Fgood"


def test_a_filter_leaves_the_others_out_and_a_shared_link_restores_it(fill: Fill, open_page: Open) -> None:
    fill(**three_repositories())
    app = open_page("at_risk", repo="acme/good", range="30d")
    assert app.dataframe[-1].value.repo.tolist() == ["acme/good"]
    assert app.button_group(key="range").value == "30d"
    app.multiselect(key="repo").set_value(["globex/none"]).run()
    assert app.dataframe[-1].value.repo.tolist() == ["globex/none"]
    assert figures(app)["Median score"] == "—"
    assert "No signal is known" in texts(app)


def test_history_is_drawn_from_what_is_kept_or_says_how_it_is_kept(fill: Fill, open_page: Open) -> None:
    fill(**three_repositories())
    app = open_page("at_risk")
    assert any("backend rollup" in code.value for code in app.code)
    fill(health_history=[history("acme/bad", n, 40.0 + n, "at_risk") for n in range(1, 5)])
    st.cache_resource.clear()
    app = open_page("at_risk")
    assert len(app.get("plotly_chart")) == 2
    assert not any("backend rollup" in code.value for code in app.code)


def test_empty_store_says_what_to_do(open_page: Open) -> None:
    assert "nothing collected yet" in texts(open_page("at_risk"))
