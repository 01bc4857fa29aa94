"""Coverage: the latest ledger entry per repository and dataset, and what good ones covered."""

from datetime import timedelta

from tests.builders import NOW, collection
from tests.unit.shared.metrics.asking import Ask, scope


def test_the_last_collection_tells_and_good_ones_cover(ask: Ask) -> None:
    first = collection(started_at=NOW - timedelta(days=3))
    second = collection(started_at=NOW - timedelta(days=2), outcome="unchanged")
    last = collection(started_at=NOW - timedelta(days=1), outcome="forbidden", reason="no access", rows=None)
    rows = [second, last, first]
    (found,) = ask("coverage", scope(), collections=rows)
    assert found == {
        "repo": "acme/api",
        "org": "acme",
        "dataset": "workflow_runs",
        "outcome": "forbidden",
        "reason": "no access",
        "rows": None,
        "finished_at": last["finished_at"],
        "last_good_at": second["finished_at"],
        "covered_since": first["covered_since"],
        "covered_until": second["covered_until"],
    }
    assert ask("coverage", scope(), collections=rows[::-1]) == [found]


def test_what_was_never_collected_well_covers_nothing(ask: Ask) -> None:
    (found,) = ask("coverage", scope(), collections=[collection(outcome="failed", reason="timeout")])
    assert [found[name] for name in ("last_good_at", "covered_since", "covered_until")] == [None] * 3


def test_a_collection_that_reached_back_to_the_beginning_covers_from_there_on(ask: Ask) -> None:
    whole = collection(started_at=NOW - timedelta(days=2), covered_since=None)
    later = collection(started_at=NOW - timedelta(days=1))
    for rows in ([whole, later], [later, whole]):
        (found,) = ask("coverage", scope(), collections=rows)
        assert (found["covered_since"], found["covered_until"]) == (None, later["covered_until"])


def test_a_collection_that_covers_no_time_does_not_reach_back_to_the_beginning(ask: Ask) -> None:
    dated = collection(started_at=NOW - timedelta(days=2))
    nothing = collection(covered_since=None, covered_until=None)
    (found,) = ask("coverage", scope(), collections=[dated, nothing])
    assert (found["covered_since"], found["covered_until"]) == (dated["covered_since"], dated["covered_until"])


def test_one_row_per_repository_and_dataset_in_scope(ask: Ask) -> None:
    rows = [collection(), collection(dataset="alerts"), collection(repo="globex/api")]
    found = ask("coverage", scope(orgs=("acme",)), collections=rows)
    assert [(row["repo"], row["dataset"]) for row in found] == [
        ("acme/api", "alerts"),
        ("acme/api", "workflow_runs"),
    ]


def test_a_reason_is_that_of_the_last_collection_alone(ask: Ask) -> None:
    rows = [collection(started_at=NOW - timedelta(days=2), outcome="failed", reason="timeout"), collection()]
    assert ask("coverage", scope(), collections=rows)[0]["reason"] is None
