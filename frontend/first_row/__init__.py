"""The first row of each page: its figures from the data, now and in the previous period; a file per page."""
