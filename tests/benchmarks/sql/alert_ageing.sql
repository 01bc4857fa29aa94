WITH open AS (
    SELECT seconds(created_at, $until) / 86400 AS days, coalesce(severity, 'unknown') AS severity
    FROM alerts_at($until)
    WHERE state = 'open'
)
SELECT
    CASE
        WHEN days < 7 THEN 'up to 7 days' WHEN days < 30 THEN '7 to 30 days' WHEN days < 90 THEN '30 to 90 days'
        WHEN days < 365 THEN '90 to 365 days' ELSE 'over a year'
    END AS age,
    count(*) AS n, count_if(severity = 'critical') AS critical, count_if(severity = 'high') AS high,
    count_if(severity = 'medium') AS medium, count_if(severity = 'low') AS low, count_if(severity = 'unknown') AS unknown
FROM open
GROUP BY 1
ORDER BY min(days)
