WITH times AS (
    SELECT unnest([$until, $week_ago]) AS as_of
), told AS (
    SELECT
        as_of, e.*,
        coalesce(closed_at >= as_of, ticket_status IN ('open', 'in_progress')) AS is_open,
        coalesce(paid_date < as_of, invoice_status = 'paid') AS is_paid,
        CASE WHEN due_date = date_trunc('day', due_date) THEN due_date + INTERVAL 1 DAY ELSE due_date END AS due_by,
        is_paid AND coalesce(CASE WHEN due_by > due_date THEN paid_date >= due_by ELSE paid_date > due_by END, false)
            AS is_late,
        NOT is_paid AND CASE WHEN due_by > due_date THEN as_of >= due_by ELSE as_of > due_by END AS is_due
    FROM activity_events AS e JOIN times ON e.at < as_of
), overall AS (
    SELECT as_of, count(DISTINCT feature_name) FILTER (type = 'feature') AS in_use FROM told GROUP BY as_of
), counted AS (
    SELECT
        as_of, customer_id,
        count_if(type = 'login' AND told.at >= as_of - INTERVAL 30 DAY) AS logins,
        count(DISTINCT feature_name) FILTER (type = 'feature') AS features,
        count_if(type = 'ticket' AND is_open) AS tickets,
        count_if(type = 'invoice') AS invoices,
        count_if(type = 'invoice' AND (is_late OR is_due)) AS bad,
        count_if(type = 'api' AND told.at >= as_of - INTERVAL 30 DAY) AS calls,
        max(told.at) FILTER (type = 'login') AS last_login_at, max(told.at) FILTER (type = 'feature') AS last_feature_at,
        max(told.at) FILTER (type = 'ticket') AS last_ticket_at, max(told.at) FILTER (type = 'invoice') AS last_invoice_at,
        max(told.at) FILTER (type = 'api') AS last_api_at
    FROM told GROUP BY as_of, customer_id
), signals AS (
    SELECT
        as_of, c.*, n.* EXCLUDE (as_of, customer_id),
        least(10 * coalesce(logins, 0), 100) AS signal_logins,
        100 * coalesce(features, 0) / in_use AS signal_adoption,
        greatest(100 - 10 * coalesce(tickets, 0), 0) AS signal_tickets,
        CASE WHEN invoices > 0 THEN 100 * (invoices - bad) / invoices ELSE 100 END AS signal_invoices,
        least(coalesce(calls, 0), 100) AS signal_api
    FROM customers AS c CROSS JOIN overall LEFT JOIN counted AS n USING (as_of, customer_id)
    WHERE c.created_at < as_of
), scored AS (
    SELECT
        *,
        round(0.25 * signal_logins + 0.25 * signal_adoption + 0.2 * signal_tickets + 0.2 * signal_invoices
            + 0.1 * signal_api, 6) AS score,
        CASE WHEN score <= 50 THEN 'at_risk' WHEN score < 70 THEN 'watch' WHEN score < 90 THEN 'good' ELSE 'excellent' END
            AS tier
    FROM signals
)
SELECT
    customer_id, this.name, this.segment, this.owner, this.created_at, this.score, this.tier,
    before.score AS score_7d_ago, coalesce(before.tier, 'unknown') AS tier_7d_ago, this.score - before.score AS change_7d,
    this.last_login_at, this.last_feature_at, this.last_ticket_at, this.last_invoice_at, this.last_api_at,
    this.signal_logins, this.signal_adoption, this.signal_tickets, this.signal_invoices, this.signal_api,
    0.25 * (100 - this.signal_logins) AS lost_logins, 0.25 * (100 - this.signal_adoption) AS lost_adoption,
    0.2 * (100 - this.signal_tickets) AS lost_tickets, 0.2 * (100 - this.signal_invoices) AS lost_invoices,
    0.1 * (100 - this.signal_api) AS lost_api
FROM (SELECT * FROM scored WHERE as_of = $until) AS this
LEFT JOIN (SELECT * FROM scored WHERE as_of = $week_ago) AS before USING (customer_id)
ORDER BY score, customer_id
