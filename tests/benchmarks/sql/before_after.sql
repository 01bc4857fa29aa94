-- The z test of two proportions, and the Mann-Whitney test with average ranks and a correction for ties.
WITH runs AS (
    SELECT created_at >= $since AS late, conclusion, duration_s
    FROM runs_at($until) WHERE created_at >= $before
), at_the_end_of_their_side AS (
    SELECT
        runs.late,
        CASE WHEN late OR completed_at < $since THEN conclusion END AS conclusion,
        CASE WHEN late OR completed_at < $since THEN duration_s END AS duration_s
    FROM (SELECT created_at >= $since AS late, * FROM runs_at($until) WHERE created_at >= $before) AS runs
), sides AS (
    SELECT
        late, count(*) AS runs, count_if(conclusion = 'success') AS successes,
        count_if(conclusion IN ('failure', 'timed_out', 'startup_failure')) AS failures, count(duration_s) AS n,
        median(duration_s) AS p50_s, quantile_cont(duration_s, 0.95) AS p95_s
    FROM at_the_end_of_their_side GROUP BY late
), ranked AS (
    SELECT
        late, rank() OVER (ORDER BY duration_s) + (count(*) OVER (PARTITION BY duration_s) - 1) / 2 AS place,
        count(*) OVER (PARTITION BY duration_s) AS tied
    FROM at_the_end_of_their_side WHERE duration_s IS NOT NULL
), ranks AS (
    SELECT
        count_if(late)::DOUBLE AS a, count_if(NOT late)::DOUBLE AS b, sum(place) FILTER (late) AS rank_sum,
        sum(tied::DOUBLE * tied - 1) AS ties
    FROM ranked
), tests AS (
    SELECT
        (SELECT (rank_sum - a * (a + 1) / 2 - a * b / 2)
            / sqrt(a * b / 12 * (a + b + 1 - ties / ((a + b) * (a + b - 1))))
            FROM ranks WHERE least(a, b) >= 5) AS duration_z,
        after.successes / (after.successes + after.failures) AS p, before.successes / (before.successes + before.failures) AS q,
        after.successes + after.failures AS m, before.successes + before.failures AS k,
        (after.successes + before.successes) / (m + k) AS pooled,
        (p - q) / sqrt(pooled * (1 - pooled) * (1 / m + 1 / k)) AS success_rate_z
    FROM sides AS after, sides AS before
    WHERE after.late AND NOT before.late
)
SELECT
    CASE WHEN late THEN 'after' ELSE 'before' END AS side, runs, runs / (seconds($since, $until) / 86400) AS runs_per_day,
    successes, failures, successes / nullif(successes + failures, 0) AS success_rate, n, p50_s, p95_s,
    CASE WHEN late AND least(m, k) * least(pooled, 1 - pooled) >= 5 THEN success_rate_z END AS success_rate_z,
    CASE WHEN late THEN duration_z END AS duration_z
FROM sides LEFT JOIN tests ON true
ORDER BY side DESC
