"""The first row of the Workflows page."""

from dataclasses import replace

import pandas as pd

from frontend import data
from frontend.figures import Figure, count_figure, metric_text
from frontend.first_row.runs import failing_workflows, time_to_restore
from frontend.words import count, readable
from shared.metrics.workflows.workflow_state import STATES
from shared.scope import Scope


def workflows(scope: Scope) -> list[Figure]:
    """How many workflows are in each state, and the time to restore."""
    states = data.metric("workflow_state", scope)
    counts, text, note = tally(states, STATES), metric_text("workflow_state"), f"of {count(len(states), 'workflow')}"
    others = [
        replace(count_figure(readable(state), counts[state], None, better="lower", text=text), note=note)
        for state in STATES
        if state != "failing"
    ]
    return [replace(failing_workflows(scope), title="Failing"), *others, time_to_restore(scope)]


def tally(states: pd.DataFrame, order: tuple[str, ...]) -> dict[str, int]:
    """How many workflows are in each state, zeros included."""
    counts = states.state.value_counts()
    return {name: int(counts.get(name, 0)) for name in order}
