"""Deploying: which workflows look as if they deployed, where the policy names none."""

import pandas as pd

WORDS = ("deploy", "release", "publish", "rollout", "ship")


def likely_deployments(states: pd.DataFrame) -> pd.DataFrame:
    """Workflows whose name or file holds one of WORDS, the busiest first, with `pattern`, the policy's name for each.

    states: what workflow_state gives.
    """
    said = states.workflow_name.fillna("") + " " + states.workflow_path.fillna("")
    found = states[said.str.lower().str.contains("|".join(WORDS), regex=True)]
    file = found.workflow_path.fillna("").str.rsplit("/", n=1).str[-1]
    pattern = found.repo + ":" + file.where(file != "", found.workflow_name)
    return found.assign(pattern=pattern).sort_values("runs", ascending=False, kind="stable")
