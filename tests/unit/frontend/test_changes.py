"""What changed between two periods, against what plain Python says of the same rows."""

from datetime import timedelta
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from frontend.changes import (
    ALERTS_MOVED,
    CHANGES,
    COLUMNS,
    foremost,
    in_order,
    of_backlog,
    of_breaches,
    of_cost,
    of_health,
    of_workflows,
)
from tests.builders import NOW
from tests.properties import few

DAY = timedelta(days=1)
SINCE = NOW - 30 * DAY


def told(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(zip(rows.change, rows.subject, rows.better, strict=True))


def states(**state: str) -> pd.DataFrame:
    return pd.DataFrame({"repo": "a/b", "workflow_name": list(state), "state": list(state.values())}, dtype="object")


def episodes(*rows: tuple[str | None, float, float | None]) -> pd.DataFrame:
    """Name, days ago that it failed, days ago that it was restored."""
    frame = pd.DataFrame(
        [
            {
                "repo": "a/b",
                "workflow_name": name,
                "failed_at": NOW - failed * DAY,
                "restored_at": None if restored is None else NOW - restored * DAY,
                "duration_s": None if restored is None else (failed - restored) * 86_400,
                "runs_failed": 2,
            }
            for name, failed, restored in rows
        ],
        columns=["repo", "workflow_name", "failed_at", "restored_at", "duration_s", "runs_failed"],
    )
    times = dict.fromkeys(("failed_at", "restored_at"), "datetime64[us, UTC]")
    return frame.astype({**times, "workflow_name": "object", "duration_s": "float64"})


def counts(column: str, found: dict[str, int]) -> pd.DataFrame:
    return pd.DataFrame({"repo": list(found), column: list(found.values())}).astype({"repo": "str", column: "int64"})


def test_workflows_that_fail_only_now_and_those_that_failed_only_then_are_told() -> None:
    known = states(new="failing", long="failing", back="healthy", brief="healthy", off="inactive")
    history = episodes(
        ("new", 3, None),
        ("long", 40, None),
        ("back", 50, 10),
        ("brief", 8, 7),
        ("off", 5, None),
        ("long", 80, 45),
        (None, 2, None),
    )
    found = of_workflows(known, history, SINCE, NOW)
    assert told(found) == [("broke", "new", False), ("recovered", "back", True)]
    assert found.detail.tolist() == ["broken for 3.0 days, 2 failed runs", "restored after 40.0 days"]


def test_a_workflow_that_recovered_and_broke_again_has_not_recovered() -> None:
    found = of_workflows(states(build="failing"), episodes(("build", 50, 20), ("build", 5, None)), SINCE, NOW)
    assert told(found) == [("broke", "build", False)]


def test_repositories_that_crossed_the_line_in_a_week_are_told_and_unknown_ones_are_not() -> None:
    scores = [("fell", 70, 40), ("rose", 45, 60), ("stays", 30, 20), ("new", None, 20), ("lost", 20, None)]

    def tier(score: float | None) -> str:
        return "unknown" if score is None else "at_risk" if score <= 50 else "watch"

    rows = [
        {
            "repo": repo,
            "score": now,
            "score_7d_ago": then,
            "tier": tier(now),
            "tier_7d_ago": tier(then),
            "change_7d": None if now is None or then is None else now - then,
            "cause": "CI: 3 of 4 runs failed",
        }
        for repo, then, now in scores
    ]
    found = of_health(pd.DataFrame(rows))
    assert told(found) == [("at_risk", "fell", False), ("healthier", "rose", True)]
    assert found.detail[0] == "score 70 seven days ago, now 40, CI: 3 of 4 runs failed"
    assert found.detail[1] == "score 45 seven days ago, now 60"


REPOS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12))


