WITH open AS (
    SELECT
        *, created_at AS started_at,
        CASE severity
            WHEN 'critical' THEN 48 WHEN 'high' THEN 96 WHEN 'medium' THEN 168 WHEN 'low' THEN 336
        END * 3600 AS limit_s,
        seconds(created_at, $until) AS elapsed_s,
        created_at + to_seconds(limit_s) AS due_at
    FROM alerts_at($until)
    WHERE state = 'open'
)
SELECT
    CASE
        WHEN elapsed_s > limit_s THEN 'breached'
        WHEN due_at < $until + INTERVAL 7 DAY THEN '7 days'
        ELSE '14 days'
    END AS due_within,
    org, repo, kind, number, severity, rule_id, cwe_family, tool, created_at, started_at, limit_s, elapsed_s,
    CASE
        WHEN elapsed_s > limit_s THEN 'breached' WHEN elapsed_s >= 0.75 * limit_s THEN 'at_risk' ELSE 'on_track'
    END AS status,
    due_at, limit_s - elapsed_s AS left_s, html_url
FROM open
WHERE elapsed_s >= 0 AND due_at < $until + INTERVAL 14 DAY AND due_within = $only
ORDER BY due_at, repo, kind, number
LIMIT 100000
