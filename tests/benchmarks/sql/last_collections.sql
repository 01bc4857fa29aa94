SELECT
    collection_id, min(started_at) AS started_at,
    date_diff('second', min(started_at), max(finished_at)) AS seconds,
    count(*) AS sources, sum(rows) AS rows, sum(requests) AS requests,
    count_if(outcome NOT IN ('ok', 'unchanged')) AS incomplete
FROM collections
GROUP BY collection_id
ORDER BY started_at DESC
LIMIT 30
