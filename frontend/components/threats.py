"""Threats: those of the range with what can be done about them, and how users rated what they got."""

import pandas as pd
import streamlit as st

from frontend import answers, data, writing
from frontend.charts.usage import part_bars
from frontend.components.chart import draw_chart, plot
from frontend.components.receipt import draw_heading
from frontend.components.table import draw_table
from frontend.components.visitor import may_write
from frontend.layouts.usage import FEEDBACK, RATINGS, THREAT_TYPES, THREATS
from frontend.words import count, readable
from shared.datasets.feedback import RATINGS as STARS
from shared.scope import Scope

_RESOLVED, _UNRESOLVED = "_threats_resolved", "unresolved"


def draw_threats(scope: Scope) -> None:
    """The threats of the range, the unresolved and worst on top; those selected can be resolved together."""
    if resolved := st.session_state.pop(_RESOLVED, None):
        st.toast(resolved, icon=":material/check_circle:")
    draw_heading("Threats in this range", "threat_list", scope)
    only = st.toggle("Unresolved only", value=True, key=_UNRESOLVED, bind="query-params")
    rows, version = data.kept(_listed, data.metric("threat_list", scope), only)
    if rows.empty:
        st.success("No threat is unresolved." if only else "No threat was seen.", icon=":material/check_circle:")
        return
    chosen = draw_table(rows, THREATS, "threats", "Threats, unresolved and worst first", selection=version)
    waiting = rows.iloc[chosen]
    ids = tuple(waiting.threat_id[waiting.state == "open"])
    if not may_write("Threats are resolved"):
        return
    if not ids:
        st.caption("Select threats to resolve them together.")
    elif st.button(f"Resolve {count(len(ids), 'threat')}", type="primary", icon=":material/done_all:", key="resolve"):
        st.session_state[_RESOLVED] = f"{count(writing.resolve_threats(ids), 'threat')} resolved."
        st.rerun()


def _listed(rows: pd.DataFrame, only: bool) -> tuple[pd.DataFrame, str]:
    """The threats, or only the unresolved ones, and what a selection among them belongs to.

    A row that is selected is one by its place: where the rows change, another threat may stand there.
    """
    rows = (rows[rows.state == "open"] if only else rows).reset_index(drop=True)
    return answers.remembered(rows), f"{only}_{hash((*rows.threat_id, *rows.state))}"


def draw_threat_types(scope: Scope) -> None:
    """Which types of threats there were most."""
    types = data.metric("threat_summary", scope, "type")
    if types.empty:
        return
    draw_chart(
        plot(part_bars, types.type.map(readable), types.n, "threats"),
        types,
        THREAT_TYPES,
        title="Threats by type",
        name="threat_types",
        alt="Threats by type, most on top",
        metric="threat_summary",
        scope=scope,
    )


def draw_ratings(scope: Scope) -> None:
    """How many ratings of each number of stars there were."""
    row = data.metric("feedback_ratings", scope).iloc[0]
    if not row.n:
        st.subheader("Ratings", anchor=False)
        st.info("No rating in this range.", icon=":material/star_border:")
        return
    counts = [int(row[f"rating_{rating}"]) for rating in reversed(STARS)]
    frame = pd.DataFrame({"stars": [stars(rating) for rating in reversed(STARS)], "n": counts})
    draw_chart(
        plot(part_bars, frame.stars, frame.n, "ratings"),
        frame,
        RATINGS,
        title="Ratings",
        name="ratings",
        alt="Ratings by number of stars, five on top",
        metric="feedback_ratings",
        scope=scope,
    )


def draw_feedback(scope: Scope) -> None:
    """What users said, newest first."""
    rows = data.metric("feedback_list", scope)
    if rows.empty:
        return
    draw_heading("What users said", "feedback_list", scope)
    draw_table(data.kept(_with_stars, rows), FEEDBACK, "feedback", "Ratings with comments, newest first")


def _with_stars(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(stars=rows.rating.map(stars))


def stars(rating: object) -> str:
    """A rating as filled and empty stars; what is none as it is."""
    known = isinstance(rating, int | float) and rating in STARS
    return "★" * int(rating) + "☆" * (STARS[-1] - int(rating)) if known else str(rating)  # type: ignore[call-overload]
