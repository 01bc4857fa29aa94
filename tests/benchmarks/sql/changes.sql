WITH runs AS (
    SELECT runs.*, conclusion <> 'success' AS failed
    FROM workflow_runs AS runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE workflow_name ILIKE 'deploy%' AND branch = default_branch
        AND event NOT IN ('pull_request', 'pull_request_target')
        AND conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
        AND created_at >= $since - INTERVAL 123 DAY AND created_at < $until
        AND completed_at >= $since - INTERVAL 92 DAY AND completed_at < $until
), streams AS (
    SELECT
        *,
        coalesce(lag(failed) OVER stream, false) AS after_failure,
        coalesce(lead(failed) OVER stream AND seconds(completed_at, lead(completed_at) OVER stream) <= 86400, false)
            AS then_failed
    FROM runs WINDOW stream AS (PARTITION BY repo, workflow_id ORDER BY completed_at, run_id, run_attempt)
), deployed AS (
    SELECT
        *,
        CASE WHEN failed THEN 'failed' WHEN then_failed THEN 'succeeded_then_failed' ELSE 'succeeded' END AS outcome,
        CASE WHEN after_failure AND NOT failed THEN seconds(
            max(completed_at) FILTER (failed AND NOT after_failure) OVER (
                PARTITION BY repo, workflow_id ORDER BY completed_at, run_id, run_attempt ROWS UNBOUNDED PRECEDING
            ), completed_at
        ) END AS restored_after_s,
        failed AND coalesce(
            max(completed_at) FILTER (NOT failed) OVER (PARTITION BY repo, workflow_id) < completed_at, true
        ) AS unrestored
    FROM streams
), changed AS (
    SELECT
        pulls.org, pulls.repo, pulls.number, pulls.title, pulls.author, pulls.base_branch, pulls.created_at,
        pulls.merged_at, deployed.completed_at AS deployed_at,
        seconds(pulls.created_at, deployed.completed_at) AS lead_time_s, deployed.run_id AS deployed_run_id,
        pulls.html_url
    FROM pull_requests AS pulls
    JOIN (SELECT repo, default_branch FROM repositories) AS repositories
        ON pulls.repo = repositories.repo AND pulls.base_branch = repositories.default_branch
    ASOF JOIN (SELECT * FROM deployed WHERE NOT failed) AS deployed
        ON pulls.repo = deployed.repo AND pulls.merged_at <= deployed.created_at
    WHERE pulls.merged_at >= $since - INTERVAL 92 DAY AND pulls.merged_at < $until
        AND deployed.completed_at >= $since AND deployed.completed_at >= pulls.created_at
)
SELECT * FROM changed
ORDER BY deployed_at DESC, repo, number
