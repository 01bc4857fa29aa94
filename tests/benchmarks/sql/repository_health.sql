WITH times AS (
    SELECT unnest([$until, $week_ago]) AS as_of
), all_alerts AS NOT MATERIALIZED (
    SELECT $until AS as_of, repo, state, severity, created_at, closed_at FROM alerts_at($until)
    UNION ALL
    SELECT $week_ago, repo, state, severity, created_at, closed_at FROM alerts_then($week_ago)
), judged AS (
    SELECT
        *,
        CASE severity
            WHEN 'critical' THEN 48 WHEN 'high' THEN 96 WHEN 'medium' THEN 168 WHEN 'low' THEN 336
        END * 3600 AS limit_s,
        seconds(created_at, closed_at) / limit_s AS ratio
    FROM all_alerts
), alert_facts AS (
    SELECT
        as_of, repo, count(*) AS alerts,
        sum(CASE severity WHEN 'critical' THEN 10 WHEN 'high' THEN 5 WHEN 'medium' THEN 2 ELSE 1 END)
            FILTER (state = 'open') AS points,
        count_if(ratio >= 0 AND ratio <= 1 AND closed_at >= as_of - INTERVAL 90 DAY) AS met,
        count_if(ratio > 1 AND closed_at >= as_of - INTERVAL 90 DAY) AS closed_late,
        count_if(state = 'open' AND seconds(created_at, as_of) > limit_s) AS open_late,
        median(ratio) FILTER (ratio >= 0 AND state = 'fixed' AND closed_at >= as_of - INTERVAL 90 DAY) AS fix_ratio
    FROM judged GROUP BY as_of, repo
), source_facts AS (
    SELECT as_of, repo, count(*) AS sources
    FROM collections JOIN times ON started_at <= as_of OR covered_since IS NULL OR covered_since <= as_of
    WHERE dataset IN ('code_scanning', 'dependabot', 'secret_scanning') AND outcome IN ('ok', 'unchanged')
    GROUP BY as_of, repo
), runs AS NOT MATERIALIZED (
    SELECT $until AS as_of, repo, workflow_id, branch, event, conclusion, completed_at, created_at FROM runs_at($until)
    UNION ALL
    SELECT $week_ago, repo, workflow_id, branch, event, conclusion, completed_at, created_at FROM runs_then($week_ago)
), on_default AS NOT MATERIALIZED (
    SELECT runs.* FROM runs JOIN (SELECT repo, default_branch FROM repositories) USING (repo)
    WHERE branch = default_branch AND event NOT IN ('pull_request', 'pull_request_target')
), run_facts AS (
    SELECT
        as_of, repo, count_if(conclusion = 'success') AS successes,
        count_if(conclusion IN ('failure', 'timed_out', 'startup_failure')) AS failures
    FROM on_default WHERE created_at >= as_of - INTERVAL 30 DAY GROUP BY as_of, repo
), seen AS (
    SELECT as_of, repo, workflow_id, max(created_at) AS last_run_at, max(created_at, 21) AS last_times
    FROM runs GROUP BY as_of, repo, workflow_id
), failing AS (
    SELECT as_of, repo, workflow_id
    FROM on_default GROUP BY as_of, repo, workflow_id
    HAVING arg_max(conclusion, created_at) FILTER (
        conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
    ) <> 'success'
), cadences AS (
    SELECT as_of, repo, workflow_id, median(seconds(older, newer)) AS median_interval_s
    FROM (
        SELECT as_of, repo, workflow_id, unnest(last_times[2:]) AS older, unnest(last_times[:-2]) AS newer
        FROM seen WHERE len(last_times) > 1
    )
    GROUP BY as_of, repo, workflow_id
), workflow_states AS (
    SELECT
        as_of, repo,
        CASE
            WHEN state LIKE 'disabled%' THEN 'inactive'
            WHEN last_run_at IS NULL THEN 'never_run'
            WHEN failing.repo IS NOT NULL THEN 'failing'
            WHEN seconds(last_run_at, as_of) >= 60 * 86400 THEN 'inactive'
            WHEN seconds(last_run_at, as_of) > greatest(3 * median_interval_s, 7 * 86400)
                AND median_interval_s IS NOT NULL THEN 'stale'
            ELSE 'healthy'
        END AS state
    FROM (SELECT as_of, repo, workflow_id, state FROM workflows, times)
    FULL JOIN seen USING (as_of, repo, workflow_id)
    LEFT JOIN failing USING (as_of, repo, workflow_id) LEFT JOIN cadences USING (as_of, repo, workflow_id)
), workflow_facts AS (
    SELECT as_of, repo, count(*) AS workflows, count_if(state IN ('stale', 'inactive')) AS quiet
    FROM workflow_states WHERE state <> 'never_run' GROUP BY as_of, repo
), session_facts AS (
    SELECT as_of, repo, count_if(status = 'finished') AS finished, count_if(status <> 'finished') AS broken
    FROM agent_sessions JOIN times ON coalesce(ended_at, updated_at) < as_of
        AND coalesce(ended_at, updated_at) >= as_of - INTERVAL 30 DAY
    WHERE status IN ('finished', 'failed', 'stopped', 'expired') GROUP BY as_of, repo
), request_facts AS (
    SELECT as_of, repo, count(*) AS requests, count_if(created_at < as_of - INTERVAL 7 DAY) AS waiting
    FROM pull_requests JOIN times ON created_at < as_of
        AND coalesce(coalesce(merged_at, closed_at) >= as_of, state = 'open')
    WHERE session_id IS NOT NULL GROUP BY as_of, repo
), signals AS (
    SELECT
        as_of, repo, org, coalesce(archived, false) AS archived,
        CASE WHEN sources > 0 OR alerts > 0 THEN 3000 / (30 + coalesce(points, 0)) END AS signal_security,
        100 * met / nullif(met + closed_late + open_late, 0) AS signal_sla,
        100 * successes / nullif(successes + failures, 0) AS signal_ci,
        100 * (workflows - quiet) / nullif(workflows, 0) AS signal_freshness,
        CASE WHEN fix_ratio IS NOT NULL THEN greatest(0, least(100, 100 * (2 - fix_ratio) / 1.5)) END AS signal_remediation,
        coalesce(finished, 0) + coalesce(broken, 0) + coalesce(requests, 0) AS agents,
        100 * (agents - coalesce(broken, 0) - coalesce(waiting, 0)) / nullif(agents, 0) AS signal_flow
    FROM (SELECT * FROM repositories, times WHERE created_at IS NULL OR created_at < as_of)
    LEFT JOIN alert_facts USING (as_of, repo) LEFT JOIN source_facts USING (as_of, repo)
    LEFT JOIN run_facts USING (as_of, repo) LEFT JOIN workflow_facts USING (as_of, repo)
    LEFT JOIN session_facts USING (as_of, repo) LEFT JOIN request_facts USING (as_of, repo)
), long AS (
    UNPIVOT signals ON
        signal_security AS security, signal_sla AS sla, signal_ci AS ci, signal_freshness AS freshness,
        signal_remediation AS remediation, signal_flow AS flow
    INTO NAME signal VALUE value
), weighted AS (
    SELECT
        *, CASE signal WHEN 'security' THEN 0.3 WHEN 'sla' THEN 0.2 WHEN 'ci' THEN 0.2 ELSE 0.1 END AS weight,
        weight / sum(weight) OVER (PARTITION BY as_of, repo) AS share
    FROM long
), scores AS (
    SELECT
        as_of, repo, round(sum(share * value), 6) AS score, 6 - count(*) AS unknown,
        arg_max(signal, share * (100 - value)) FILTER (value < 100) AS worst_signal,
        map_from_entries(list((signal, share))) AS shares
    FROM weighted GROUP BY as_of, repo
), tiered AS (
    SELECT
        signals.*, score, coalesce(unknown, 6) AS unknown, worst_signal, shares,
        CASE
            WHEN score IS NULL THEN 'unknown' WHEN score <= 50 THEN 'at_risk' WHEN score < 70 THEN 'watch'
            WHEN score < 90 THEN 'good' ELSE 'excellent'
        END AS tier
    FROM signals LEFT JOIN scores USING (as_of, repo)
)
SELECT
    this.org, repo, this.archived, this.score, this.tier, before.score AS score_7d_ago,
    coalesce(before.tier, 'unknown') AS tier_7d_ago, this.score - before.score AS change_7d, this.unknown,
    this.worst_signal,
    this.shares['security'] * (100 - this.signal_security) AS lost_security,
    this.shares['sla'] * (100 - this.signal_sla) AS lost_sla, this.shares['ci'] * (100 - this.signal_ci) AS lost_ci,
    this.shares['freshness'] * (100 - this.signal_freshness) AS lost_freshness,
    this.shares['remediation'] * (100 - this.signal_remediation) AS lost_remediation,
    this.shares['flow'] * (100 - this.signal_flow) AS lost_flow,
    this.signal_security, this.signal_sla, this.signal_ci, this.signal_freshness, this.signal_remediation,
    this.signal_flow
FROM (SELECT * FROM tiered WHERE as_of = $until) AS this
LEFT JOIN (SELECT * FROM tiered WHERE as_of = $week_ago) AS before USING (repo)
ORDER BY this.score NULLS LAST, repo
