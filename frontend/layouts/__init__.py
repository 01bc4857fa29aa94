"""Layouts: which columns each table shows, in which order, with units in their headers; a file per page."""
