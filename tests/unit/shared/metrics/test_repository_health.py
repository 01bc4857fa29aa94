"""Repository health of many repositories with rows at random, against the same definitions in plain Python.

A question to this metric takes a second whatever the rows are, so the tests share one world.
"""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from shared.metrics.health.signals import SIGNALS, UNKNOWN_BECAUSE
from shared.scope import Scope
from tests.builders import NOW, Row
from tests.unit.shared.metrics.asking import Ask, scope
from tests.unit.shared.metrics.health_at_random import world_at_random
from tests.unit.shared.metrics.plain_health import World, about, plain_score, plain_signals

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def random() -> World:
    return world_at_random()


@pytest.fixture(scope="module")
def found(ask: Ask, random: World) -> Mapping[str, Row]:
    """Scores of the world at random by repository."""
    return {row["repo"]: row for row in ask("repository_health", scope(), None, **random)}


def test_scores_are_those_of_plain_python(ask: Ask, random: World, found: Mapping[str, Row]) -> None:
    now, then = (ask("workflow_state", scope(None, at), None, **random) for at in (NOW, NOW - 7 * DAY))
    assert set(found) == {row["repo"] for row in random["repositories"]}
    for repo, row in found.items():
        signals = plain_signals(random, now, repo, NOW)
        score, before = plain_score(signals), plain_score(plain_signals(random, then, repo, NOW - 7 * DAY))
        assert {name: row[f"signal_{name}"] for name in SIGNALS} == {name: about(signals[name]) for name in SIGNALS}
        assert (row["score"], row["score_7d_ago"]) == (about(score), about(before))
        assert row["change_7d"] == (None if score is None or before is None else about(score - before))
        assert row["unknown"] == sum(value is None for value in signals.values())


def test_the_world_at_random_has_every_signal_known_and_unknown(found: Mapping[str, Row]) -> None:
    for name in SIGNALS:
        values = {row[f"signal_{name}"] for row in found.values()}
        assert None in values, name
        assert len(values) > 3, name


def test_one_more_open_alert_never_raises_a_score(random: World, found: Mapping[str, Row]) -> None:
    twins = [(row, found[f"{repo}-more"]) for repo, row in found.items() if f"{repo}-more" in found]
    known = [(row["score"], more["score"]) for row, more in twins if row["signal_security"] is not None]
    assert len(known) > 12
    assert all(more < score for score, more in known)


def test_signals_tell_each_value_with_its_points_or_why_it_is_unknown(
    ask: Ask, random: World, found: Mapping[str, Row]
) -> None:
    """Asked with the rows turned round, and with filters that have no say."""
    question = Scope(until=NOW, since=NOW - DAY, workflows=("x",), severities=("low",), branch="topic", bots=False)
    turned = {name: list(reversed(rows)) for name, rows in random.items()}
    rows = ask("health_signals", question, None, **turned)
    assert [(row["repo"], row["signal"]) for row in rows] == [
        (repo, name) for repo in sorted(found) for name in SIGNALS
    ]
    for row in rows:
        score, name = found[row["repo"]], row["signal"]
        told = tuple(score[f"{kind}_{name}"] for kind in ("signal", "lost", "weight"))
        assert (row["value"], row["lost"], row["weight"]) == tuple(map(about, told))
        assert row["unknown_because"] == (UNKNOWN_BECAUSE[name] if row["value"] is None else None)
        assert row["facts"] == score[f"facts_{name}"]
        assert (row["facts"] is None) == (row["value"] is None)
        if name == score["worst_signal"]:
            assert row["facts"] == score["worst_facts"]
