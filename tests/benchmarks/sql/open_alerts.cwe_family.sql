SELECT
    cwe_family, count(*) AS n, min(created_at) AS oldest_created_at, median(seconds(created_at, $until)) AS median_age_s
FROM alerts_at($until)
WHERE state = 'open'
GROUP BY cwe_family
ORDER BY n DESC, cwe_family
