SELECT
    feedback."at", rating, comment, feedback."user", request_id, requests.model, requests.endpoint, requests.service
FROM feedback LEFT JOIN requests USING (request_id)
WHERE feedback."at" >= $since AND feedback."at" < $until
ORDER BY feedback."at" DESC, request_id, feedback."user"
