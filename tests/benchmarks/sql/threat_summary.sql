SELECT
    count(*) AS n,
    count_if(NOT coalesce(resolved, false) OR resolved_at > $until) AS unresolved,
    count_if(severity = 'critical') AS critical,
    count_if(severity = 'high') AS high,
    count_if(severity = 'medium') AS medium,
    count_if(severity = 'low') AS low
FROM threats
WHERE "at" >= $since AND "at" < $until
