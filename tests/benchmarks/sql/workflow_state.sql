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
        max(created_at) AS last_run_at, arg_max(html_url, created_at) AS last_run_url,
        max(created_at, 21) AS last_times, bool_or(event = 'schedule') AS scheduled
    FROM runs GROUP BY repo, workflow_id
), verdicts AS (
    SELECT
        repo, workflow_id, arg_max(conclusion, created_at) AS last_conclusion,
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
), figures AS (
    SELECT
        repo, workflow_id, count(*) AS runs,
        count_if(conclusion = 'success') / nullif(
            count_if(conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')), 0
        ) AS success_rate,
        quantile_cont(duration_s, 0.5) AS p50_s, quantile_cont(duration_s, 0.95) AS p95_s
    FROM runs WHERE created_at >= $since GROUP BY repo, workflow_id
)
SELECT
    coalesce(workflows.org, seen.org) AS org, repo, workflow_id,
    coalesce(workflows.name, seen.workflow_name) AS workflow_name,
    coalesce(workflows.path, seen.workflow_path) AS workflow_path,
    CASE
        WHEN workflows.state LIKE 'disabled%' THEN 'inactive'
        WHEN last_run_at IS NULL THEN 'never_run'
        WHEN failure_streak > 0 THEN 'failing'
        WHEN seconds(last_run_at, $until) >= 60 * 86400 THEN 'inactive'
        WHEN seconds(last_run_at, $until) > greatest(3 * median_interval_s, 7 * 86400) AND median_interval_s > 0
            THEN 'stale'
        ELSE 'healthy'
    END AS state,
    coalesce(failure_streak, 0) AS failure_streak, last_run_at, last_conclusion, last_success_at,
    seconds(last_run_at, $until) / 86400 AS days_since_last_run, median_interval_s,
    coalesce(figures.runs, 0) AS runs, success_rate, p50_s, p95_s, workflows.state AS github_state,
    CASE WHEN scheduled AND coalesce(visibility, 'public') = 'public'
        AND NOT coalesce(workflows.state LIKE 'disabled%', false)
        THEN greatest(0, least(60, 60 - seconds(pushed_at, $until) / 86400))
    END AS days_until_disabled,
    workflows.html_url, last_run_url
FROM seen FULL JOIN workflows USING (repo, workflow_id)
LEFT JOIN verdicts USING (repo, workflow_id) LEFT JOIN streaks USING (repo, workflow_id)
LEFT JOIN cadences USING (repo, workflow_id) LEFT JOIN figures USING (repo, workflow_id)
LEFT JOIN (SELECT repo, visibility, pushed_at FROM repositories) USING (repo)
ORDER BY list_position(['failing', 'stale', 'inactive', 'healthy', 'never_run'], state), failure_streak DESC, repo,
    workflow_name
