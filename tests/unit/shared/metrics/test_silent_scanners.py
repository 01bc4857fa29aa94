"""Silent scanners: which tools no longer scan, against the same rule in plain Python.

A question to this metric takes a second whatever the rows are, so tests share two worlds: one of repositories with rows
at random, and one in which each repository is a case of its own.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

import pytest

from shared.metrics.workflows.outcomes import FAILURES
from shared.metrics.workflows.silent_scanners import SILENT_SCANNERS
from shared.policy import Policy
from tests.builders import NOW, Row, run, workflow
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.history import known_at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

World = dict[str, list[Row]]

TOOLS = {"codeql": "CodeQL", "trivy": "Trivy"}
"""Those of the worlds below, by what names them."""


def scan(repo: str, days_ago: float, tool: str | None = "CodeQL", error: str | None = None, number: int = 0) -> Row:
    at = NOW - days_ago * DAY
    return {
        "scan_id": f"{repo}-{tool}-{number}-{at:%Y%m%dT%H%M%S}",
        "repo": repo,
        "org": repo.partition("/")[0],
        "tool": tool,
        "ref": "refs/heads/main",
        "commit_sha": "0" * 40,
        "category": "",
        "results_count": 0,
        "rules_count": 1,
        "error": error,
        "created_at": at,
        "collected_at": NOW,
        "source": "github",
    }


def world_at_random(repos: int = 60) -> World:
    """Repositories with up to three workflows and scans of up to three tools, in every rhythm."""
    dice, world = Random(7), World(workflow_runs=[], scans=[], workflows=[])
    for number in range(repos):
        repo = f"{dice.choice(('acme', 'globex'))}/{number:02}"
        for place, name in enumerate(("CodeQL", "Nightly codeql", "Trivy")):
            named = {"repo": repo, "workflow_id": place, "workflow_name": name, "workflow_path": f".github/{place}.yml"}
            world["workflow_runs"] += [
                run(
                    **named,
                    run_id=0,
                    created_at=at,
                    conclusion=dice.choice(("success", "success", "failure", "skipped")),
                )
                for at in rhythm(dice)
            ]
            if dice.random() < 0.3:
                state = dice.choice(("active", "disabled_manually"))
                listed = {"repo": repo, "workflow_id": place, "name": name, "path": f".github/{place}.yml"}
                world["workflows"].append(workflow(**listed, state=state))
        for tool in ("CodeQL", "trivy", "Own tool"):
            world["scans"] += [
                {**scan(repo, 0, tool, dice.choice((None, None, "", "broken"))), "created_at": at}
                for at in rhythm(dice)
            ]
    world["workflow_runs"] = [{**row, "run_id": n} for n, row in enumerate(world["workflow_runs"])]
    world["scans"] = [{**row, "scan_id": str(n)} for n, row in enumerate(world["scans"])]
    return world


def rhythm(dice: Random) -> list[datetime]:
    """Up to 25 times every so many hours, the last one some while ago; often none."""
    every, last = dice.choice((1, 30, 24 * 7, 24 * 31)), dice.choice((-9, 2, 24 * 6, 24 * 8, 24 * 25, 24 * 59, 24 * 90))
    return [NOW - (last + n * every) * HOUR - timedelta(minutes=n * n) for n in range(dice.choice((0, 0, 1, 4, 25)))]


def plain(world: World, until: datetime) -> dict[tuple[str, str], Row]:
    """The tools that are silent, with how long they have been."""
    ran, scanned = workflows_of(world, until), scans_of(world, until)
    found = {}
    for key in ran.keys() | scanned.keys():
        mine, scans = ran.get(key, []), scanned.get(key, [])
        if any(one["state"] == "healthy" for one in mine) or (scans and not rests(scans, until)):
            continue
        last = max(mine, key=lambda one: (one["last_run_at"], one["workflow_name"]), default=None)
        wins = [one["last_success_at"] for one in mine if one["last_success_at"]]
        signs = [*wins, *scans[-1:]]
        found[key] = {
            "org": key[0].split("/")[0],
            "workflow_name": last and last["workflow_name"],
            "state": last and last["state"],
            "last_run_at": last and last["last_run_at"],
            "last_success_at": max(wins, default=None),
            "last_scan_at": scans[-1] if scans else None,
            "days_silent": (until - max(signs)) / DAY if signs else None,
        }
    return found


def workflows_of(world: World, until: datetime) -> dict[tuple[str, str], list[Row]]:
    """Each tool's workflows that ever ran, with their state."""
    disabled = {(row["repo"], row["workflow_id"]) for row in world["workflows"] if row["state"] != "active"}
    streams: dict[tuple[str, int], list[Row]] = {}
    for row in sorted(known_at(world["workflow_runs"], until), key=lambda row: row["created_at"]):
        streams.setdefault((row["repo"], row["workflow_id"]), []).append(row)
    found: dict[tuple[str, str], list[Row]] = {}
    for key, runs in streams.items():
        name = runs[-1]["workflow_name"]
        tool = next(tool for word, tool in TOOLS.items() if word in name.lower())
        wins = [row["created_at"] for row in runs if row["conclusion"] == "success"]
        facts = {
            "workflow_name": name,
            "last_run_at": runs[-1]["created_at"],
            "last_success_at": max(wins, default=None),
        }
        state = "inactive" if key in disabled else state_of(runs, until)
        found.setdefault((key[0], tool), []).append({**facts, "state": state})
    return found


