WITH runs AS (
    SELECT runs.*, conclusion <> 'success' AS failed
    FROM workflow_runs AS runs JOIN repositories USING (repo)
    WHERE branch = default_branch AND event NOT IN ('pull_request', 'pull_request_target')
        AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure') AND completed_at < $until
), numbered AS (
    SELECT
        *,
        coalesce(sum((NOT failed)::INT) OVER (
            PARTITION BY repo, workflow_id ORDER BY created_at, run_id, run_attempt
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS part
    FROM runs
)
SELECT
    max(org) AS org, repo, workflow_id, arg_max(workflow_name, created_at) AS workflow_name,
    arg_min(branch, (created_at, run_id, run_attempt)) FILTER (failed) AS branch,
    arg_min(completed_at, (created_at, run_id, run_attempt)) FILTER (failed) AS failed_at,
    max(completed_at) FILTER (NOT failed) AS restored_at,
    seconds(failed_at, restored_at) AS duration_s,
    arg_min(run_id, (created_at, run_id, run_attempt)) FILTER (failed) AS first_failed_run_id,
    max(run_id) FILTER (NOT failed) AS restored_run_id,
    count_if(failed) AS runs_failed
FROM numbered
GROUP BY repo, workflow_id, part
HAVING count_if(failed) > 0 AND (restored_at IS NULL OR (restored_at >= $since AND duration_s >= 0))
ORDER BY failed_at DESC, first_failed_run_id
