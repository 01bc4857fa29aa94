SELECT
    count(*) AS runs,
    count_if(conclusion = 'success') AS successes,
    count_if(conclusion IN ('failure', 'timed_out', 'startup_failure')) AS failures,
    count_if(conclusion = 'cancelled') AS cancelled,
    runs - successes - failures - cancelled AS other,
    successes / nullif(successes + failures, 0) AS success_rate
FROM runs_at($until)
WHERE created_at >= $since