def state_of(runs: list[Row], until: datetime) -> str:
    verdicts = [row["conclusion"] for row in runs if row["conclusion"] in ("success", *FAILURES)]
    times = [row["created_at"] for row in runs]
    if verdicts and verdicts[-1] != "success":
        return "failing"
    if until - times[-1] >= 60 * DAY:
        return "inactive"
    return "stale" if overdue(times, until) else "healthy"


def rests(scans: list[datetime], until: datetime) -> bool:
    return until - scans[-1] >= 60 * DAY or overdue(scans, until)


def overdue(times: list[datetime], until: datetime) -> bool:
    gaps = [(later - sooner) / DAY for sooner, later in pairwise(times)][-20:]
    return bool(gaps) and (until - times[-1]) / DAY > max(3 * median(gaps), 7)


def scans_of(world: World, until: datetime) -> dict[tuple[str, str], list[datetime]]:
    """When each tool scanned well."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for row in sorted(world["scans"], key=lambda row: row["created_at"]):
        if row["created_at"] < until and not row["error"]:
            tool = TOOLS.get(row["tool"].lower()) or str(row["tool"])
            found.setdefault((row["repo"], tool), []).append(row["created_at"])
    return found


@pytest.mark.parametrize("days_ago", [0, 9])
def test_what_is_silent_equals_the_rule_in_plain_python_at_any_time(ask: Ask, days_ago: int) -> None:
    world, until = world_at_random(), NOW - days_ago * DAY
    backwards = {name: rows[::-1] for name, rows in world.items()}
    found = ask("silent_scanners", scope(until=until), None, **backwards)
    expected = plain(world, until)
    assert {(row["repo"], row["tool"]) for row in found} == expected.keys()
    for row in found:
        facts = expected[row["repo"], row["tool"]]
        assert row == {**facts, "repo": row["repo"], "tool": row["tool"], "days_silent": near(facts["days_silent"])}
    silent = [row["days_silent"] for row in found]
    unknown = [days is None for days in silent]
    assert unknown == sorted(unknown, reverse=True)
    known = [days for days in silent if days is not None]
    assert known == sorted(known, reverse=True)
    assert len({row["state"] for row in found}) == 4
    assert len(found) > 20


def near(days: float | None) -> object:
    return None if days is None else pytest.approx(days)


def ran(repo: str, *days: float, ends: tuple[str, ...] = (), name: str = "CodeQL", **values: Any) -> list[Row]:
    return [
        run(repo=repo, workflow_name=name, created_at=NOW - ago * DAY, conclusion=end, **values)
        for ago, end in zip(days, ends or ("success",) * len(days), strict=True)
    ]


BROKEN: dict[str, Any] = {"ends": ("success", "failure")}

CASES: dict[str, tuple[list[Row], list[Row], tuple[str | None, float | None] | None]] = {
    "fails and no scan is known": (ran("a/1", 3, 2, **BROKEN), [], ("failing", 3)),
    "fails but another one is healthy": (
        [*ran("a/2", 3, 2, **BROKEN), *ran("a/2", 3, name="codeql weekly", workflow_id=8)],
        [],
        None,
    ),
    "fails but scans elsewhere": (ran("a/3", 3, 2, **BROKEN), [scan("a/3", 6.9)], None),
    "fails and scanned long ago": (ran("a/4", 9, 2, **BROKEN), [scan("a/4", n) for n in (8, 9)], ("failing", 8)),
    "fails and scanned before its last success": (
        ran("a/5", 9, 2, **BROKEN),
        [scan("a/5", n) for n in (20, 21)],
        ("failing", 9),
    ),
    "is healthy though no scan was seen for long": (ran("a/6", 3), [scan("a/6", 90)], None),
    "scans without a workflow": ([], [scan("a/7", 1), scan("a/7", 2)], None),
    "scanned without a workflow": ([], [scan("a/8", n) for n in (9, 10)], (None, 9)),
    "scanned, and now ends in errors": ([], [scan("a/9", 9), scan("a/9", 10), scan("a/9", 1, error="no")], (None, 9)),
    "ended in errors alone": ([], [scan("a/10", 9, error="no")], None),
    "scans every ten days": ([], [scan("a/11", n) for n in (29, 39, 49)], None),
    "scanned every ten days": ([], [scan("a/12", n) for n in (31, 41, 51)], (None, 31)),
    "rested for longer than it ever did": (ran("a/13", 12, 11, 10), [], ("stale", 10)),
    "rested for sixty days": (ran("a/14", 60), [], ("inactive", 60)),
    "never succeeded": (ran("a/15", 2, ends=("failure",)), [], ("failing", None)),
    "is no scanner": (ran("a/16", 2, ends=("failure",), name="build", workflow_path="x.yml"), [], None),
    "is named by its file": (
        ran("a/17", 3, 2, **BROKEN, name="Security", workflow_path=".github/workflows/CodeQL-analysis.yml"),
        [],
        ("failing", 3),
    ),
    "a scan of an unknown tool": ([], [scan("a/18", n, tool="Own") for n in (9, 10)], (None, 9)),
    "a scan without a tool": ([], [scan("a/19", n, tool=None) for n in (9, 10)], None),
    "scans in the future": ([], [scan("a/20", -1)], None),
    "was scanned by no workflow, once": ([], [scan("a/21", 59.9)], None),
    "was scanned by no workflow, once and long ago": ([], [scan("a/22", 60)], (None, 60)),
    "fails and was scanned once": (ran("a/23", 30, 2, **BROKEN), [scan("a/23", 30)], None),
    "was scanned every other month": ([], [scan("a/24", n) for n in (61, 121)], (None, 61)),
}
"""What a repository's runs and scans are, and its state and days in silence if it is silent."""


