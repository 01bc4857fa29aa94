"""Views: one straight script per page, filters -> data -> draw."""
