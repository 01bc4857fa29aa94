SELECT 'alerts' AS name, count(*) AS value FROM alerts
UNION ALL SELECT 'repositories', count(*) FROM repositories
UNION ALL SELECT 'workflow_runs', count(*) FROM workflow_runs
UNION ALL SELECT 'workflow_jobs', count(*) FROM workflow_jobs
UNION ALL SELECT 'workflows', count(*) FROM workflows
UNION ALL SELECT 'alert_events', count(*) FROM alert_events
UNION ALL SELECT 'pull_requests', count(*) FROM pull_requests
UNION ALL SELECT 'agent_sessions', count(*) FROM agent_sessions
UNION ALL SELECT 'scans', count(*) FROM scans
UNION ALL SELECT 'scan_results', count(*) FROM scan_results
UNION ALL SELECT 'findings', count(*) FROM findings
UNION ALL SELECT 'triage', count(*) FROM triage
UNION ALL SELECT 'collections', count(*) FROM collections
UNION ALL SELECT 'repository_overview', count(*) FROM repository_overview
UNION ALL SELECT 'organisation_overview', count(*) FROM organisation_overview
UNION ALL SELECT 'workflow_daily', count(*) FROM workflow_daily
UNION ALL SELECT 'health_history', count(*) FROM health_history
