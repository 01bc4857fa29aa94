SELECT
    status,
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
    count(DISTINCT "user") AS users,
    tokens / nullif(n, 0) AS tokens_per_request,
    sum(requests.cost_usd) / nullif(n, 0) AS cost_per_request_usd
FROM requests
WHERE "at" >= $since AND "at" < $until
GROUP BY 1
ORDER BY n DESC
