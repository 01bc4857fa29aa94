"""Attention: what needs someone today, a card for each kind, and all of it as a table."""

from typing import Any

import pandas as pd
import streamlit as st

from frontend import data, drawn, filters
from frontend.attention import PROBLEMS, needs_attention
from frontend.components.links import draw_place_link
from frontend.components.table import draw_table
from frontend.health import repository_health, with_cause
from frontend.layouts.overview import ATTENTION
from frontend.words import as_text, count
from shared.metrics.sla.worklist import SOON
from shared.scope import Scope

EACH = 3
"""Links shown of each kind of problem."""

_ACROSS = {1: 1, 2: 2, 4: 2}
"""Cards side by side, by how many kinds there are; of the others three."""


def draw_attention(scope: Scope) -> None:
    """What needs someone as of the end of the range."""
    st.subheader("What needs you today", anchor=False)
    problems = data.kept(_problems, scope)
    if problems.empty:
        text = "Nothing that is known of fails, is overdue, at risk or about to break its limit."
        st.success(text, icon=":material/check_circle:")
        return
    drawn.draw(_draw_kinds, scope)
    table = st.expander(
        f"{count(len(problems), 'thing')} as a table",
        icon=":material/table_rows:",
        type="compact",
        key="all_attention",
        on_change="rerun",
    )
    if table.open:
        named = problems.assign(problem=problems.problem.map(lambda code: PROBLEMS[code].title))
        with table:
            draw_table(named, ATTENTION, "needs_attention", "What needs attention", most_rows=8)


def _problems(scope: Scope) -> pd.DataFrame:
    return needs_attention(
        data.metric("workflow_state", scope),
        data.first_rows("sla_worklist", scope, due_within=SOON),
        with_cause(repository_health(scope)),
        data.metric("silent_scanners", scope),
        data.repository_links(),
    )


def _draw_kinds(scope: Scope) -> None:
    kinds = data.kept(_problems, scope).groupby("problem", sort=False)
    with st.grid(columns=_ACROSS.get(len(kinds), 3), min_column_width=280, gap="small"):
        for code, rows in kinds:
            _draw_kind(str(code), rows)


def _draw_kind(code: str, rows: pd.DataFrame) -> None:
    """One kind of problem: how many there are, the first of them, and where all are."""
    problem = PROBLEMS[code]
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"**{problem.title}** · {len(rows):,}")
        for row in rows.head(EACH).itertuples():
            _draw_one(code, row)
        if len(rows) > EACH:
            st.page_link(
                f"views/{problem.all_page}.py",
                label=f"All {len(rows):,}",
                icon=":material/list:",
                query_params=filters.narrowed(**_due(code)) or None,
            )


def _draw_one(code: str, row: Any) -> None:  # noqa: ANN401  (a row of itertuples)
    problem, repo, subject = PROBLEMS[code], str(row.repo), str(row.subject)
    where = "" if subject == repo else f" in {as_text(repo)}"
    label = f"**{as_text(subject)}**{where}: {as_text(str(row.detail))}"
    workflow = row.workflow if isinstance(row.workflow, str) else None
    draw_place_link(problem.page, repo, workflow, label, **_due(code))


def _due(code: str) -> dict[str, str]:
    return {filters.DUE: SOON} if code == "due" else {}
