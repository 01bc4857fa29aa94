WITH buckets AS (
    SELECT unnest(range(date_trunc($every, $since), $until, ('1 ' || $every)::INTERVAL)) AS period_start
), parts AS (
    SELECT
        date_trunc($every, "at") AS period_start,
        count(*) AS n,
        count_if(status < 400) AS successes,
        count_if(status >= 400) AS errors,
        successes / nullif(successes + errors, 0) AS success_rate,
        avg(latency_ms) AS mean_latency_ms,
        median(latency_ms) AS p50_latency_ms,
        quantile_cont(latency_ms, 0.95) AS p95_latency_ms,
        quantile_cont(latency_ms, 0.99) AS p99_latency_ms,
        count(latency_ms) AS n_latency,
        sum(requests.cost_usd) AS cost_usd,
        count(requests.cost_usd) AS n_priced,
        sum(coalesce(total_tokens, prompt_tokens + completion_tokens)) AS tokens,
        count(coalesce(total_tokens, prompt_tokens + completion_tokens)) AS n_tokens,
        count(DISTINCT "user") AS users
    FROM requests
    WHERE "at" >= $since AND "at" < $until
    GROUP BY 1
)
SELECT
    period_start, coalesce(n, 0) AS n, coalesce(successes, 0) AS successes, coalesce(errors, 0) AS errors, success_rate,
    mean_latency_ms, p50_latency_ms, p95_latency_ms, p99_latency_ms, coalesce(n_latency, 0) AS n_latency,
    cost_usd, coalesce(n_priced, 0) AS n_priced, tokens, coalesce(n_tokens, 0) AS n_tokens,
    coalesce(users, 0) AS users
FROM buckets LEFT JOIN parts USING (period_start)
ORDER BY period_start
