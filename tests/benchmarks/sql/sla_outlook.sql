WITH known AS (
    SELECT
        state = 'open' AS is_open, created_at,
        seconds(created_at, $until) AS age_s,
        seconds(created_at, coalesce(closed_at, $until)) AS elapsed_s,
        CASE severity
            WHEN 'critical' THEN 48 WHEN 'high' THEN 96 WHEN 'medium' THEN 168 WHEN 'low' THEN 336
        END * 3600 AS limit_s
    FROM alerts_at($until)
    WHERE state <> 'auto_dismissed'
), counts AS (
    SELECT
        count(*) FILTER (is_open) AS n,
        count(*) FILTER (is_open AND elapsed_s > limit_s) AS breached,
        count(*) FILTER (is_open AND limit_s IS NULL) AS unknown,
        count(*) FILTER (is_open AND elapsed_s <= limit_s AND age_s > limit_s - 7 * 86400) AS due_7,
        count(*) FILTER (is_open AND elapsed_s <= limit_s AND age_s > limit_s - 14 * 86400) AS due_14,
        count(*) FILTER (age_s <= 13 * 7 * 86400) AS arrived,
        sum(greatest(7 * 86400 - limit_s, 0)) FILTER (age_s <= 13 * 7 * 86400 AND limit_s IS NOT NULL) AS exposed_7_s,
        sum(greatest(14 * 86400 - limit_s, 0)) FILTER (age_s <= 13 * 7 * 86400 AND limit_s IS NOT NULL) AS exposed_14_s,
        least(max(age_s), 13 * 7 * 86400) AS past_s
    FROM known
    WHERE elapsed_s >= 0
), expected AS (
    SELECT
        *,
        CASE WHEN past_s >= 4 * 7 * 86400 THEN past_s END AS known_s,
        arrived / (known_s / (7 * 86400)) AS arrivals_per_week,
        due_7 + coalesce(exposed_7_s, 0) / known_s AS expected_7,
        due_14 + coalesce(exposed_14_s, 0) / known_s AS expected_14
    FROM counts
)
SELECT
    n, breached, due_7, due_14, unknown, arrivals_per_week, expected_7, expected_14,
    greatest(coalesce(expected_7, due_7), coalesce(expected_14, due_14) / 2) AS fixes_per_week
FROM expected
