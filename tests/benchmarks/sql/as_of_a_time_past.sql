-- An alert that changed since is closed if it was closed by then or if what happened last by then says so, else open.
CREATE TEMP MACRO alerts_then(t) AS TABLE
WITH last_events AS (
    SELECT repo, kind, number, arg_max(action, "at") AS action, max("at") AS "at"
    FROM alert_events
    WHERE "at" < t AND action IN ('fixed', 'dismissed', 'auto_dismissed', 'reopened', 'reopened_by_user')
    GROUP BY repo, kind, number
)
SELECT alerts.* REPLACE (
    CASE
        WHEN updated_at < t OR closed_at < t THEN state
        WHEN action IN ('fixed', 'dismissed', 'auto_dismissed') THEN action
        WHEN closed_at IS NULL AND state IN ('fixed', 'dismissed', 'auto_dismissed') THEN state
        ELSE 'open'
    END AS state,
    CASE
        WHEN closed_at < t THEN closed_at
        WHEN updated_at >= t AND action IN ('fixed', 'dismissed', 'auto_dismissed') THEN last_events."at"
    END AS closed_at
)
FROM alerts LEFT JOIN last_events USING (repo, kind, number)
WHERE created_at < t OR closed_at < t;

-- A run counts with its latest attempt that had begun by then; what ended later was in progress.
CREATE TEMP MACRO runs_then(t) AS TABLE
WITH tried_later AS (
    SELECT run_id FROM workflow_runs
    WHERE created_at >= t - INTERVAL 31 DAY AND created_at < t AND run_attempt > 1 AND run_started_at >= t
), latest AS (
    SELECT run_id, max(run_attempt) AS attempt
    FROM workflow_runs
    WHERE created_at >= t - INTERVAL 31 DAY AND created_at < t AND (run_attempt = 1 OR run_started_at < t)
        AND run_id IN (SELECT run_id FROM tried_later)
    GROUP BY run_id
)
SELECT runs.* REPLACE (
    CASE WHEN completed_at < t THEN conclusion END AS conclusion,
    CASE WHEN completed_at < t THEN duration_s END AS duration_s,
    CASE WHEN completed_at >= t THEN 'in_progress' ELSE status END AS status,
    CASE WHEN completed_at < t THEN completed_at END AS completed_at
)
FROM workflow_runs AS runs LEFT JOIN latest USING (run_id)
WHERE created_at < t AND CASE WHEN attempt IS NULL THEN is_latest_attempt ELSE run_attempt = attempt END;
