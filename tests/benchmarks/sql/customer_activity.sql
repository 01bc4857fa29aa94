SELECT
    date_trunc($every, e.at) AS period_start,
    count_if(type = 'login') AS login, count_if(type = 'feature') AS feature, count_if(type = 'ticket') AS ticket,
    count_if(type = 'invoice') AS invoice, count_if(type = 'api') AS api, count(*) AS n
FROM activity_events AS e SEMI JOIN customers USING (customer_id)
WHERE e.at >= $since AND e.at < $until
GROUP BY 1
ORDER BY 1
