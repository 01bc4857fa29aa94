"""The first row of the Repository page."""

from dataclasses import replace

import pandas as pd

from frontend.figures import Figure
from frontend.first_row.alerts import open_alerts, time_to_remediate
from frontend.first_row.at_risk import median_score
from frontend.first_row.runs import failing_workflows, success_rate
from frontend.words import count
from frontend.words import tier as tier_word
from shared.scope import Scope


def repository(scope: Scope, health: pd.DataFrame, trend: pd.DataFrame) -> list[Figure]:
    """The score, open alerts and the worst of them, time to remediate, success rate and failing workflows."""
    return [
        score(health, trend),
        open_alerts(scope),
        open_alerts(scope, worst=True),
        time_to_remediate(scope),
        success_rate(scope),
        failing_workflows(scope),
    ]


def score(health: pd.DataFrame, trend: pd.DataFrame) -> Figure:
    """The score of the one repository; its change is not shown, as it is against another time than the others'."""
    figure = replace(median_score(health, trend, "Health score"), change="")
    if figure.value is None:
        return figure
    row = health.iloc[0]
    unknown = f", {count(row.unknown, 'signal')} unknown" if row.unknown else ""
    return replace(figure, note=f"{tier_word(row.tier)}{unknown}")
