SELECT count(*) AS n, count(*) FILTER (ended_at < $until) AS ended
FROM agent_sessions
WHERE created_at >= $since AND created_at < $until
