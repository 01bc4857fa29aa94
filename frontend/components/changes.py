"""Changes: what moved most against the previous period, bad news beside good."""

import pandas as pd
import streamlit as st

from frontend import data, drawn
from frontend.changes import (
    CHANGES,
    foremost,
    in_order,
    of_backlog,
    of_breaches,
    of_cost,
    of_health,
    of_workflows,
)
from frontend.components.links import draw_place_link
from frontend.components.table import draw_table
from frontend.first_row.period import period_of
from frontend.health import repository_health, with_cause
from frontend.layouts.overview import CHANGED
from frontend.periods import two_periods
from frontend.words import as_text, count
from shared.scope import Scope

MOST = 6
"""Links shown of bad and of good news."""


def draw_changes(scope: Scope) -> None:
    """What changed since the range began."""
    st.subheader("What changed", anchor=False)
    if scope.since is None:
        st.caption("All that is known has no previous period; choose a shorter range to see what changed in it.")
        return
    st.caption(f"Against the {period_of(scope)}; health scores against those of seven days before.")
    found = data.kept(what_changed, scope)
    if found.empty:
        st.info("Nothing that is known of changed by much.", icon=":material/info:")
        return
    drawn.draw(_draw_both, scope)
    table = st.expander(
        f"{count(len(found), 'change')} as a table",
        icon=":material/table_rows:",
        type="compact",
        key="all_changes",
        on_change="rerun",
    )
    if table.open:
        named = found.assign(change=found.change.map(lambda code: CHANGES[code].title))
        with table:
            draw_table(named, CHANGED, "what_changed", "What changed against the previous period", most_rows=8)


def what_changed(scope: Scope) -> pd.DataFrame:
    """All changes of a range that has a beginning, as changes.in_order arranges them."""
    previous = scope.previous()
    if scope.since is None or previous is None:
        return in_order(())
    both, since, until = two_periods(scope), scope.since, scope.until
    sides = {
        name: (data.metric(name, scope, "repo"), data.metric(name, previous, "repo"))
        for name in ("open_alerts", "sla_summary", "run_cost")
    }
    return in_order(
        (
            of_workflows(data.metric("workflow_state", scope), data.metric("restore_episodes", both), since, until),
            of_health(with_cause(repository_health(scope))),
            of_breaches(*sides["sla_summary"]),
            of_backlog(*sides["open_alerts"]),
            of_cost(*sides["run_cost"], data.policy().cost.currency),
        )
    )


def _draw_both(scope: Scope) -> None:
    found = data.kept(what_changed, scope)
    left, right = st.columns(2, gap="medium")
    for place, title, rows in ((left, "Worse", found[~found.better]), (right, "Better", found[found.better])):
        with place:
            _draw_news(title, rows)


def _draw_news(title: str, rows: pd.DataFrame) -> None:
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.markdown(f"**{title}** · {len(rows):,}")
        if rows.empty:
            st.caption("Nothing that is known of.")
        for row in foremost(rows, MOST).itertuples():
            change, repo, subject = CHANGES[str(row.change)], str(row.repo), str(row.subject)
            where = "" if subject == repo else f" in {as_text(repo)}"
            label = f"{change.title}: **{as_text(subject)}**{where}, {as_text(str(row.detail))}"
            workflow = row.workflow if isinstance(row.workflow, str) else None
            draw_place_link(change.page, repo, workflow, label)
