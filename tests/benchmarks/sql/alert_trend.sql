WITH known AS (
    SELECT created_at, state, CASE WHEN closed_at < created_at THEN created_at ELSE closed_at END AS ended_at
    FROM alerts_at($until)
    WHERE created_at < $until AND (closed_at IS NOT NULL OR state = 'open')
), buckets AS (
    SELECT unnest(range(date_trunc($every, $since), $until, ('1 ' || $every)::INTERVAL)) AS period_start
), opened AS (
    SELECT date_trunc($every, created_at) AS period_start, count(*) AS opened
    FROM known WHERE created_at >= $since GROUP BY 1
), closed AS (
    SELECT date_trunc($every, ended_at) AS period_start, count(*) AS closed, count_if(state = 'fixed') AS fixed
    FROM known WHERE ended_at >= $since AND ended_at < $until GROUP BY 1
)
SELECT
    period_start, coalesce(opened, 0) AS opened, coalesce(closed, 0) AS closed, coalesce(fixed, 0) AS fixed,
    (SELECT count(*) FROM known WHERE created_at < $since AND (ended_at IS NULL OR ended_at >= $since))
        + sum(coalesce(opened, 0) - coalesce(closed, 0)) OVER (ORDER BY period_start) AS open_at_end
FROM buckets LEFT JOIN opened USING (period_start) LEFT JOIN closed USING (period_start)
ORDER BY period_start
