"""Every page's questions at ten million runs beside hand-written SQL and pandas; `make bench` prints the tables.

FETTLE_BENCH_PAGES_STORE and FETTLE_BENCH_PAGES_CACHE name the folders of a sample that was loaded before with
FETTLE_NOW at NOW; otherwise one is made, which takes some minutes. FETTLE_BENCH_REPORT names the page to write.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from backend.demo.load import load_demo
from backend.demo.size import DemoSize
from shared.lake.local import LocalStore
from shared.lake.tables import Lake
from tests.benchmarks.by_pandas import PAGES
from tests.benchmarks.by_sql import BySql, rows_in
from tests.benchmarks.page_table import Sample, histories_table, pages_table, questions_table, section, visits_table
from tests.benchmarks.page_timing import Compared, Times, compare_page, time_histories
from tests.benchmarks.processes import Spent, run_measured
from tests.benchmarks.questions_of_pages import lake_of, open_pages, pages
from tests.benchmarks.report import write_section
from tests.benchmarks.visits import Visits

NOW = "2026-11-21T12:00+00:00"
SIZE = DemoSize(repos=500, days=3 * 365, runs=10_000_000, alerts=1_000_000)
DAYS = 90
YEARS = (1, 3, 10)
A_YEAR = {"repos": 50, "days": 365, "runs": 333_333, "alerts": 33_333}

pytestmark = [pytest.mark.bench, pytest.mark.timeout(14_400)]


@dataclass(frozen=True)
class Big:
    """The sample that pages are opened on."""

    store: Path
    cache: Path
    policy: Path

    @property
    def sample(self) -> Sample:
        """How much there is."""
        size = sum(path.stat().st_size for path in (self.store / "tables").glob("**/*.parquet"))
        runs, alerts, repos = (rows_in(self.store, name) for name in ("workflow_runs", "alerts", "repositories"))
        return Sample(runs, alerts, repos, size / 1e6)


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Big:
    folder = tmp_path_factory.mktemp("pages")
    store, cache = (os.environ.get(f"FETTLE_BENCH_PAGES_{name}") for name in ("STORE", "CACHE"))
    if not store:
        load(folder / "store", SIZE)
    return Big(Path(store or folder / "store"), Path(cache or folder / "cache"), folder / "policy.toml")


@pytest.fixture(scope="module")
def measured(big: Big) -> Iterator[dict[str, object]]:
    """What the tests have measured; the section of the documentation is written once all of it is there."""
    found: dict[str, object] = {}
    yield found
    if len(found) == 6:
        write_section(section(big.sample, DAYS, **found))  # type: ignore[arg-type]


def test_pages_beside_sql(big: Big, measured: dict[str, object]) -> None:
    compared: list[Compared] = []
    with lake_of(big.store, big.cache, NOW, big.policy):
        by_sql = BySql(big.store, datetime.fromisoformat(NOW))
        for opened in list(open_pages(f"{DAYS}d")):
            compared.append(compare_page(opened, by_sql))
            print(f"\n{pages_table(compared[-1:], {})}")
    print(f"\n{questions_table(compared)}")
    assert [one.opened.page for one in compared] == list(pages())
    measured["compared"] = compared


def test_pages_the_pandas_way(big: Big, measured: dict[str, object], tmp_path: Path) -> None:
    took: dict[str, tuple[float, float]] = {}
    for page in PAGES:
        command = ["-m", "tests.benchmarks.by_pandas", str(big.store), page, NOW, str(DAYS)]
        spent = run_measured(command, {}, tmp_path / f"{page}.txt")
        assert spent.exit_code == 0, spent.said
        took[page] = (float(re.findall(r"took ([\d.]+) s", spent.said)[0]), spent.peak_mb)
        print(f"\npandas: {page} {took[page][0]:.1f} s, {took[page][1]:,.0f} MB")
    measured["pandas"] = took


def test_a_month_costs_the_same_at_any_age(measured: dict[str, object], tmp_path: Path) -> None:
    stores = [tmp_path / f"years-{years}" for years in YEARS]
    for store, years in zip(stores, YEARS, strict=True):
        load(store, DemoSize(**{name: n if name == "repos" else n * years for name, n in A_YEAR.items()}))
    with lake_of(stores[0], tmp_path / "cache", NOW, tmp_path / "policy.toml"):
        (overview,) = open_pages("30d", ["overview"])
    times = time_histories(stores, NOW, overview.questions, tmp_path / "caches")
    runs = [rows_in(store, "workflow_runs") for store in stores]
    assert [one / runs[0] for one in runs] == pytest.approx(YEARS, rel=0.01), "as many a day"
    histories: list[tuple[int, int, Times]] = list(zip(YEARS, runs, times, strict=True))
    print(f"\n{histories_table(histories)}")
    measured["histories"] = histories


def test_visits_in_a_warm_process(big: Big, measured: dict[str, object], tmp_path: Path) -> None:
    command = ["-m", "tests.benchmarks.visits", str(big.store), str(big.cache), NOW, str(big.policy), f"{DAYS}d"]
    spent: Spent = run_measured(command, {}, tmp_path / "visits.txt")
    visits = [Visits(**json.loads(line)) for line in re.findall(r"^visited (.+)$", spent.said, re.MULTILINE)]
    assert [one.page for one in visits] == list(pages()), spent.said
    (warmed,) = re.findall(r"^warmed (.+)$", spent.said, re.MULTILINE)
    print(f"\nall pages: {spent.peak_mb:,.0f} MB at most\n{visits_table(pages(), visits)}")
    measured.update(visits=visits, peak_mb=spent.peak_mb, warmed=json.loads(warmed))


def load(store: Path, size: DemoSize) -> None:
    """A sample of a size that ends at NOW."""
    end = datetime.fromisoformat(NOW)
    lake = Lake(LocalStore(store), store.parent / f"{store.name}-loading", lambda: end)
    load_demo(lake, size)
    lake.close()
