"""What `metrics` prints: definitions, figures in each format, by range, filter, time and switch."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

from shared.datasets import ALERTS
from shared.lake.opening import open_lake
from shared.metrics import METRICS
from shared.settings import load_settings
from tests.builders import alert
from tests.unit.backend.commands.running import Done, Fettle, store_rows


def test_metrics_lists_every_metric_with_its_definition(fettle: Fettle) -> None:
    done = fettle("metrics")
    assert done.code == 0
    for name, metric in METRICS.items():
        assert f"{name}\n    {metric.title} ({metric.unit}). {metric.definition}" in done.out


def test_metrics_as_json_has_the_figures(fettle: Fettle) -> None:
    store_rows()
    (row,) = json.loads(fettle("metrics", "success_rate", "--format", "json").out)
    assert row == {"runs": 4, "successes": 3, "failures": 1, "cancelled": 0, "other": 0, "success_rate": 0.75}


def test_metrics_as_csv_has_a_header_and_the_figures(fettle: Fettle) -> None:
    store_rows()
    done = fettle("metrics", "success_rate", "--by", "repo", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(done.out))) == [
        {"repo": "acme/api", "runs": "3", "successes": "2", "failures": "1", "cancelled": "0", "other": "0",
         "success_rate": str(2 / 3)},
        {"repo": "acme/web", "runs": "1", "successes": "1", "failures": "0", "cancelled": "0", "other": "0",
         "success_rate": "1.0"},
    ]  # fmt: skip


def test_metrics_as_a_table_is_for_reading(fettle: Fettle) -> None:
    store_rows()
    done = fettle("metrics", "time_to_remediate")
    assert "Time to remediate" in done.out
    assert "3.00 h" in done.out


def test_metrics_by_range(fettle: Fettle) -> None:
    store_rows()
    ranges = {"24h": 1, "7d": 3, "90d": 4, "all": 4, "2026-05-01..2026-05-31": 1, "2w": 3}
    assert {name: asked(fettle, "success_rate", "--range", name)[0]["runs"] for name in ranges} == ranges


def test_metrics_by_filter(fettle: Fettle) -> None:
    store_rows()
    filters = {
        ("--repo", "acme/web"): 1,
        ("--org", "acme"): 4,
        ("--org", "none"): 0,
        ("--repo", "acme/web", "--repo", "acme/api"): 4,
        ("--workflow", "build"): 4,
        ("--branch", "dev"): 0,
    }
    assert {chosen: asked(fettle, "success_rate", *chosen)[0]["runs"] for chosen in filters} == filters


def test_metrics_of_nothing_says_so(fettle: Fettle) -> None:
    assert fettle("metrics", "success_rate", "--by", "repo") == Done(0, "Success rate: nothing in this scope.\n", "")


def asked(fettle: Fettle, *arguments: str) -> list[dict[str, Any]]:
    """What a metric answers as JSON."""
    done = fettle("metrics", *arguments, "--format", "json")
    assert (done.code, done.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def test_an_alert_that_is_closed_later_was_open_then(fettle: Fettle) -> None:
    store_rows()
    then = {
        "2026-06-27T23:59Z": 0,  # not yet raised
        "2026-06-28T02:59Z": 1,  # what was fixed at three is open
        "2026-06-28T04:59+02:00": 1,
        "2026-06-28T02:59": 1,
        "2026-06-28T03:01Z": 0,
    }
    assert {as_of: asked(fettle, "open_alerts", "--as-of", as_of)[0]["n"] for as_of in then} == then


def test_a_run_that_ended_later_was_unfinished_then_and_ranges_end_at_that_time(fettle: Fettle) -> None:
    store_rows()
    question = ("success_rate", "--repo", "acme/web")
    (then,) = asked(fettle, *question, "--as-of", "2026-06-30T22:02Z")
    (now,) = asked(fettle, *question)
    assert (then["other"], then["successes"]) == (1, 0)
    assert (now["other"], now["successes"]) == (0, 1)
    assert asked(fettle, "success_rate", "--as-of", "2026-06-29T12:00Z", "--range", "24h")[0]["runs"] == 2
    assert asked(fettle, *question, "--as-of", "2026-06-30T12:00Z")[0]["runs"] == 0


def test_a_switch_changes_what_counts_and_the_rows_say_so(fettle: Fettle) -> None:
    raised = load_settings().now() - timedelta(days=3)
    lake = open_lake(load_settings())
    rows = [
        alert(number=1, created_at=raised, closed_at=raised + timedelta(hours=1)),
        alert(number=2, created_at=raised, closed_at=raised + timedelta(hours=3), state="dismissed"),
        alert(number=3, created_at=raised, closed_at=raised + timedelta(hours=9), state="auto_dismissed"),
        alert(number=4, created_at=raised),
    ]
    lake.upsert(ALERTS, ALERTS.table(rows))
    lake.close()
    name, on = "time_to_remediate", ("--switch", "include_dismissed")
    assert [asked(fettle, name, *switches)[0]["mean_s"] for switches in ((), on)] == [3600, 7200]
    for switches, counted in (((), {1}), (on, {1, 2})):
        behind = asked(fettle, name, "--rows", *switches)
        assert {row["number"] for row in behind if row["excluded_because"] is None} == counted
        assert all(row["excluded_because"] for row in behind if row["number"] not in counted)
    as_csv = fettle("metrics", name, "--rows", "--format", "csv")
    assert [row["excluded_because"] == "" for row in csv.DictReader(io.StringIO(as_csv.out))].count(True) == 1
    assert "Rows behind time to remediate" in fettle("metrics", name, "--rows").out
