WITH runs AS (
    SELECT runs.*, conclusion <> 'success' AS failed
    FROM runs_at($until) AS runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE created_at >= $since AND branch = default_branch AND event NOT IN ('pull_request', 'pull_request_target')
        AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
), numbered AS (
    SELECT
        *, count_if(NOT failed) OVER (
            PARTITION BY repo, workflow_id ORDER BY created_at, run_id ROWS UNBOUNDED PRECEDING
        ) AS part
    FROM runs
), streaks AS (
    SELECT
        repo, workflow_id, part, max(org) AS org, arg_max(workflow_name, created_at) AS workflow_name,
        count(*) AS verdicts, count_if(failed) AS failures,
        min(created_at) FILTER (failed) AS began_at, max(created_at) FILTER (failed) AS last_at
    FROM numbered GROUP BY repo, workflow_id, part
)
SELECT
    max(org) AS org, repo, workflow_id, arg_max(workflow_name, part) AS workflow_name,
    sum(verdicts) AS verdicts, sum(failures) AS failures, count_if(failures > 0) AS streaks,
    max(failures) AS longest_streak,
    arg_max(began_at, (failures, part)) FILTER (failures > 0) AS longest_began_at,
    arg_max(last_at, (failures, part)) FILTER (failures > 0) AS longest_last_at,
    arg_max(failures, part) AS current_streak
FROM streaks
GROUP BY repo, workflow_id
ORDER BY longest_streak DESC, current_streak DESC
