"""Repositories with rows at random of all that their health is made of."""

from datetime import datetime, timedelta
from random import Random

from shared.datasets.alerts import KINDS, SEVERITIES
from tests.builders import NOW, agent_session, alert, collection, pull_request, repository, run
from tests.unit.shared.metrics.plain_health import World
from tests.unit.shared.metrics.strategies import CONCLUSIONS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

MORE = {"critical": HOUR, "high": 90 * HOUR, "medium": 20 * DAY, "low": 5 * DAY, "unknown": 400 * DAY}
"""One more open alert: its severity and age."""


def world_at_random(repos: int = 24, seed: int = 1) -> World:
    """Repositories with few rows of every kind, each beside a twin that has one more open alert."""
    dice, world = Random(seed), World()
    for name in ("repositories", "alerts", "workflow_runs", "agent_sessions", "pull_requests", "collections"):
        world[name] = []
    for number in range(repos):
        rows = rows_at_random(dice, number)
        severity = list(MORE)[number % len(MORE)]
        more = alert(number=99, severity=severity, created_at=NOW - MORE[severity])
        for repo, extra in ((f"acme/{number}", []), (f"acme/{number}-more", [more])):
            for name, some in {**rows, "alerts": [*rows["alerts"], *extra]}.items():
                world[name] += [{**row, "repo": repo} for row in some]
    for name, key in (("workflow_runs", "run_id"), ("agent_sessions", "session_id")):
        world[name] = [{**row, key: type(row[key])(n)} for n, row in enumerate(world[name], start=1)]
    return world


def rows_at_random(dice: Random, number: int) -> World:
    """The rows of one repository; times on both sides of every limit."""

    def ago(days: int) -> datetime:
        return NOW - dice.randint(-48, 24 * days) * HOUR

    def some(most: int) -> range:
        return range(dice.randint(0, most))

    states = ("open", "open", "fixed", "fixed", "dismissed", "auto_dismissed")
    alerts = [
        alert(
            number=n,
            kind=dice.choice(KINDS),
            severity=dice.choice(SEVERITIES),
            state=(state := dice.choice(states)),
            created_at=(at := ago(dice.choice((9, 150)))),
            closed_at=None if state == "open" else at + dice.choice((-1, 20, 30, 70, 90, 200, 900)) * HOUR,
        )
        for n in some(5)
    ]
    runs = [
        run(
            workflow_id=dice.choice((7, 7, 8)),
            created_at=(at := ago(35)),
            completed_at=at + dice.randint(1, 40) * HOUR if (conclusion := dice.choice(CONCLUSIONS)) else None,
            conclusion=conclusion,
            status="completed" if conclusion else "in_progress",
            branch=dice.choice(("main", "main", "topic")),
            event=dice.choice(("push", "schedule", "pull_request")),
            is_latest_attempt=dice.random() < 0.8,
        )
        for _ in some(12)
    ]
    statuses = ("finished", "failed", "stopped", "expired", "unknown", "running")
    return {
        "repositories": [repository()],
        "alerts": alerts,
        "workflow_runs": runs,
        "agent_sessions": [agent_session(status=dice.choice(statuses), ended_at=ago(45)) for _ in some(3)],
        "pull_requests": [
            pull_request(
                number=n, created_at=ago(20), merged_at=dice.choice((None, ago(9))), session_id=dice.choice(("1", None))
            )
            for n in some(3)
        ],
        # A twin's alert makes known what was not, so that only repositories that were read can be compared.
        "collections": [collection(dataset="dependabot")] if number % 3 else [],
    }
