SELECT
    day, median(score) AS median_score, count(score) AS n,
    count_if(tier = 'at_risk') AS at_risk, count_if(tier = 'watch') AS watch, count_if(tier = 'good') AS good,
    count_if(tier = 'excellent') AS excellent, count_if(tier = 'unknown') AS unknown
FROM health_history
WHERE subject LIKE 'customer:%' AND day < $until AND day > $since - INTERVAL 1 DAY
GROUP BY day
ORDER BY day