def test_each_case_of_the_definition(ask: Ask) -> None:
    world = {
        "workflow_runs": [row for runs, _, _ in CASES.values() for row in runs],
        "scans": [row for _, scans, _ in CASES.values() for row in scans],
        "workflows": [workflow(repo="a/0", name="CodeQL")],
    }
    world["workflow_runs"] = [{**row, "run_id": n} for n, row in enumerate(world["workflow_runs"])]
    found = {row["repo"]: row for row in ask("silent_scanners", scope(), None, **world)}
    assert "a/0" not in found, "a workflow that never ran"
    shown = {
        said: (row["state"], row["days_silent"] and round(row["days_silent"], 6)) if row else None
        for said, row in zip(CASES, (found.get(f"a/{n}") for n in range(1, len(CASES) + 1)), strict=True)
    }
    assert shown == {said: expected for said, (_, _, expected) in CASES.items()}
    assert list(found["a/1"]) == list(SILENT_SCANNERS.columns)
    assert next(iter(found)) == "a/15", "unknown since when comes first"


def test_a_disabled_scanner_is_silent_and_the_policy_sets_the_limits(ask: Ask) -> None:
    world = {
        "workflow_runs": [*ran("a/1", 1), *[{**row, "run_id": 9 + n} for n, row in enumerate(ran("a/2", 8, 6, 4))]],
        "workflows": [workflow(repo="a/1", name="CodeQL", state="disabled_manually")],
    }
    quick = Policy.model_validate({"workflows": {"stale_after": "1d", "stale_intervals": 1.0}})
    found = ask.under(quick, "silent_scanners", scope(), world)
    assert [(row["repo"], row["state"]) for row in found] == [("a/2", "stale"), ("a/1", "inactive")]
