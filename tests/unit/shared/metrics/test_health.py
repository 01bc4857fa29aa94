"""The engine of health scores: what is known is weighed, what is unknown is told and counts as nothing."""

from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datasets import TS
from shared.metrics.health.scores import TIERS, health_scores
from shared.policy.health import HealthPolicy
from tests.builders import NOW, Row
from tests.properties import few
from tests.unit.shared.metrics.asking import Ask

WEIGHTS = {"first": 0.5, "second": 0.3, "third": 0.2, "idle": 0.0}

_NAMES: list[tuple[str, pa.DataType]] = [
    ("subject", pa.string()),
    ("as_of", TS),
    ("signal", pa.string()),
    ("value", pa.float64()),
    ("facts", pa.string()),
]
_SCHEMA = pa.schema(_NAMES)

values = st.none() | st.floats(0, 100) | st.sampled_from((0.0, 50.0, 100.0))
worlds = st.lists(st.fixed_dictionaries(dict.fromkeys(WEIGHTS, values)), max_size=5)


def scores(
    ask: Ask, world: list[dict[str, float | None]], policy: HealthPolicy | None = None, weights: Any = None
) -> list[Row]:
    """The scores of a world of subjects, each a value by signal, in their order."""
    rows = [
        {"subject": f"s{n}", "as_of": NOW, "signal": name, "value": value, "facts": f"{name} of {n}"}
        for n, one in enumerate(world)
        for name, value in reversed(one.items())
    ]
    signals = ibis.memtable(pa.Table.from_pylist(rows, schema=_SCHEMA))
    found = health_scores(signals, weights or WEIGHTS, policy or HealthPolicy())
    return ask.rows(found.order_by("subject"))


def of_one(**signals: float | None) -> dict[str, float | None]:
    return {**dict.fromkeys(WEIGHTS), **signals}


@few(6)
@given(worlds)
def test_score_is_the_weighted_mean_of_what_is_known(ask: Ask, world: list[dict[str, float | None]]) -> None:
    found = scores(ask, world)
    assert len(found) == len(world)
    for row, one in zip(found, world, strict=True):
        known = {name: value for name, value in one.items() if value is not None}
        total = sum(WEIGHTS[name] for name in known)
        expected = sum(WEIGHTS[name] * value for name, value in known.items()) / total if total else None
        assert row["score"] == (None if expected is None else pytest.approx(expected, abs=1e-5))
        assert row["unknown"] == sum(name not in known for name, weight in WEIGHTS.items() if weight)
        for name, weight in WEIGHTS.items():
            share = weight / total if name in known and total else None
            assert row[f"weight_{name}"] == (None if share is None else pytest.approx(share))
            assert row[f"signal_{name}"] == one[name]


@few(6)
@given(worlds)
def test_points_lost_add_up_and_scores_stay_within_their_bounds(ask: Ask, world: list[dict[str, float | None]]) -> None:
    for row in scores(ask, world):
        lost = [row[f"lost_{name}"] for name in WEIGHTS if row[f"lost_{name}"] is not None]
        if row["score"] is None:
            assert (row["tier"], lost, row["worst_signal"]) == ("unknown", [], None)
            continue
        assert 0 <= row["score"] <= 100
        assert sum(lost) == pytest.approx(100 - row["score"], abs=1e-5)
        assert sum(row[f"weight_{name}"] or 0 for name in WEIGHTS) == pytest.approx(1)
        most = max(lost)
        assert row["worst_signal"] is None if not most else row[f"lost_{row['worst_signal']}"] == pytest.approx(most)


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        (0.0, "at_risk"),
        (50.0, "at_risk"),
        (50.001, "watch"),
        (69.999, "watch"),
        (70.0, "good"),
        (89.999, "good"),
        (90.0, "excellent"),
        (100.0, "excellent"),
        (None, "unknown"),
    ],
)
def test_tiers_begin_where_the_policy_says(ask: Ask, score: float | None, tier: str) -> None:
    (row,) = scores(ask, [of_one(first=score)])
    assert row["tier"] == tier
    assert tier in TIERS
    if score is not None and 1 < score < 99:
        moved = HealthPolicy(at_risk=score - 1, watch=score - 0.5, good=score)
        assert scores(ask, [of_one(first=score)], moved)[0]["tier"] == "excellent"


def test_unknown_signal_counts_neither_as_nothing_nor_as_all(ask: Ask) -> None:
    known, as_none, as_all = scores(
        ask, [of_one(first=60.0, second=60.0), of_one(first=60.0, second=0.0), of_one(first=60.0, second=100.0)]
    )
    unknown = scores(ask, [of_one(first=60.0)])[0]
    assert unknown["score"] == known["score"] == 60.0
    assert as_none["score"] < unknown["score"] < as_all["score"]
    assert (unknown["unknown"], unknown["lost_second"], unknown["signal_second"]) == (2, None, None)


def test_what_loses_most_is_named_with_its_facts_and_the_first_of_equals(ask: Ask) -> None:
    third, equal, none = scores(
        ask,
        [
            of_one(first=90.0, second=95.0, third=0.0),
            of_one(first=70.0, second=50.0, third=100.0),
            of_one(first=100.0, second=100.0, third=100.0, idle=0.0),
        ],
    )
    assert (third["worst_signal"], third["worst_facts"]) == ("third", "third of 0")
    assert (equal["worst_signal"], equal["worst_facts"]) == ("first", "first of 1")
    assert (none["worst_signal"], none["worst_facts"], none["score"]) == (None, None, 100.0)


def test_only_what_does_not_count_is_known(ask: Ask) -> None:
    """A signal without weight makes no score."""
    (row,) = scores(ask, [of_one(idle=40.0)])
    assert (row["score"], row["tier"], row["unknown"], row["lost_idle"]) == (None, "unknown", 3, None)


def test_times_are_scored_apart(ask: Ask) -> None:
    rows = [
        {"subject": "s", "as_of": NOW.replace(day=day), "signal": "first", "value": float(day), "facts": None}
        for day in (1, 2)
    ]
    found = health_scores(ibis.memtable(pa.Table.from_pylist(rows, schema=_SCHEMA)), WEIGHTS, HealthPolicy())
    assert [row["score"] for row in ask.rows(found.order_by("as_of"))] == [1.0, 2.0]
