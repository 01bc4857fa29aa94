WITH runs AS (
    SELECT
        runs.org, repo, workflow_id, workflow_name, branch, completed_at, run_id, conclusion <> 'success' AS failed,
        row_number() OVER stream AS place,
        sum((conclusion = 'success')::INT) OVER stream - (conclusion = 'success')::INT AS part
    FROM workflow_runs AS runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE branch = default_branch AND event NOT IN ('pull_request', 'pull_request_target')
        AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure') AND completed_at < $until
    WINDOW stream AS (
        PARTITION BY repo, workflow_id ORDER BY created_at, run_id, run_attempt ROWS UNBOUNDED PRECEDING
    )
    QUALIFY failed OR lag(failed) OVER (PARTITION BY repo, workflow_id ORDER BY created_at, run_id, run_attempt)
)
SELECT
    max(org) AS org, repo, workflow_id, arg_max(workflow_name, place) AS workflow_name,
    arg_min(branch, place) FILTER (failed) AS branch,
    arg_min(completed_at, place) FILTER (failed) AS failed_at,
    max(completed_at) FILTER (NOT failed) AS restored_at,
    seconds(failed_at, restored_at) AS duration_s,
    arg_min(run_id, place) FILTER (failed) AS first_failed_run_id,
    max(run_id) FILTER (NOT failed) AS restored_run_id,
    count(*) FILTER (failed) AS runs_failed
FROM runs
GROUP BY repo, workflow_id, part
HAVING runs_failed > 0 AND (restored_at IS NULL OR (restored_at >= $since AND duration_s >= 0))
ORDER BY failed_at DESC, first_failed_run_id
