SELECT
    count(*) AS n, avg(rating) AS mean_rating,
    count_if(rating = 1) AS rating_1, count_if(rating = 2) AS rating_2, count_if(rating = 3) AS rating_3,
    count_if(rating = 4) AS rating_4, count_if(rating = 5) AS rating_5
FROM feedback
WHERE "at" >= $since AND "at" < $until AND rating BETWEEN 1 AND 5
