"""Forty alerts, and GCSMTTR's overviews of them in plain Python."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import Row, alert
from tests.conftest import NOW

DAY = timedelta(days=1)
FIRST = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)
STATES = ("open", "fixed", "dismissed", "fixed", "auto_dismissed", "dismissed", "open")
SEVERITIES = ("critical", "high", "medium")


def _alerts() -> list[Row]:
    """Forty alerts of three repositories of two organisations, most of code scanning, over four months."""
    rows = []
    for n in range(40):
        created = FIRST + n * timedelta(days=2, hours=5)
        state = STATES[n % len(STATES)]
        closed = None if state == "open" else min(created + timedelta(days=1 + n % 37, hours=n), NOW - DAY)
        rows.append(
            alert(
                repo=("acme/api", "acme/web", "zeta/api")[n % 3],
                kind="dependabot" if n % 8 == 7 else "code_scanning",
                number=n + 1,
                state=state,
                severity=SEVERITIES[n % 3],
                created_at=created,
                closed_at=closed,
                updated_at=closed or created,
            )
        )
    return rows


ROWS = _alerts()


def plain_overviews(rows: list[Row], subject: str) -> list[dict[str, Any]]:
    """GCSMTTR's overviews in plain Python: what a person closed counts as remediated as much as what was fixed."""
    found = []
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_name[row[subject]].append(row)
    for year, month in ((2026, number) for number in range(8, 12)):
        end = datetime(year, month + 1, 1, tzinfo=UTC)
        for name, own in sorted(by_name.items()):
            if min(row["created_at"] for row in own) >= end:
                continue
            start = datetime(year, month, 1, tzinfo=UTC)
            closed = [row for row in own if row["closed_at"] and start <= row["closed_at"] < end]
            lived = {
                state: [(row["closed_at"] - row["created_at"]) for row in closed if row["state"] == state]
                for state in ("fixed", "dismissed")
            }
            total = sum((*lived["fixed"], *lived["dismissed"]), timedelta()) / timedelta(milliseconds=1)
            n = len(lived["fixed"]) + len(lived["dismissed"])
            still = [
                row for row in own if row["created_at"] < end and not (row["closed_at"] and row["closed_at"] < end)
            ]
            period = f"2026-{start:%B}"
            found.append(
                {
                    "id": f"{name}/{period}",
                    "monthlyPeriod": period,
                    "organisationName": name.split("/")[0],
                    "openAlerts": len(still),
                    "numberFixed": len(lived["fixed"]),
                    "numberManuallyClosed": len(lived["dismissed"]),
                    "numberManuallyCosed": len(lived["dismissed"]),
                    "totalTimeToRemediate": pytest.approx(total),
                    "meanTimeToRemediate": pytest.approx(total / n) if n else None,
                    **({"repositoryName": name} if subject == "repo" else {}),
                }
            )
    return found
