"""The first row of the Alerts page."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.alert_filters import Listed
from frontend.figures import Better, Figure, count_figure, metric_text
from frontend.first_row.period import or_unknown, previously
from frontend.words import count
from shared.metrics.findings.derived_state import UNDECIDED
from shared.scope import Scope

GROUPS: tuple[tuple[str, tuple[str, ...], Better, str], ...] = (
    ("Undecided", UNDECIDED, "lower", "new or recurring"),
    ("In work", ("session_dispatched", "pr_open"), "higher", "session or pull request"),
    ("To verify", ("pr_merged",), "lower", "PR merged, not fixed yet"),
    ("Decided", ("false_positive", "wont_fix", "risk_accepted", "dismissed"), "neither", "triaged or dismissed"),
    ("Fixed", ("fixed", "verified_fixed"), "higher", "in the range"),
    ("Verified fixed", ("verified_fixed",), "higher", "by a merged PR"),
)
"""Title, states that are counted, whether fewer, more or neither is better, and what they are."""

_OF_WORK = frozenset({"session_dispatched", "pr_open", "pr_merged", "verified_fixed"})


def triage(scope: Scope, listed: Listed) -> list[Figure]:
    """How many alerts or findings need a decision, are in work, decided and fixed."""
    now, before = data.metric(listed.states, scope), previously(listed.states, scope)
    text = metric_text(listed.states)
    figures = []
    for title, states, better, note in GROUPS:
        earlier = None if before is None else _sum(before, states)
        figure = replace(count_figure(title, _sum(now, states), earlier, better=better, text=text), note=note)
        figures.append(or_unknown(_or_no_work(figure, states), listed.dataset))
    return figures


def listed_words(counts: pd.DataFrame, states: tuple[str, ...], shown: int, listed: Listed) -> str:
    """How many there are, where not all of them are listed; "" where all are. counts: by state."""
    total = int(counts.n[counts.state.isin(states) | (not states)].sum())
    if total <= shown:
        return ""
    return f"The first {shown:,} of {count(total, listed.noun)}: a search or a filter narrows them."


def _or_no_work(figure: Figure, states: tuple[str, ...]) -> Figure:
    """The figure, or an unknown one where it is of work and no pull request or session was ever collected."""
    rows = data.row_counts()
    if not set(states) <= _OF_WORK or rows["pull_requests"] or rows["agent_sessions"]:
        return figure
    return replace(figure, value=None, change="", note="no PRs or sessions collected")


def _sum(states: pd.DataFrame, wanted: tuple[str, ...]) -> int:
    return int(states[states.state.isin(wanted)].n.sum())
