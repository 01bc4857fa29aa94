SELECT repo AS name, html_url AS value FROM repositories WHERE html_url IS NOT NULL
