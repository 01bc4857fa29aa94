WITH jobs AS (
    SELECT
        * REPLACE (
            CASE WHEN completed_at < $until THEN conclusion END AS conclusion,
            CASE WHEN completed_at < $until THEN duration_s END AS duration_s
        )
    FROM workflow_jobs
    WHERE created_at >= $since AND created_at < $until
), figures AS (
    SELECT
        repo, workflow_name, name, max(org) AS org,
        count(duration_s) FILTER (conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')) AS n,
        median(duration_s) FILTER (conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')) AS p50_s,
        quantile_cont(duration_s, 0.95)
            FILTER (conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')) AS p95_s,
        median(queued_s) FILTER (
            duration_s IS NOT NULL AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
        ) AS queue_p50_s,
        count_if(conclusion = 'success') AS successes,
        count_if(conclusion IN ('failure', 'timed_out', 'startup_failure')) AS failures,
        failures / nullif(successes + failures, 0) AS failure_rate,
        sum(duration_s) AS total_s
    FROM jobs GROUP BY repo, workflow_name, name
), flaky AS (
    SELECT repo, workflow_name, name, count(*) AS flaky_runs
    FROM (
        SELECT repo, workflow_name, name, run_id FROM jobs GROUP BY ALL
        HAVING max(run_attempt) FILTER (conclusion = 'success')
            > min(run_attempt) FILTER (conclusion IN ('failure', 'timed_out', 'startup_failure'))
    )
    GROUP BY repo, workflow_name, name
)
SELECT figures.*, coalesce(flaky_runs, 0) AS flaky_runs
FROM figures LEFT JOIN flaky USING (repo, workflow_name, name)
ORDER BY p50_s DESC NULLS LAST, repo, workflow_name, name
LIMIT 500
