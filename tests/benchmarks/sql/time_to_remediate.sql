-- The survival median is the Kaplan-Meier estimate: at each age the share of those at risk that was not fixed.
WITH known AS (
    SELECT state, created_at, closed_at FROM alerts_at($until)
    WHERE (closed_at IS NULL AND state = 'open') OR closed_at >= $since
), closed AS (
    SELECT seconds(created_at, closed_at) AS lived_s FROM known
    WHERE state = 'fixed' AND closed_at >= $since AND closed_at < $until
), cases AS (
    SELECT
        greatest(seconds(created_at, $since), 0) AS entered_s,
        seconds(created_at, coalesce(closed_at, $until)) AS left_s,
        closed_at IS NOT NULL AND state = 'fixed' AS over
    FROM known
), moves AS (
    SELECT left_s AS age_s, 1 AS left_n, over::INT AS over_n, 0 AS entered_n FROM cases WHERE left_s >= entered_s
    UNION ALL
    SELECT entered_s, 0, 0, 1 FROM cases WHERE left_s >= entered_s AND entered_s > 0
), ages AS (
    SELECT age_s, sum(left_n) AS left_n, sum(over_n) AS over_n, sum(entered_n) AS entered_n FROM moves GROUP BY age_s
), risks AS (
    SELECT age_s, over_n, sum(left_n - entered_n) OVER (ORDER BY age_s DESC) + entered_n AS at_risk FROM ages
), survivals AS (
    SELECT age_s, sum(ln(greatest(1 - over_n / at_risk, 1e-300))) OVER (ORDER BY age_s) AS log_survival
    FROM risks WHERE over_n > 0
)
SELECT
    count(*) FILTER (lived_s >= 0) AS n,
    avg(lived_s) FILTER (lived_s >= 0) AS mean_s,
    median(lived_s) FILTER (lived_s >= 0) AS median_s,
    quantile_cont(lived_s, 0.9) FILTER (lived_s >= 0) AS p90_s,
    (SELECT min(age_s) FROM survivals WHERE log_survival <= ln(0.5) + 1e-9) AS survival_median_s,
    sum(lived_s) FILTER (lived_s >= 0) AS total_s,
    count(*) FILTER (lived_s IS NULL OR lived_s < 0) AS excluded
FROM closed
