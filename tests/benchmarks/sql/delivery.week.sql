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
), facts AS (
    SELECT repo, completed_at AS "at", outcome, restored_after_s, unrestored, NULL AS lead_time_s
    FROM deployed WHERE completed_at >= $since
    UNION ALL
    SELECT repo, deployed_at, NULL, NULL, NULL, lead_time_s FROM changed
), figures AS (
    SELECT
        date_trunc('week', "at") AS part,
        count(outcome) AS deployments, count_if(outcome IN ('succeeded', 'succeeded_then_failed')) AS successes,
        count_if(outcome = 'failed') AS failed, count_if(outcome = 'succeeded_then_failed') AS succeeded_then_failed,
        count(DISTINCT date_trunc('day', "at")) FILTER (outcome IN ('succeeded', 'succeeded_then_failed')) AS days,
        count(lead_time_s) AS changes, median(lead_time_s) AS lead_time_median_s,
        quantile_cont(lead_time_s, 0.9) AS lead_time_p90_s, count(restored_after_s) AS restored,
        median(restored_after_s) AS restore_median_s, count_if(unrestored) AS unrestored
    FROM facts
    GROUP BY 1
), rates AS (
    SELECT
        *, greatest(floor(seconds(greatest($since, part), least($until, part + INTERVAL 7 DAY))) / 86400, 1) AS length,
        CASE WHEN deployments > 0 THEN successes / length END AS deployments_per_day,
        CASE WHEN deployments > 0 THEN days * 7 / length END AS days_per_week,
        (failed + succeeded_then_failed) / nullif(deployments, 0) AS change_failure_rate
    FROM figures
)
SELECT
    part AS week,
    deployments, successes, deployments_per_day, days_per_week,
    CASE
        WHEN deployments_per_day IS NULL THEN NULL WHEN days_per_week >= 3 THEN 'elite'
        WHEN days_per_week >= 1 THEN 'high' WHEN deployments_per_day * 730 / 24 >= 1 THEN 'medium' ELSE 'low'
    END AS frequency_level,
    changes, lead_time_median_s, lead_time_p90_s,
    CASE
        WHEN lead_time_median_s IS NULL THEN NULL WHEN lead_time_median_s < 86400 THEN 'elite'
        WHEN lead_time_median_s < 604800 THEN 'high' WHEN lead_time_median_s < 2628000 THEN 'medium' ELSE 'low'
    END AS lead_time_level,
    failed, succeeded_then_failed, change_failure_rate,
    CASE
        WHEN change_failure_rate IS NULL THEN NULL WHEN change_failure_rate <= 0.15 THEN 'elite'
        WHEN change_failure_rate < 0.46 THEN 'medium' ELSE 'low'
    END AS change_failure_level,
    restored, restore_median_s, unrestored,
    CASE
        WHEN restore_median_s IS NULL THEN NULL WHEN restore_median_s < 86400 THEN 'elite'
        WHEN restore_median_s < 604800 THEN 'high' WHEN restore_median_s < 2628000 THEN 'medium' ELSE 'low'
    END AS restore_level
FROM rates
ORDER BY week
