WITH buckets AS (
    SELECT unnest(range(date_trunc($every, $since), $until, ('1 ' || $every)::INTERVAL)) AS period_start
), counts AS (
    SELECT
        date_trunc($every, created_at) AS period_start,
        count(*) AS runs,
        count_if(conclusion = 'success') AS successes,
        count_if(conclusion IN ('failure', 'timed_out', 'startup_failure')) AS failures,
        count_if(conclusion = 'cancelled') AS cancelled
    FROM runs_at($until)
    WHERE created_at >= $since
    GROUP BY 1
)
SELECT
    period_start, coalesce(runs, 0) AS runs, coalesce(successes, 0) AS successes, coalesce(failures, 0) AS failures,
    coalesce(cancelled, 0) AS cancelled, coalesce(runs - successes - failures - cancelled, 0) AS other,
    successes / nullif(successes + failures, 0) AS success_rate
FROM buckets LEFT JOIN counts USING (period_start)
ORDER BY period_start
