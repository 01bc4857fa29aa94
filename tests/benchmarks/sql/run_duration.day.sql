SELECT
    date_trunc('day', created_at) AS day,
    count(*) AS n, median(duration_s) AS p50_s, quantile_cont(duration_s, 0.95) AS p95_s,
    median(queued_s) AS queue_p50_s, quantile_cont(queued_s, 0.95) AS queue_p95_s
FROM runs_at($until)
WHERE created_at >= $since AND status = 'completed' AND duration_s IS NOT NULL
GROUP BY 1
ORDER BY 1
