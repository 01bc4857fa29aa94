SELECT
    org, repo, workflow_name, run_number, run_attempt, event, branch, actor, status, conclusion, created_at,
    run_started_at, completed_at, queued_s, duration_s, html_url, run_id
FROM runs_at($until)
WHERE created_at >= $since
ORDER BY created_at DESC, run_id DESC
LIMIT 1000
