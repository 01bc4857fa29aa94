SELECT
    strftime(closed_at, '%Y-%m') AS month,
    count(*) FILTER (lived_s >= 0) AS n,
    avg(lived_s) FILTER (lived_s >= 0) AS mean_s,
    median(lived_s) FILTER (lived_s >= 0) AS median_s,
    quantile_cont(lived_s, 0.9) FILTER (lived_s >= 0) AS p90_s,
    sum(lived_s) FILTER (lived_s >= 0) AS total_s,
    count(*) FILTER (lived_s IS NULL OR lived_s < 0) AS excluded
FROM (
    SELECT closed_at, seconds(created_at, closed_at) AS lived_s FROM alerts_at($until)
    WHERE state = 'fixed' AND closed_at >= $since AND closed_at < $until
)
GROUP BY 1
ORDER BY 1
