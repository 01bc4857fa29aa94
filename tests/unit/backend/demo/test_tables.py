"""What holds for every sample, whatever its size."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import ibis
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.demo.jobs import JOBS_OF_RUNS
from backend.demo.outcomes import CONCLUSIONS
from backend.demo.repositories import FIRST_ID
from backend.demo.size import DemoSize
from shared.datasets import DATASETS
from shared.datasets.alerts import KINDS, SEVERITIES, STATES
from shared.metrics import METRICS
from shared.scope import Scope
from tests.properties import few

from .conftest import NOW, Row, Sample

OF_REPOSITORIES = (
    *("repositories", "workflows", "workflow_runs", "workflow_jobs", "alerts", "pull_requests", "collections"),
)
MADE = (
    *(*OF_REPOSITORIES, "customers", "activity_events"),
    *("requests", "usage_sessions", "feedback", "threats"),
)
"""The datasets of which the sample has rows."""

SMALL = DemoSize(repos=12, days=70, runs=1_500)

sizes = st.builds(
    DemoSize,
    repos=st.integers(1, 40),
    days=st.integers(1, 500),
    runs=st.integers(1, 3_000),
    seed=st.integers(0, 9),
    alerts=st.none() | st.integers(1, 300),
)
clocks = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _seconds(row: Row, later: str, earlier: str) -> float:
    passed: timedelta = row[later] - row[earlier]
    return passed.total_seconds()


@pytest.mark.parametrize("name", MADE)
def test_every_part_has_exactly_the_contracts_schema_and_is_marked_as_demo(sample: Sample, name: str) -> None:
    for table in sample.parts[name]:
        table.validate(full=True)
        assert table.schema == DATASETS[name].schema
    assert set(sample.tables[name]["source"].to_pylist()) == {"demo"}


@pytest.mark.parametrize("name", MADE)
def test_required_columns_are_never_null_and_keys_are_unique(sample: Sample, name: str) -> None:
    table, dataset = sample.tables[name], DATASETS[name]

    assert not any(table[column].null_count for column in dataset.required)
    assert table.group_by(list(dataset.key)).aggregate([]).num_rows == table.num_rows


def test_sample_has_the_datasets_that_it_should(sample: Sample) -> None:
    assert sorted(sample.tables) == sorted(MADE)


def test_the_same_seed_gives_the_same_tables_and_another_seed_others() -> None:
    first, again = Sample(SMALL), Sample(SMALL)
    other = Sample(DemoSize(repos=12, days=70, runs=1_500, seed=8))

    assert all(first.tables[name].equals(again.tables[name]) for name in MADE)
    assert not any(first.tables[name].equals(other.tables[name]) for name in MADE)


@given(sizes, clocks)
@few(25)
def test_any_size_gives_exactly_the_runs_and_alerts_asked_for_and_nothing_from_the_future(
    size: DemoSize, now: datetime
) -> None:
    now = now.replace(second=0, microsecond=0)
    sample = Sample(size, now)

    assert sample.tables["workflow_runs"].num_rows == size.runs
    assert sample.tables["alerts"].num_rows == size.alert_rows
    assert sample.tables["repositories"].num_rows == size.repos
    for name, table in sample.tables.items():
        assert table.group_by(list(DATASETS[name].key)).aggregate([]).num_rows == table.num_rows
        for field in table.schema:
            if (
                field.name != "due_date"
                and str(field.type).startswith("timestamp")
                and table[field.name].null_count < table.num_rows
            ):
                assert pc.max(table[field.name]).as_py() <= now, (name, field.name)
    assert pc.min(sample.tables["workflow_runs"]["created_at"]).as_py() >= now - timedelta(days=size.days)


def test_runs_come_one_month_at_a_time_oldest_first(sample: Sample) -> None:
    months = [pc.unique(pc.strftime(part["created_at"], "%Y-%m")).to_pylist() for part in sample.parts["workflow_runs"]]

    assert all(len(month) == 1 for month in months)
    assert months == sorted(months)
    assert len(months) == 13


def test_runs_jobs_and_alerts_belong_to_repositories_and_workflows_that_exist(sample: Sample) -> None:
    repos = {row["repo"]: row["org"] for row in sample.rows("repositories")}
    workflows = {(row["repo"], row["workflow_id"], row["name"], row["path"]) for row in sample.rows("workflows")}
    attempts = {(row["run_id"], row["run_attempt"]) for row in sample.rows("workflow_runs")}

    for name in OF_REPOSITORIES:
        assert {(row["repo"], row["org"]) for row in sample.rows(name)} <= set(repos.items())
    used = {
        (row["repo"], row["workflow_id"], row["workflow_name"], row["workflow_path"])
        for row in sample.rows("workflow_runs")
    }
    assert used <= workflows
    assert {(row["run_id"], row["run_attempt"]) for row in sample.rows("workflow_jobs")} <= attempts


def test_keys_cannot_meet_real_ones(sample: Sample) -> None:
    assert all(row["org"].startswith("demo-") for row in sample.rows("repositories"))
    for name, column in (
        ("repositories", "repo_id"),
        ("workflows", "workflow_id"),
        ("workflow_runs", "run_id"),
        ("workflow_jobs", "job_id"),
    ):
        assert all(FIRST_ID <= row[column] < 2**53 for row in sample.rows(name))
    assert all(
        row["html_url"] is None
        for name in ("repositories", "workflow_runs", "alerts", "pull_requests")
        for row in sample.rows(name)
    )


def test_times_of_a_run_follow_each_other_and_lengths_agree(sample: Sample) -> None:
    for row in sample.rows("workflow_runs"):
        assert row["created_at"] <= row["run_started_at"] <= row["updated_at"] <= NOW
        if row["status"] == "completed":
            assert row["conclusion"] in CONCLUSIONS
            assert row["updated_at"] == row["completed_at"]
            assert row["duration_s"] == _seconds(row, "completed_at", "run_started_at") > row["queued_s"] > 0
        else:
            assert (row["conclusion"], row["completed_at"], row["duration_s"]) == (None, None, None)


def test_attempts_of_a_run_count_up_share_its_commit_and_the_last_one_is_the_latest(sample: Sample) -> None:
    runs: dict[int, list[Row]] = {}
    for row in sample.rows("workflow_runs"):
        runs.setdefault(row["run_id"], []).append(row)
    shared = ("created_at", "repo", "workflow_id", "run_number", "head_sha", "branch", "event")

    assert any(len(attempts) > 1 for attempts in runs.values())
    for attempts in runs.values():
        assert [row["run_attempt"] for row in attempts] == list(range(1, len(attempts) + 1))
        assert [row["is_latest_attempt"] for row in attempts] == [False] * (len(attempts) - 1) + [True]
        assert len({tuple(row[column] for column in shared) for row in attempts}) == 1
        assert all(b["run_started_at"] > a["completed_at"] for a, b in pairwise(attempts))
        assert all(row["conclusion"] == "failure" for row in attempts[:-1])


def test_run_numbers_of_a_workflow_count_up_without_gaps(sample: Sample) -> None:
    numbers: dict[int, list[int]] = {}
    for row in sample.of("workflow_runs", run_attempt=1):
        numbers.setdefault(row["workflow_id"], []).append(row["run_number"])

    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_what_people_push_shows_a_mix_of_events_branches_actors_and_conclusions(sample: Sample) -> None:
    rows = sample.rows("workflow_runs")

    assert {row["event"] for row in rows} == {"push", "pull_request", "schedule", "workflow_dispatch"}
    assert {row["conclusion"] for row in rows} >= set(CONCLUSIONS)
    assert any(row["branch"].startswith("dependabot/") and row["actor"] == "dependabot[bot]" for row in rows)
    assert all(row["actor_is_bot"] == row["actor"].endswith("[bot]") for row in rows)
    assert all((row["pull_request"] is not None) >= (row["event"] == "pull_request") for row in rows)
    assert all(len(row["head_sha"]) == 40 for row in rows)


def test_only_the_newest_runs_have_jobs_and_the_last_job_ends_with_its_run(sample: Sample) -> None:
    newest = sample.rows("workflow_runs")[-JOBS_OF_RUNS:]
    jobs: dict[tuple[int, int], list[Row]] = {}
    for job in sample.rows("workflow_jobs"):
        jobs.setdefault((job["run_id"], job["run_attempt"]), []).append(job)

    assert jobs.keys() <= {(row["run_id"], row["run_attempt"]) for row in newest}
    assert len(jobs) > 0.98 * len(newest)
    for run in newest:
        for job in jobs.get((run["run_id"], run["run_attempt"]), [])[-1:]:
            assert (job["conclusion"], job["completed_at"]) == (run["conclusion"], run["completed_at"])


def test_jobs_bill_whole_minutes_on_hosted_runners_only(sample: Sample) -> None:
    for job in sample.of("workflow_jobs", status="completed"):
        minutes = None if "self-hosted" in job["labels"] else -(-job["duration_s"] // 60)
        assert job["billable_minutes"] == (0 if job["conclusion"] == "skipped" else minutes)
        assert job["duration_s"] == _seconds(job, "completed_at", "started_at")


def test_pull_requests_are_those_of_the_runs_and_end_as_their_state_says(sample: Sample) -> None:
    rows = sample.rows("pull_requests")
    known = {(row["repo"], row["number"]) for row in rows}
    named = {(row["repo"], row["pull_request"]) for row in sample.of("workflow_runs", event="pull_request")}
    default = {row["repo"]: row["default_branch"] for row in sample.rows("repositories")}

    assert len(named & known) > 0.95 * len(named)
    assert {row["state"] for row in rows} == {"open", "merged", "closed"}
    assert all(row["base_branch"] == default[row["repo"]] for row in rows)
    assert all(row["author_is_bot"] == row["head_branch"].startswith("dependabot/") for row in rows)
    for row in rows:
        assert (row["merged_at"] is not None) == (row["state"] == "merged")
        assert (row["closed_at"] is None) == (row["state"] == "open")
        assert row["created_at"] <= (row["closed_at"] or row["created_at"]) == row["updated_at"] <= NOW


def test_closing_of_an_alert_follows_its_state(sample: Sample) -> None:
    for row in sample.rows("alerts"):
        closed = {"open": None, "fixed": row["fixed_at"]}.get(row["state"], row["dismissed_at"])
        assert row["closed_at"] == closed
        assert (closed is None) == (row["state"] == "open") == (row["close_reason"] is None)
        assert (row["dismissed_by"] is not None) == (row["state"] == "dismissed")
        assert row["updated_at"] >= (closed or row["created_at"]) >= row["created_at"]


def test_alerts_have_every_kind_state_and_severity_and_invented_advisories(sample: Sample) -> None:
    rows = sample.rows("alerts")

    assert {row["kind"] for row in rows} == set(KINDS)
    assert {row["state"] for row in rows} == set(STATES)
    assert {row["severity"] for row in rows} == set(SEVERITIES)
    assert any(row["state"] == "dismissed" and row["fixed_at"] for row in rows)
    assert all(row["ghsa_id"].startswith("GHSA-demo-") for row in rows if row["kind"] == "dependabot")
    assert all(row["package"].startswith("demo-") for row in rows if row["kind"] == "dependabot")


def test_worse_alerts_are_fixed_sooner(sample: Sample) -> None:
    def median_s(severity: str) -> float:
        lengths = sorted(
            _seconds(row, "closed_at", "created_at") for row in sample.of("alerts", state="fixed", severity=severity)
        )
        return lengths[len(lengths) // 2]

    medians = [median_s(severity) for severity in ("critical", "high", "medium", "low")]
    assert medians == sorted(medians)


def test_events_belong_to_customers_and_hold_what_their_type_has(sample: Sample) -> None:
    known = {row["customer_id"]: row for row in sample.rows("customers")}
    assert len({row["name"] for row in known.values()}) == len(known) == 288
    assert all(name.startswith("demo-") for name in known)
    for row in sample.rows("activity_events"):
        assert row["customer_id"] in known
        told = {name for name in ("feature_name", "endpoint", "ticket_status", "amount") if row[name] is not None}
        assert told == {"feature": {"feature_name"}, "api": {"endpoint"}, "ticket": {"ticket_status"}}.get(
            row["type"], {"amount"} if row["type"] == "invoice" else set()
        )
        assert row["closed_at"] is None or row["at"] < row["closed_at"]
        assert row["due_date"] is None or row["at"] < row["due_date"]
        assert (row["invoice_status"] == "paid") == (row["paid_date"] is not None)


def test_customers_are_in_every_tier_and_few_are_at_risk(sample: Sample) -> None:
    backend = ibis.duckdb.connect()
    tables = {name: ibis.memtable(sample.tables[name]) for name in ("customers", "activity_events")}
    scores = backend.to_pyarrow(METRICS["customer_health"].compute(tables, Scope(until=NOW)))["tier"].to_pylist()
    backend.disconnect()
    share = Counter(scores)
    assert set(share) == {"at_risk", "watch", "good", "excellent"}
    assert 0.03 < share["at_risk"] / len(scores) < 0.25
    assert share["good"] + share["excellent"] > 0.3 * len(scores)
