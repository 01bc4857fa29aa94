WITH known AS (
    SELECT repo, org, state, created_at, closed_at FROM alerts_at($until)
    WHERE created_at < $until AND (closed_at >= created_at OR (closed_at IS NULL AND state = 'open'))
), months AS (
    SELECT repo, org, unnest(range(date_trunc('month', min(created_at)), $until, INTERVAL 1 MONTH)) AS month
    FROM known GROUP BY repo, org
), opened AS (
    SELECT repo, date_trunc('month', created_at) AS month, count(*) AS opened FROM known GROUP BY ALL
), closed AS (
    SELECT
        repo, date_trunc('month', closed_at) AS month, count(*) AS closed,
        count_if(state = 'fixed') AS number_fixed, count_if(state = 'dismissed') AS number_dismissed,
        sum(seconds(created_at, closed_at)) FILTER (state = 'fixed') AS total_time_to_remediate_s,
        avg(seconds(created_at, closed_at)) FILTER (state = 'fixed') AS mean_time_to_remediate_s,
        median(seconds(created_at, closed_at)) FILTER (state = 'fixed') AS median_time_to_remediate_s,
        quantile_cont(seconds(created_at, closed_at), 0.9) FILTER (state = 'fixed') AS p90_time_to_remediate_s,
        sum(seconds(created_at, closed_at)) FILTER (state = 'dismissed') AS total_time_to_dismiss_s
    FROM known WHERE closed_at IS NOT NULL GROUP BY ALL
), backlogs AS (
    SELECT
        *, sum(coalesce(opened, 0) - coalesce(closed, 0)) OVER (PARTITION BY repo ORDER BY month) AS open_alerts
    FROM months LEFT JOIN opened USING (repo, month) LEFT JOIN closed USING (repo, month)
)
SELECT
    repo, org, strftime(month, '%Y-%m') AS month, open_alerts, coalesce(number_fixed, 0) AS number_fixed,
    coalesce(number_dismissed, 0) AS number_dismissed, total_time_to_remediate_s, mean_time_to_remediate_s,
    median_time_to_remediate_s, p90_time_to_remediate_s, total_time_to_dismiss_s
FROM backlogs
WHERE backlogs.month >= date_trunc('month', $since)
ORDER BY month, repo
