WITH runs AS NOT MATERIALIZED (
    SELECT * FROM runs_at($until)
), on_default AS NOT MATERIALIZED (
    SELECT repo, workflow_id, conclusion, runs.created_at
    FROM runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE branch = default_branch AND event NOT IN ('pull_request', 'pull_request_target')
), seen AS (
    SELECT
        repo, workflow_id, max(org) AS org,
        arg_max(workflow_name, created_at) AS workflow_name, arg_max(workflow_path, created_at) AS workflow_path,
        max(created_at) AS last_run_at,
        max(created_at, 21) AS last_times
    FROM runs GROUP BY repo, workflow_id
), verdicts AS (
    SELECT
        repo, workflow_id,
        max(created_at) FILTER (conclusion = 'success') AS last_success_at
    FROM on_default GROUP BY repo, workflow_id
), streaks AS (
    SELECT repo, workflow_id, count(*) AS failure_streak
    FROM on_default JOIN verdicts USING (repo, workflow_id)
    WHERE conclusion IN ('failure', 'timed_out', 'startup_failure')
        AND (last_success_at IS NULL OR created_at > last_success_at)
    GROUP BY repo, workflow_id
), cadences AS (
    SELECT repo, workflow_id, median(seconds(older, newer)) AS median_interval_s
    FROM (
        SELECT repo, workflow_id, unnest(last_times[2:]) AS older, unnest(last_times[:-2]) AS newer
        FROM seen WHERE len(last_times) > 1
    )
    GROUP BY repo, workflow_id
), tools (tool, part) AS (
    VALUES
        ('CodeQL', 'codeql'), ('Scorecard', 'scorecard'), ('Semgrep', 'semgrep'), ('Trivy', 'trivy'), ('Snyk', 'snyk'),
        ('SonarQube', 'sonar'), ('Checkov', 'checkov'), ('tfsec', 'tfsec'), ('Grype', 'grype'),
        ('OSV-Scanner', 'osv-scanner'), ('Gitleaks', 'gitleaks'), ('TruffleHog', 'trufflehog'), ('Bandit', 'bandit'), ('gosec', 'gosec'),
        ('Brakeman', 'brakeman'), ('zizmor', 'zizmor')
), states AS (
    SELECT
        coalesce(workflows.org, seen.org) AS org, repo, coalesce(workflows.name, seen.workflow_name) AS workflow_name,
        lower(concat_ws(' ', coalesce(workflows.path, seen.workflow_path), workflow_name)) AS text,
        CASE
            WHEN workflows.state LIKE 'disabled%' THEN 'inactive'
            WHEN failure_streak > 0 THEN 'failing'
            WHEN seconds(last_run_at, $until) >= 60 * 86400 THEN 'inactive'
            WHEN seconds(last_run_at, $until) > greatest(3 * median_interval_s, 7 * 86400) AND median_interval_s > 0
                THEN 'stale'
            ELSE 'healthy'
        END AS state, last_run_at, last_success_at
    FROM seen LEFT JOIN workflows USING (repo, workflow_id) LEFT JOIN verdicts USING (repo, workflow_id)
    LEFT JOIN streaks USING (repo, workflow_id) LEFT JOIN cadences USING (repo, workflow_id)
), by_workflow AS (
    SELECT
        repo, tool, max(org) AS org, arg_max(workflow_name, last_run_at) AS workflow_name,
        arg_max(state, last_run_at) AS state, max(last_run_at) AS last_run_at,
        max(last_success_at) AS last_success_at, bool_and(state <> 'healthy') AS silent
    FROM states JOIN tools ON contains(text, part) GROUP BY repo, tool
), scan_times AS (
    SELECT
        repo, coalesce(tools.tool, scans.tool) AS tool, max(org) AS org, max(created_at) AS last_scan_at,
        list_sort(max(created_at, 21)) AS times
    FROM scans LEFT JOIN tools ON contains(lower(scans.tool), part)
    WHERE created_at < $until AND coalesce(error, '') = '' AND scans.tool IS NOT NULL GROUP BY ALL
), by_scan AS (
    SELECT
        repo, tool, org, last_scan_at,
        seconds(last_scan_at, $until) >= 60 * 86400 OR len(times) > 1
            AND seconds(last_scan_at, $until) > greatest(7 * 86400, 3 * list_aggregate(
                list_transform(range(2, len(times) + 1), lambda place: seconds(times[place - 1], times[place])), 'median'
            )) AS overdue
    FROM scan_times
)
SELECT
    coalesce(by_workflow.org, by_scan.org) AS org, repo, tool, workflow_name, state, last_run_at, last_success_at,
    last_scan_at, seconds(greatest(last_success_at, last_scan_at), $until) / 86400 AS days_silent
FROM by_workflow FULL JOIN by_scan USING (repo, tool)
WHERE coalesce(silent, true) AND coalesce(overdue, true)
ORDER BY days_silent DESC NULLS FIRST, repo, tool
