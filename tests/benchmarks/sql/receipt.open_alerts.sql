SELECT
    repo, kind, number, severity, state, rule_id, cwe_family, tool, package, path, created_at, closed_at, close_reason,
    html_url, seconds(created_at, $until) AS age_s
FROM alerts_at($until)
WHERE state = 'open'
LIMIT 100000
