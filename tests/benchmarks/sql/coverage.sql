SELECT
    repo, dataset,
    arg_max_null(org, (started_at, collection_id)) AS org,
    arg_max_null(outcome, (started_at, collection_id)) AS outcome,
    arg_max_null(reason, (started_at, collection_id)) AS reason,
    arg_max_null(rows, (started_at, collection_id)) AS rows,
    arg_max_null(finished_at, (started_at, collection_id)) AS finished_at,
    max(finished_at) FILTER (outcome IN ('ok', 'unchanged')) AS last_good_at,
    CASE WHEN NOT bool_or(outcome IN ('ok', 'unchanged') AND covered_until IS NOT NULL AND covered_since IS NULL)
        THEN min(covered_since) FILTER (outcome IN ('ok', 'unchanged') AND covered_until IS NOT NULL)
    END AS covered_since,
    max(covered_until) FILTER (outcome IN ('ok', 'unchanged')) AS covered_until
FROM collections
WHERE started_at <= $until
GROUP BY repo, dataset
ORDER BY repo, dataset
