SELECT
    coalesce(severity, 'unknown') AS severity,
    count_if(created_at >= $since) AS opened,
    count_if(closed_at >= $since) AS closed,
    count_if(closed_at >= $since AND state = 'fixed') AS fixed,
    count_if(closed_at >= $since AND state = 'dismissed') AS dismissed,
    count_if(closed_at >= $since AND state = 'auto_dismissed') AS auto_dismissed,
    opened / (seconds($since, $until) / (7 * 86400)) AS opened_per_week,
    closed / (seconds($since, $until) / (7 * 86400)) AS closed_per_week,
    opened - closed AS net
FROM alerts_at($until)
WHERE created_at < $until AND (closed_at IS NOT NULL OR state = 'open')
GROUP BY 1
