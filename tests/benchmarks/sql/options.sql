SELECT DISTINCT 'orgs' AS filter, org AS value FROM workflow_runs WHERE org <> ''
UNION SELECT DISTINCT 'orgs', org FROM alerts WHERE org <> ''
UNION SELECT DISTINCT 'orgs', org FROM repositories WHERE org <> ''
UNION SELECT DISTINCT 'orgs', org FROM collections WHERE org <> ''
UNION SELECT DISTINCT 'repos', repo FROM workflow_runs WHERE repo <> ''
UNION SELECT DISTINCT 'repos', repo FROM alerts WHERE repo <> ''
UNION SELECT DISTINCT 'repos', repo FROM repositories WHERE repo <> ''
UNION SELECT DISTINCT 'repos', repo FROM collections WHERE repo <> ''
UNION SELECT DISTINCT 'workflows', workflow_name FROM workflow_runs WHERE workflow_name <> ''
UNION SELECT DISTINCT 'workflows', name FROM workflows WHERE name <> ''
UNION SELECT 'branches', branch FROM (
    SELECT branch FROM workflow_runs WHERE branch <> '' GROUP BY branch ORDER BY count(*) DESC, branch LIMIT 200
)
UNION SELECT DISTINCT 'events', event FROM workflow_runs WHERE event <> ''
UNION SELECT DISTINCT 'severities', severity FROM alerts WHERE severity <> ''
UNION SELECT DISTINCT 'kinds', kind FROM alerts WHERE kind <> ''
UNION SELECT 'newest', strftime(greatest(
    (SELECT max(created_at) FROM workflow_runs), (SELECT max(created_at) FROM alerts),
    (SELECT max(updated_at) FROM alerts)
), '%Y-%m-%dT%H:%M:%S.%f')
