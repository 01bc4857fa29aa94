"""Figures of real exports, verified by hand, read without the importer."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shared.metrics.remediation.time_to_remediate import time_to_remediate
from shared.policy import Policy
from tests.builders import Row
from tests.unit.shared.metrics.asking import Ask, scope

DATA = Path(__file__).parents[5] / "shared" / "data"
HOUR = 3600.0
AFTER_ALL = datetime.fromisoformat("2026-11-01T00:00:00Z")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real exports are not at {DATA}")


def load(path: str) -> Any:
    return json.loads((DATA / path).read_text("utf-8-sig"))


def at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def alert_rows(path: str, kind: str) -> list[Row]:
    closing = {"fixed": "fixed_at", "dismissed": "dismissed_at", "auto_dismissed": "auto_dismissed_at"}
    return [
        {
            "repo": "acme/api",
            "kind": kind,
            "number": item["number"],
            "state": item["state"],
            "created_at": at(item["created_at"]),
            "closed_at": at(item[closing[item["state"]]]) if item["state"] in closing else None,
        }
        for item in load(path)
    ]


def run_rows() -> list[Row]:
    return [
        {
            "run_id": item["id"],
            "run_attempt": item["run_attempt"],
            "is_latest_attempt": True,
            "repo": "ionic-team/ionic-framework",
            "workflow_id": item["workflow_id"],
            "workflow_name": item["name"],
            "event": item["event"],
            "branch": item["head_branch"],
            "status": item["status"],
            "conclusion": item["conclusion"],
            "created_at": at(item["created_at"]),
            "completed_at": at(item["updated_at"]),
        }
        for item in load("runs/ionic_stencil_workflow_runs.json").values()
    ]


def hours(seconds: float) -> float:
    return round(seconds / HOUR, 2)


def test_code_scanning_alerts(ask: Ask) -> None:
    rows = alert_rows("alerts/code_scanning_autopromote.json", "code_scanning")
    (figures,) = ask("time_to_remediate", scope(None, AFTER_ALL), alerts=rows)
    assert (figures["n"], hours(figures["mean_s"]), hours(figures["median_s"])) == (11, 5.45, 1.94)
    assert ask("open_alerts", scope(None, AFTER_ALL), alerts=rows)[0]["n"] == 361


def test_automatically_dismissed_dependabot_alerts_are_not_fixes(ask: Ask) -> None:
    rows = alert_rows("alerts/dependabot_openmrs.json", "dependabot")
    assert sum(row["state"] == "auto_dismissed" for row in rows) == 46
    question = scope(None, AFTER_ALL)
    (figures,) = ask("time_to_remediate", question, alerts=rows)
    assert (figures["n"], hours(figures["mean_s"]), hours(figures["median_s"])) == (3, 64.25, 59.95)
    assert ask.formula(time_to_remediate, question, {"alerts": rows}, include_dismissed=True) == [figures]
    every = {"include_dismissed": True, "include_auto_dismissed": True}
    assert ask.formula(time_to_remediate, question, {"alerts": rows}, **every)[0]["n"] == 49
    behind = ask.behind(Policy(), "time_to_remediate", question, {"alerts": rows})
    counted = Counter(row["state"] for row in behind if row["excluded_because"] is None)
    left_out = Counter(row["state"] for row in behind if row["excluded_because"])
    assert (counted, left_out["auto_dismissed"]) == ({"fixed": 3}, 46)
    assert ask("open_alerts", question, alerts=rows)[0]["n"] == 150
    trend = ask("alert_trend", question, alerts=rows)
    assert (sum(bucket["closed"] for bucket in trend), sum(bucket["fixed"] for bucket in trend)) == (49, 3)


def test_ionic_runs(ask: Ask) -> None:
    question = scope(None, AFTER_ALL, branch="*")
    (rate,) = ask("success_rate", question, workflow_runs=run_rows())
    assert (rate["runs"], rate["successes"], rate["failures"], rate["cancelled"]) == (101, 85, 14, 2)
    episodes = ask("restore_episodes", question, workflow_runs=run_rows())
    oldest_first = [episode["duration_s"] for episode in episodes[::-1]]
    lasted = [round(seconds / HOUR, 1) for seconds in oldest_first if seconds is not None]
    assert lasted == [79.6, 0.3, 5.1, 22.8, 7.5, 0.2, 0.2, 0.2, 16.2]
    assert oldest_first.count(None) == 1
