WITH tries AS NOT MATERIALIZED (
    SELECT
        org, repo, workflow_id, workflow_name, branch, event, head_sha, run_id, run_attempt, conclusion, created_at,
        completed_at, duration_s, html_url, conclusion <> 'success' AS failed,
        coalesce(run_started_at, created_at) AS began_at
    FROM workflow_runs
    WHERE created_at >= $since - INTERVAL 31 DAY AND created_at < $until AND completed_at < $until
        AND head_sha IS NOT NULL AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
), jobs AS (
    SELECT
        run_id, run_attempt, coalesce(billable_minutes, ceil(duration_s / 60)) AS minutes,
        CASE
            WHEN list_contains(labels, 'self-hosted') THEN 0
            WHEN array_to_string(labels, ' ') ILIKE '%windows%' THEN 0.010
            WHEN array_to_string(labels, ' ') ILIKE '%macos%' THEN 0.062
            ELSE 0.006
        END AS price
    FROM workflow_jobs
    WHERE completed_at < $until AND created_at >= $since - INTERVAL 31 DAY
), spent AS (
    SELECT run_id, run_attempt, sum(minutes) AS job_minutes, sum(minutes * price) AS job_cost
    FROM jobs GROUP BY run_id, run_attempt
), numbered AS (
    SELECT
        *, row_number() OVER stream AS place, sum((NOT failed)::INT) OVER stream - (NOT failed)::INT AS part
    FROM tries
    WHERE (repo, head_sha) IN (SELECT (repo, head_sha) FROM tries WHERE failed)
    WINDOW stream AS (
        PARTITION BY repo, workflow_id, head_sha, event, branch ORDER BY began_at, run_id, run_attempt
        ROWS UNBOUNDED PRECEDING
    )
), flakes AS (
    SELECT
        max(org) AS org, repo, workflow_id, arg_max(workflow_name, began_at) AS workflow_name, branch, event, head_sha,
        arg_min(run_id, place) FILTER (failed) AS run_id,
        max(run_id) FILTER (NOT failed) AS succeeded_run_id, count_if(failed) AS failed_attempts,
        max(created_at) FILTER (NOT failed) AS created_at, min(completed_at) FILTER (failed) AS first_failed_at,
        max(completed_at) FILTER (NOT failed) AS succeeded_at,
        sum(coalesce(job_minutes, CASE conclusion WHEN 'startup_failure' THEN 0 ELSE ceil(duration_s / 60) END))
            FILTER (failed) AS wasted_minutes,
        coalesce(sum(CASE conclusion WHEN 'startup_failure' THEN 0 ELSE ceil(duration_s / 60) END)
            FILTER (failed AND job_minutes IS NULL), 0) AS estimated_minutes,
        CASE
            WHEN count_if(failed AND job_minutes IS NULL) = 0 THEN 'jobs'
            WHEN count_if(failed AND job_minutes IS NOT NULL) = 0 THEN 'durations'
            ELSE 'both'
        END AS minutes_from,
        sum(coalesce(job_cost, CASE conclusion WHEN 'startup_failure' THEN 0 ELSE ceil(duration_s / 60) END * 0.006))
            FILTER (failed) AS wasted_cost,
        arg_min(html_url, place) FILTER (failed) AS html_url
    FROM numbered LEFT JOIN spent USING (run_id, run_attempt)
    GROUP BY repo, workflow_id, head_sha, event, branch, part
    HAVING count_if(failed) > 0 AND succeeded_at IS NOT NULL AND created_at >= $since
)
SELECT * FROM flakes
ORDER BY succeeded_at DESC, run_id
