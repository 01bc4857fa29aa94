"""The API: FastAPI under `/api`."""
