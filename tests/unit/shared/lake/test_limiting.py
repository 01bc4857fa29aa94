"""Limited tables are those of a lake that holds these repositories alone: every metric, and every row behind one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pandas as pd
import pytest

from frontend import questions
from shared.datasets import DATASETS
from shared.lake.limiting import tells_repo
from shared.lake.reading import Tables
from shared.lake.tables import Lake
from shared.metrics import METRICS
from shared.metrics.digests import DIGESTS, OF_A_RANGE
from shared.policy import Policy
from shared.scope import Scope
from tests.builders import NOW
from tests.lakes import lake_in
from tests.ten_repositories import ALL, EVERY_DAY, MINE, OTHERS, fill, hidden_in

DAY = timedelta(days=1)

POLICY = Policy.model_validate({"delivery": {"deployments": ["*:deploy*"]}})

USUAL = Scope(until=NOW, since=NOW - 90 * DAY)
SCOPES = {
    "ever": Scope(until=NOW),
    "past": Scope(until=NOW - 20 * DAY, since=NOW - 300 * DAY),
    "one of mine": Scope(until=NOW, since=NOW - 90 * DAY, repos=MINE[:1]),
    "an organisation": Scope(until=NOW, since=NOW - 30 * DAY, orgs=("north",)),
    "those of others": Scope(until=NOW, since=NOW - 90 * DAY, repos=OTHERS[:2]),
}
GROUPED = [(name, by) for name, entry in METRICS.items() for by in entry.by]


class Worlds(NamedTuple):
    """Ten repositories, of which three are to be seen, and three without the others."""

    whole: Tables
    limited: Tables
    alone: Tables


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    both = [lake_in(tmp_path_factory.mktemp(name), lambda: NOW) for name in ("ten", "three")]
    fill(both[0])
    fill(both[1], MINE, shared=False)
    whole, alone = (lake.tables("real") for lake in both)
    yield Worlds(whole, whole.limited_to(frozenset(MINE)), alone)
    for lake in both:
        lake.close()


def test_every_dataset_has_rows_to_hide(worlds: Worlds) -> None:
    """A new dataset has to be added to ten_repositories."""
    for name, dataset in DATASETS.items():
        everyone, mine = (_rows(tables[name].to_pyarrow()) for tables in (worlds.whole, worlds.limited))
        assert hidden_in(repr(everyone)), f"{name} has no row that is to be hidden"
        assert bool(mine) is (dataset.reach != "nobody"), name
        assert not hidden_in(repr(mine)), name
        assert mine == _rows(worlds.alone[name].to_pyarrow()), name
        assert worlds.limited.count_of(name) == len(mine), name
        assert worlds.whole.count_of(name) == len(everyone), name


def test_every_digest_tells_the_repository_of_its_rows() -> None:
    """One that does not has limited callers do without any, see Tables.limited_to."""
    assert [digest.name for digest in (*DIGESTS, *OF_A_RANGE) if not tells_repo(digest)] == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERY_DAY else pytest.mark.slow) for name in METRICS]
)
def test_a_metric_is_that_of_the_three(worlds: Worlds, name: str) -> None:
    assert_same(worlds, name, USUAL)


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_metric_is_that_of_the_three_in_every_scope(worlds: Worlds, name: str, scope: str) -> None:
    assert_same(worlds, name, SCOPES[scope])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "by"), GROUPED)
def test_a_grouping_is_that_of_the_three(worlds: Worlds, name: str, by: str) -> None:
    assert_same(worlds, name, USUAL, by)


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
def test_what_stands_behind_a_metric_is_of_the_three(worlds: Worlds, name: str) -> None:
    limited, alone = (questions.receipt(tables, name, USUAL, POLICY, ()) for tables in (worlds.limited, worlds.alone))
    assert _rows(limited.rows) == _rows(alone.rows)
    assert (limited.counted, limited.excluded) == (alone.counted, alone.excluded)
    assert not hidden_in(repr(_rows(limited.rows)) + repr(limited.excluded))


def test_tables_for_one_repository_are_limited_as_well(worlds: Worlds) -> None:
    """Its rows are kept in memory, for each reach its own."""
    for repo in (MINE[0], OTHERS[0], MINE[0]):
        scope = Scope(until=NOW, since=NOW - 90 * DAY, repos=(repo,))
        everyone, mine = (
            questions.metric(tables.of_repository(repo), "open_alerts", scope, None, POLICY, ()).n.iloc[0]
            for tables in (worlds.whole, worlds.limited)
        )
        assert everyone
        assert mine == (everyone if repo in MINE else 0)


def test_versions_tell_reaches_apart(worlds: Worlds) -> None:
    whole = worlds.whole
    assert whole.limited_to(None) is whole
    reaches = [frozenset(), frozenset(MINE), frozenset(MINE[:1]), frozenset(ALL), frozenset({", ".join(MINE)})]
    versions = [whole.limited_to(reach).version for reach in reaches]
    assert len({whole.version, *versions}) == 1 + len(reaches)
    assert whole.limited_to(frozenset(MINE)).version == worlds.limited.version


def test_a_reach_only_ever_shrinks(worlds: Worlds) -> None:
    again = worlds.limited.limited_to(frozenset((MINE[0], OTHERS[0])))
    assert {row["repo"] for row in again["repositories"].to_pyarrow().to_pylist()} == {MINE[0]}


@pytest.mark.parametrize("reach", [(), ("north/AMBERLEY",), ("north/amber",), ("x') OR ('' = '",), ("north/%",)])
def test_names_are_values_and_match_as_they_are_stored(worlds: Worlds, reach: tuple[str, ...]) -> None:
    nothing = worlds.whole.limited_to(frozenset(reach))
    assert {name: nothing.count_of(name) for name in DATASETS if nothing.count_of(name)} == {}
    assert questions.metric(nothing, "alert_list", USUAL, None, POLICY, ()).empty


def test_sample_rows_in_the_same_files_stay_apart(lake: Lake) -> None:
    """Where files hold both, each choice of rows is limited."""
    fill(lake, (MINE[0], OTHERS[0]))
    for name in ("alerts", "workflow_runs"):
        rows = lake.tables("real")[name].to_pyarrow().to_pylist()
        sample = [{**row, "number": 900, "run_id": 900 + n, "source": "demo"} for n, row in enumerate(rows)]
        lake.upsert(DATASETS[name], DATASETS[name].table(sample))
    for kind in ("real", "demo"):
        tables = lake.tables("real" if kind == "real" else "demo").limited_to(frozenset(MINE))
        for name in ("alerts", "workflow_runs"):
            found = tables[name].to_pyarrow().to_pylist()
            assert {(row["repo"], row["source"] == "demo") for row in found} == {(MINE[0], kind == "demo")}
        assert questions.metric(tables, "success_rate", USUAL, "repo", POLICY, ()).repo.tolist() == [MINE[0]]


def test_many_reaches_do_not_drive_out_the_scans_that_all_share(worlds: Worlds) -> None:
    """More than a thread keeps names for; those of the whole lake are used again afterwards."""
    before = questions.metric(worlds.whole, "success_rate", USUAL, None, POLICY, ()).runs.iloc[0]
    for n in range(300):
        few = worlds.whole.limited_to(frozenset((MINE[0], f"north/n{n}")))
        assert few["repositories"].count().to_pyarrow().as_py() == 1
    assert questions.metric(worlds.whole, "success_rate", USUAL, None, POLICY, ()).runs.iloc[0] == before


def assert_same(worlds: Worlds, name: str, scope: Scope, by: str | None = None) -> None:
    limited, alone = (
        _rows(questions.metric(tables, name, scope, by, POLICY, ())) for tables in (worlds.limited, worlds.alone)
    )
    assert limited == alone
    assert not hidden_in(repr(limited))


def _rows(found: Any) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, floats to so many digits that the order of adding does not show."""
    frame = found if isinstance(found, pd.DataFrame) else found.to_pandas()
    listed = [tuple(_plain(value) for value in row) for row in frame.itertuples(index=False, name=None)]
    return sorted(listed, key=repr)


def _plain(value: Any) -> Any:
    if hasattr(value, "__len__") and not isinstance(value, str):
        return [_plain(one) for one in value]
    if pd.isna(value):
        return None
    return float(f"{value:.9g}") if isinstance(value, float) else value
