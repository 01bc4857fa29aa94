WITH refs AS (
    SELECT
        lower(unnest(CASE WHEN len(pulls.alert_refs) > 0 THEN pulls.alert_refs ELSE sessions.alert_refs END)) AS ref,
        pulls.created_at, CASE WHEN pulls.merged_at < $until THEN pulls.merged_at END AS merged_at,
        (pulls.merged_at >= $until OR pulls.merged_at IS NULL)
            AND NOT coalesce(pulls.closed_at < $until OR (pulls.closed_at IS NULL AND pulls.state = 'closed'), false)
            AS pull_request_open,
        false AS session_active, pulls.html_url AS pull_request_url, NULL AS session_url
    FROM pull_requests AS pulls LEFT JOIN agent_sessions AS sessions USING (session_id)
    WHERE pulls.created_at < $until
    UNION ALL
    SELECT
        lower(unnest(alert_refs)), created_at, NULL, false,
        coalesce(ended_at >= $until, status IN ('queued', 'running', 'waiting')), NULL, url
    FROM agent_sessions WHERE created_at < $until
), work AS (
    SELECT
        regexp_replace(ref, '^.*?([\w.-]+/[\w.-]+)/(?:security/)?(code|dependabot|secret)(?:[-_]scanning)?/(?:alerts/)?([0-9]+)/?$',
            '\1/\2/\3') AS ref,
        min(merged_at) AS first_merged_at, max(merged_at) AS last_merged_at,
        bool_or(pull_request_open) AS pull_request_open, bool_or(session_active) AS session_active,
        arg_max(pull_request_url, created_at) AS pull_request_url, arg_max(session_url, created_at) AS session_url
    FROM refs GROUP BY 1
), decisions AS (
    SELECT subject, arg_max(triage, decided_at) AS last FROM triage WHERE decided_at <= $until GROUP BY subject
), reopenings AS (
    SELECT repo, kind, number, max("at") AS reopened_at
    FROM alert_events WHERE action IN ('reopened', 'reopened_by_user') AND "at" < $until GROUP BY ALL
), states AS (
    SELECT
        alerts.*, 'alert:' || repo || '/' || kind || '/' || number AS subject,
        coalesce(reopened_at, created_at) AS open_since,
        CASE WHEN first_merged_at >= open_since THEN first_merged_at
            WHEN last_merged_at >= open_since THEN last_merged_at END AS work_merged_at,
        CASE WHEN alerts.state = 'fixed' THEN coalesce(closed_at, alerts.fixed_at) END AS gone_at,
        CASE WHEN last.expires_at IS NULL OR last.expires_at > $until THEN last END AS held,
        CASE
            WHEN gone_at >= work_merged_at THEN 'verified_fixed'
            WHEN work_merged_at IS NOT NULL THEN 'pr_merged'
            WHEN pull_request_open THEN 'pr_open'
            WHEN session_active THEN 'session_dispatched'
            WHEN gone_at IS NOT NULL THEN 'fixed'
            WHEN (held).decision <> 'reopened' THEN (held).decision
            WHEN alerts.state IN ('dismissed', 'auto_dismissed') AND held IS NULL THEN 'dismissed'
            WHEN open_since > created_at THEN 'recurring'
            ELSE 'new'
        END AS derived, pull_request_url, session_url
    FROM alerts_at($until) AS alerts
    LEFT JOIN reopenings USING (repo, kind, number)
    LEFT JOIN work ON work.ref = CASE WHEN lower(fingerprint) LIKE 'cqlf-%' THEN lower(fingerprint)
        ELSE lower(repo || '/' || replace(kind, '_scanning', '') || '/' || number) END
    LEFT JOIN decisions ON decisions.subject = 'alert:' || repo || '/' || kind || '/' || number
    WHERE alerts.state = 'open' OR closed_at >= $since
)
SELECT
    subject, repo, kind, number, severity, derived AS state, state AS source_state, rule_id, rule_name, cwe_family,
    tool, package, path, created_at, closed_at, close_reason,
    seconds(created_at, coalesce(closed_at, $until)) AS age_s, held.decision AS decision, held.owner AS owner,
    held.reason AS reason, held.decided_at AS decided_at, held.expires_at AS expires_at, pull_request_url, session_url,
    html_url
FROM states
ORDER BY
    derived IN ('verified_fixed', 'fixed', 'false_positive', 'wont_fix', 'risk_accepted', 'dismissed'),
    coalesce(list_position(['critical', 'high', 'medium', 'low', 'unknown'], severity), 9), created_at, subject
LIMIT 2000