@few(10)
@given(now=REPOS, before=REPOS)
def test_backlogs_that_moved_are_all_told_the_biggest_move_first(now: dict[str, int], before: dict[str, int]) -> None:
    found = of_backlog(counts("n", now), counts("n", before))
    moves = {repo: now.get(repo, 0) - before.get(repo, 0) for repo in {*now, *before}}
    grown = found[~found.better].repo.tolist()
    fallen = found[found.better].repo.tolist()
    assert set(grown) == {repo for repo, move in moves.items() if move >= ALERTS_MOVED}
    assert set(fallen) == {repo for repo, move in moves.items() if move <= -ALERTS_MOVED}
    assert [moves[repo] for repo in grown] == sorted((moves[repo] for repo in grown), reverse=True)
    assert [moves[repo] for repo in fallen] == sorted(moves[repo] for repo in fallen)


def test_breaches_count_those_that_went_beyond_their_limit_in_the_range() -> None:
    now = counts("breached_open", {"a/b": 9, "a/c": 1}).assign(breached_closed=[2, 5])
    before = counts("breached_open", {"a/b": 4, "a/c": 6, "a/d": 1}).assign(breached_closed=0)
    found = of_breaches(now, before)
    assert told(found) == [("breaches", "a/b", False), ("fewer_breaches", "a/c", True)]
    assert found.detail.tolist() == [
        "9 open, 7 new breaches, 5 more than when the range began",
        "1 open, 0 new breaches, 5 fewer than when the range began",
    ]


def costs(**rows: tuple[float | None, float]) -> pd.DataFrame:
    """Cost and share of attempts whose jobs are known."""
    found = [(repo, cost, share) for repo, (cost, share) in rows.items()]
    return pd.DataFrame(found, columns=["repo", "cost", "jobs_share"]).astype({"cost": "float64"})


def test_cost_is_compared_only_where_as_much_is_known_of_both_periods() -> None:
    now = costs(up=(30, 1), down=(5, 1), alike=(11, 1), unlike=(90, 1), none=(None, 1), new=(40, 1), tiny=(0.2, 1))
    before = costs(up=(20, 1), down=(10, 0.98), alike=(10, 1), unlike=(10, 0.5), none=(9, 1), new=(0, 1), tiny=(0.1, 1))
    found = of_cost(now, before, "USD")
    assert told(found) == [("cost", "up", False), ("cheaper", "down", True)]
    assert found.detail[0] == "30.00 USD, +50 % against the previous period"


def test_bad_news_comes_before_good_and_each_kind_has_its_place() -> None:
    parts = [
        of_backlog(counts("n", {"a/b": 9}), counts("n", {"a/c": 9})),
        of_workflows(states(build="failing"), episodes(("build", 5, None)), SINCE, NOW),
    ]
    found = in_order(parts)
    assert told(found) == [("broke", "build", False), ("backlog", "a/b", False), ("smaller_backlog", "a/c", True)]
    assert list(found.columns) == list(COLUMNS)
    assert set(found.change) <= set(CHANGES)


def test_the_first_of_every_kind_comes_before_the_second_of_any() -> None:
    changes = ["broke", "broke", "broke", "backlog", "backlog", "cost"]
    rows = pd.DataFrame({"change": changes, "subject": list("abcdef")})
    assert foremost(rows, 4).subject.tolist() == ["a", "b", "d", "f"]
    assert foremost(rows, 9).subject.tolist() == list("abcdef")
    assert foremost(rows.head(0), 4).empty


def test_empty_frames_are_no_changes() -> None:
    nothing = counts("breached_open", {}).assign(breached_closed=0)
    assert of_breaches(nothing, nothing).empty
    assert of_cost(costs(), costs(), "USD").empty


def test_nothing_moved_is_no_rows_of_either_news() -> None:
    found = in_order([of_backlog(counts("n", {}), counts("n", {})), of_workflows(states(), episodes(), SINCE, NOW)])
    assert list(found.columns) == list(COLUMNS)
    assert found[found.better].empty
    assert found[~found.better].empty
