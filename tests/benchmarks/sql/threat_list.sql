SELECT
    threat_id, "at", type, severity,
    CASE WHEN resolved AND (resolved_at IS NULL OR resolved_at <= $until) THEN 'resolved' ELSE 'open' END AS state,
    description, raw_excerpt, "user", ip_hash, request_id, resolved_at, resolved_by
FROM threats
WHERE "at" >= $since AND "at" < $until
ORDER BY
    state = 'resolved', list_position(['critical', 'high', 'medium', 'low'], severity) NULLS LAST, "at" DESC, threat_id
