"""Ten repositories with rows in every dataset, each under a name that no other text holds.

Whoever may see three of them must read none of the other seven names, nor SECRET, which stands in what is of no
repository.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta

from shared.access.roles import Caller
from shared.datasets import DATASETS
from shared.lake.tables import Lake
from tests.builders import (
    NOW,
    Row,
    activity,
    agent_session,
    alert,
    alert_event,
    collection,
    customer,
    decision,
    finding,
    job,
    merged_change,
    pull_request,
    rating,
    repository,
    request,
    run,
    threat,
    usage_session,
    workflow,
)

DAY = timedelta(days=1)

MINE = ("north/amberley", "north/birchwood", "south/cedarholm")
OTHERS = (
    *("north/doradine", "north/egretford", "north/falconry", "south/garnetor"),
    *("south/heronsea", "westmarch/junipero", "westmarch/kestrelon"),
)
ALL = (*MINE, *OTHERS)
SECRET = "zanzibar"

HIDDEN = (*(repo.split("/")[1] for repo in OTHERS), "westmarch", SECRET)
"""Words that nobody limited to MINE may read; of the organisation "westmarch" they see no repository."""

LIMITED = Caller("kim", "admin", frozenset(MINE))
"""Who may see three of ten, and would else be allowed everything."""

SUBJECT = f"alert:{MINE[0]}/code_scanning/1"
FINGERPRINT = "f" * 20
"""Of a finding that all repositories have."""


EVERY_DAY = (
    *("open_alerts", "alert_list", "finding_list", "organisation_overview", "success_rate", "flakes", "workflow_state"),
    *("delivery", "health_trend", "sessions_started", "customer_health", "threat_summary", "coverage"),
)
"""Metrics that every run of the tests looks at, of each way to rows one at least; the others take their turn with the
slow tests."""


def fill(lake: Lake, repos: Collection[str] = ALL, *, shared: bool = True) -> None:
    """Puts the rows of repositories into a lake, and what is of none, or of several, if it is to be there."""
    rows: dict[str, list[Row]] = {name: [] for name in DATASETS}
    for repo in repos:
        for name, some in rows_of(repo).items():
            rows[name] += some
    for name, some in (rows_of_none() if shared else {}).items():
        rows[name] += some
    for name, some in rows.items():
        if some:
            lake.upsert(DATASETS[name], DATASETS[name].table(some))


def rows_of(repo: str) -> dict[str, list[Row]]:
    """The rows of a repository by dataset; of each repository there are a few more than of the one before."""
    n, name = ALL.index(repo), repo.split("/")[1]
    return _collected(repo, n, name) | _scanned(repo, n, name) | _rolled_up(repo, n, name)


def rows_of_none() -> dict[str, list[Row]]:
    """The rows that are of no repository, or of several at once."""
    stamp = {"collected_at": NOW, "source": "rollup"}
    day = NOW - DAY
    return {
        "customers": [customer(customer_id=SECRET, name=f"Grand {SECRET}", owner=f"{SECRET}-owner")],
        "activity_events": [
            *(activity("login", customer_id=SECRET, at=NOW - k * DAY, event_id=f"{SECRET}-{k}") for k in range(1, 9)),
            activity("feature", customer_id=SECRET, feature_name=SECRET, event_id=f"{SECRET}-feature"),
        ],
        "requests": [request(k, user=f"{SECRET}-user", endpoint=f"/{SECRET}", model=SECRET) for k in range(5)],
        "usage_sessions": [usage_session(user=SECRET)],
        "feedback": [rating(1, user=SECRET, comment=f"About {SECRET}")],
        "threats": [threat(user=SECRET, description=f"{SECRET} asked too often")],
        "audit_log": [
            {
                "entry_id": "1",
                "at": day,
                "user": SECRET,
                "action": "demo.load",
                "resource": SECRET,
                "details": "{}",
                **stamp,
            }
        ],
        "organisation_overview": [
            {"org": org, "month": "2026-06", "open_alerts": 7, "number_fixed": 70, "number_dismissed": 0, **stamp}
            for org in ("north", "south", "westmarch")
        ],
        "model_usage_daily": [{"model": SECRET, "day": day, "requests": 5, **stamp}],
        "agent_sessions": [{**agent_session(session_id=SECRET, title=SECRET), "repo": None, "org": None}],
        "collections": [collection(repo="north/*", org="north", dataset="agent_sessions", reason=SECRET)],
        "health_history": [
            {
                "subject": f"customer:{SECRET}",
                "day": day,
                "complete": True,
                "score": 50.0,
                "tier": "watch",
                "unknown": 0,
                **stamp,
            }
        ],
    }


def hidden_in(text: str) -> list[str]:
    """What a text tells that nobody limited to MINE may read."""
    return [word for word in HIDDEN if word in text.lower()]


def _alerts(repo: str, n: int, name: str) -> Iterator[Row]:
    kinds = ("code_scanning", "dependabot", "secret_scanning")
    for k in range(1, 12 + n):
        yield alert(
            repo=repo,
            number=k,
            kind=kinds[k % 3] if k > 2 else "code_scanning",
            severity=("critical", "high", "medium", "low")[k % 4],
            rule_id=f"{name}/rule-{k % 3}",
            rule_name=f"Rule of {name}",
            tool=("CodeQL", f"{name}-lint")[k % 2],
            path=f"{name}/db.py",
            created_at=NOW - (3 * k + n) * DAY,
            closed_at=NOW - (k + n / 4) * DAY if k % 2 else None,
            html_url=f"https://github.com/{repo}/security/code-scanning/{k}",
        )


def _runs(repo: str, n: int, name: str) -> Iterator[Row]:
    """Runs of three workflows over more than a year: passing, failing in streaks, and failing before they pass."""
    ages = [*(k / 2 for k in range(1, 80)), *range(41, 460, 9)]
    for k, age in enumerate(ages, start=1):
        kind = ("build", "build", "deploy", "codeql")[k % 4]
        for attempt in (1, 2) if k % 10 == 0 else (1,):
            yield run(
                repo=repo,
                run_id=10_000 * n + k,
                run_attempt=attempt,
                is_latest_attempt=attempt == (2 if k % 10 == 0 else 1),
                workflow_id=100 * n + ("build", "deploy", "codeql").index(kind),
                workflow_name=f"{kind} {name}",
                workflow_path=f".github/workflows/{kind}.yml",
                branch="main" if k % 3 else f"{name}-topic",
                event=("push", "schedule", "pull_request")[k % 3],
                # Forks have the commits of each other, so that attempts of several repositories are on one commit.
                head_sha=f"{k // 2:040x}",
                actor=f"{name}-dev",
                conclusion="failure" if (k + n) % 7 < 2 or (k % 10 == 0 and attempt == 1) else "success",
                created_at=NOW - age * DAY + timedelta(minutes=n),
                run_started_at=NOW - age * DAY + timedelta(minutes=n + 30 * attempt),
                html_url=f"https://github.com/{repo}/actions/runs/{k}",
            )


def _stamped(repo: str, **values: object) -> Row:
    return {"repo": repo, "org": repo.split("/", maxsplit=1)[0], "collected_at": NOW, "source": "github", **values}


def _collected(repo: str, n: int, name: str) -> dict[str, list[Row]]:
    return {
        "repositories": [repository(repo=repo, repo_id=n, owner_team=f"{name}-team", topics=[name])],
        "workflows": [
            workflow(repo=repo, workflow_id=100 * n + k, name=f"{kind} {name}", path=f".github/workflows/{kind}.yml")
            for k, kind in enumerate(("build", "deploy", "codeql"))
        ],
        "workflow_runs": list(_runs(repo, n, name)),
        "workflow_jobs": [
            job(
                repo=repo,
                job_id=1000 * n + k,
                run_id=10_000 * n + k,
                workflow_name=f"build {name}",
                name=f"test {name}",
            )
            for k in range(1, 6)
        ],
        "alerts": list(_alerts(repo, n, name)),
        "alert_events": [
            alert_event(repo=repo, event_id=f"{repo}-{k}", number=k, at=NOW - k * DAY, actor=f"{name}-dev")
            for k in range(1, 4)
        ],
        "pull_requests": [
            pull_request(repo=repo, number=5, title=f"Mend {name}", alert_refs=[f"{repo}/code_scanning/1"]),
            *(
                merged_change(repo=repo, number=k, title=f"Add {name}", author=f"{name}-dev", head_branch=f"{name}-{k}")
                for k in range(6, 9 + n)
            ),
        ],
        "agent_sessions": [
            agent_session(
                repo=repo,
                session_id=f"{name}-{k}",
                title=f"Fix {name}",
                tags=[name],
                status=status,
                pull_request_urls=[f"https://github.com/{repo}/pull/5"],
                alert_refs=[f"{repo}/code_scanning/1"],
            )
            for k, status in enumerate(("running", "finished", "failed"))
        ],
    }


def _scanned(repo: str, n: int, name: str) -> dict[str, list[Row]]:
    return {
        "scans": [
            _stamped(repo, scan_id=f"{name}-{k}", tool="CodeQL", ref=f"refs/heads/{name}", created_at=NOW - k * DAY)
            for k in range(3)
        ],
        "scan_results": [
            _stamped(
                repo,
                scan_id=f"{name}-0",
                tool="CodeQL",
                fingerprint=FINGERPRINT,
                message=f"in {name}",
                severity="high",
                created_at=NOW - DAY,
            )
        ],
        "findings": [
            finding(repo=repo, message=f"A query of {name}", last_scan_id=f"{name}-0"),
            *(finding(repo=repo, fingerprint=f"{name}{k}", path=f"{name}/db.py") for k in range(n + 1)),
        ],
        "triage": [
            decision(subject=f"alert:{repo}/code_scanning/2", owner=f"{name}-dev", reason=f"Known in {name}."),
            decision(subject=f"finding:{repo}/CodeQL/{FINGERPRINT}", owner=f"{name}-dev", reason=f"Fine in {name}."),
        ],
        "collections": [
            *(collection(repo=repo, dataset=source, reason=f"of {name}") for source in ("workflow_runs", "alerts")),
            collection(repo=repo, dataset="dependabot", outcome="forbidden", reason=f"no right in {name}"),
        ],
    }


def _rolled_up(repo: str, n: int, name: str) -> dict[str, list[Row]]:
    figures = {"open_alerts": n, "number_fixed": n, "number_dismissed": 0, "mean_time_to_remediate_s": 60.0 * n}
    days = [NOW - k * DAY for k in range(1, 12)]
    return {
        "repository_overview": [_stamped(repo, month=f"2026-0{month}", **figures) for month in range(1, 7)],
        "workflow_daily": [
            _stamped(repo, workflow_key=name, workflow_name=f"build {name}", branch=name, event="push", day=day, runs=n)
            for day in days
        ],
        "health_history": [
            {
                "subject": f"repo:{repo}",
                "day": day,
                "complete": True,
                "score": 40.0 + 5 * n,
                "tier": "watch",
                "unknown": 0,
                "lost_security": 10.0,
                "collected_at": NOW,
                "source": "rollup",
            }
            for day in days
        ],
    }
