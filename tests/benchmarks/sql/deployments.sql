WITH runs AS (
    SELECT runs.*, conclusion <> 'success' AS failed
    FROM workflow_runs AS runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE workflow_name ILIKE 'deploy%' AND branch = default_branch
        AND event NOT IN ('pull_request', 'pull_request_target')
        AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
        AND created_at >= $since - INTERVAL 123 DAY AND created_at < $until
        AND completed_at >= $since - INTERVAL 92 DAY AND completed_at < $until
), streams AS (
    SELECT
        *,
        coalesce(lag(failed) OVER stream, false) AS after_failure,
        coalesce(lead(failed) OVER stream AND seconds(completed_at, lead(completed_at) OVER stream) <= 86400, false)
            AS then_failed
    FROM runs WINDOW stream AS (PARTITION BY repo, workflow_id ORDER BY completed_at, run_id, run_attempt)
), deployed AS (
    SELECT
        *,
        CASE WHEN failed THEN 'failed' WHEN then_failed THEN 'succeeded_then_failed' ELSE 'succeeded' END AS outcome,
        CASE WHEN after_failure AND NOT failed THEN seconds(
            max(completed_at) FILTER (failed AND NOT after_failure) OVER (
                PARTITION BY repo, workflow_id ORDER BY completed_at, run_id, run_attempt ROWS UNBOUNDED PRECEDING
            ), completed_at
        ) END AS restored_after_s,
        failed AND coalesce(
            max(completed_at) FILTER (NOT failed) OVER (PARTITION BY repo, workflow_id) < completed_at, true
        ) AS unrestored
    FROM streams
)
SELECT
    org, repo, workflow_id, workflow_name, branch, run_id, run_attempt, head_sha, actor, outcome, created_at,
    completed_at, duration_s, restored_after_s, html_url
FROM deployed
WHERE completed_at >= $since
ORDER BY completed_at DESC, run_id, run_attempt
