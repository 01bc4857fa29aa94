SELECT
    org, repo, workflow_name, run_number, run_attempt, event, branch, actor,
    CASE WHEN run_started_at >= $until THEN 'queued' ELSE status END AS status, conclusion, created_at,
    CASE WHEN run_started_at < $until THEN run_started_at END AS run_started_at, completed_at,
    CASE WHEN run_started_at >= $until THEN NULL ELSE queued_s END AS queued_s, duration_s, html_url, run_id
FROM runs_at($until)
WHERE created_at >= $since
ORDER BY created_at DESC, run_id DESC
LIMIT 1000
