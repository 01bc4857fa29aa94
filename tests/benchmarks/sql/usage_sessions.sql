SELECT
    count(*) AS n, avg(requests) AS mean_requests, avg(cost_usd) AS mean_cost_usd, avg(tokens) AS mean_tokens,
    count(DISTINCT "user") AS users
FROM usage_sessions
WHERE started_at >= $since AND started_at < $until
