WITH timed AS (
    SELECT
        *,
        CASE severity
            WHEN 'critical' THEN 48 WHEN 'high' THEN 96 WHEN 'medium' THEN 168 WHEN 'low' THEN 336
        END * 3600 AS limit_s,
        seconds(created_at, coalesce(closed_at, $until)) AS elapsed_s
    FROM alerts_at($until)
    WHERE (closed_at IS NULL AND state = 'open') OR closed_at >= $since
), judged AS (
    SELECT
        *, state = 'open' AS is_open,
        CASE
            WHEN limit_s IS NULL THEN 'unknown'
            WHEN elapsed_s > limit_s THEN 'breached'
            WHEN state <> 'open' THEN 'met'
            WHEN elapsed_s >= 0.75 * limit_s THEN 'at_risk'
            ELSE 'on_track'
        END AS status,
        state = 'auto_dismissed' OR elapsed_s IS NULL OR elapsed_s < 0 AS excluded
    FROM timed
)
SELECT
    repo,
    count_if(NOT excluded) AS n,
    count_if(status = 'met' AND NOT excluded) AS met,
    count_if(status = 'breached' AND NOT is_open AND NOT excluded) AS breached_closed,
    count_if(status = 'breached' AND is_open AND NOT excluded) AS breached_open,
    count_if(status = 'at_risk' AND NOT excluded) AS at_risk,
    count_if(status = 'on_track' AND NOT excluded) AS on_track,
    count_if(status = 'unknown' AND NOT excluded) AS unknown,
    met / nullif(met + breached_closed, 0) AS compliance,
    count_if(NOT is_open AND NOT excluded) AS closed,
    min(elapsed_s) FILTER (NOT is_open AND NOT excluded) AS min_s,
    avg(elapsed_s) FILTER (NOT is_open AND NOT excluded) AS mean_s,
    median(elapsed_s) FILTER (NOT is_open AND NOT excluded) AS median_s,
    max(elapsed_s) FILTER (NOT is_open AND NOT excluded) AS max_s,
    count_if(excluded) AS excluded
FROM judged
GROUP BY repo
ORDER BY n DESC, repo
