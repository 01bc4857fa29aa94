WITH jobs AS (
    SELECT
        run_id, run_attempt, coalesce(billable_minutes, ceil(duration_s / 60)) AS minutes,
        CASE
            WHEN list_contains(labels, 'self-hosted') THEN 0
            WHEN array_to_string(labels, ' ') ILIKE '%windows%' THEN 0.010
            WHEN array_to_string(labels, ' ') ILIKE '%macos%' THEN 0.062
            ELSE 0.006
        END AS price
    FROM workflow_jobs
    WHERE completed_at < $until AND created_at >= $since
), spent AS (
    SELECT
        run_id, run_attempt, count(*) AS jobs, sum(minutes) AS minutes, sum(minutes * price) AS cost,
        sum(minutes) FILTER (price IS NULL) AS unpriced_minutes
    FROM jobs GROUP BY run_id, run_attempt
), runs AS (
    SELECT
        runs.*, spent.*, jobs IS NULL AS bare,
        jobs IS NOT NULL OR (
            completed_at < $until AND duration_s IS NOT NULL
            AND conclusion NOT IN ('skipped', 'action_required', 'startup_failure')
        ) AS counts
    FROM workflow_runs AS runs LEFT JOIN spent USING (run_id, run_attempt)
    WHERE created_at >= $since AND created_at < $until
)
SELECT
    count_if(counts) AS n, count(jobs) AS n_with_jobs, count(jobs) / nullif(count_if(counts), 0) AS jobs_share,
    coalesce(sum(jobs), 0) AS jobs, sum(minutes) AS minutes, sum(cost) AS cost,
    sum(unpriced_minutes) AS unpriced_minutes,
    sum(ceil(duration_s / 60)) FILTER (bare AND counts) AS estimated_minutes,
    sum(ceil(duration_s / 60)) FILTER (bare AND counts) * 0.006 AS estimated_cost,
    count_if(counts IS NOT true) AS excluded
FROM runs
