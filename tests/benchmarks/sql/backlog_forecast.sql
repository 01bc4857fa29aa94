-- A random walk with drift over the last 13 weeks; Student's t by Abramowitz and Stegun, 26.7.5.
WITH known AS (
    SELECT created_at, greatest(closed_at, created_at) AS closed_at, closed_at IS NULL AS is_open
    FROM alerts_at($until)
    WHERE created_at < $until AND (closed_at IS NOT NULL OR state = 'open')
), known_weeks AS (
    SELECT unnest(range(least(13, (
        SELECT floor(seconds(min(created_at), $until) / 604800) FROM known
    )::BIGINT))) AS week
), opened AS (
    SELECT ceil(seconds(created_at, $until) / 604800)::BIGINT - 1 AS week, count(*) AS opened
    FROM known WHERE created_at >= $until - INTERVAL 91 DAY GROUP BY 1
), closed AS (
    SELECT ceil(seconds(closed_at, $until) / 604800)::BIGINT - 1 AS week, count(*) AS closed
    FROM known WHERE NOT is_open AND closed_at >= $until - INTERVAL 91 DAY GROUP BY 1
), pace AS (
    SELECT
        (SELECT count_if(is_open) FROM known) AS open_now,
        count(*) AS weeks, avg(coalesce(opened, 0)) AS opened_per_week, avg(coalesce(closed, 0)) AS closed_per_week,
        avg(coalesce(opened, 0) - coalesce(closed, 0)) AS change,
        stddev_samp(coalesce(opened, 0) - coalesce(closed, 0)) AS deviation,
        1.2815515655446004 AS z, 1.0 / (weeks - 1) AS v,
        z + v * ((z ** 3 + z) / 4 + v * ((5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
            + v * (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384)) AS t90
    FROM known_weeks LEFT JOIN opened USING (week) LEFT JOIN closed USING (week)
), days AS (
    SELECT
        *, open_now + days_ahead / 7 * change AS middle,
        t90 * deviation * sqrt(days_ahead / 7 * (1 + days_ahead / 7 / weeks)) AS margin
    FROM pace, (SELECT unnest(range(1, 31)) AS days_ahead)
)
SELECT
    days_ahead, $until + to_days(days_ahead::INT) AS "at",
    CASE WHEN weeks >= 4 THEN greatest(middle - margin, 0) END AS low,
    CASE WHEN weeks >= 4 THEN greatest(middle, 0) END AS expected,
    CASE WHEN weeks >= 4 THEN greatest(middle + margin, 0) END AS high,
    open_now, opened_per_week, closed_per_week, weeks
FROM days
ORDER BY days_ahead
