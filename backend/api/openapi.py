"""OpenAPI of routes that FastAPI does not see: they are plain, since every microsecond of them counts."""

from typing import Any

from fastapi import FastAPI

from backend.ingest.webhooks import EVENTS

_TEXT = {"type": "string"}
_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}}},
}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _header(name: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": _TEXT}


PATHS: dict[str, Any] = {
    "/api/webhooks/github": {
        "post": {
            "tags": ["webhooks"],
            "summary": "Takes a delivery of GitHub",
            "description": "Becomes rows within seconds: " + ", ".join(EVENTS) + ". Other events are counted alone.",
            "operationId": "github_webhook",
            "parameters": [
                _header("X-GitHub-Event"),
                _header("X-GitHub-Delivery", required=False),
                _header("X-Hub-Signature-256"),
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {
                "202": {
                    "description": "It is durable, or has no effect",
                    "headers": {
                        "X-Fettle-Delivery": {
                            "schema": {"enum": ["accepted", "duplicate", "replay", "unknown", "pong"], **_TEXT}
                        }
                    },
                },
                "401": _answer("The signature is not by the secret", _ERROR),
                "403": _answer("The address is not one that delivers", _ERROR),
                "408": _answer("The body did not come in time", _ERROR),
                "413": _answer("The body is too large", _ERROR),
                "503": _answer("It cannot be stored now, or no secret is set", _ERROR),
            },
        }
    },
    "/api/graphql": {
        "post": {
            "tags": ["graphql"],
            "summary": "Answers a question in GraphQL",
            "description": "Alerts and overviews by GCSMTTR's names, and more; a page to try it is there by GET.",
            "operationId": "graphql",
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["query"],
                            "properties": {"query": _TEXT, "operationName": _TEXT, "variables": {"type": "object"}},
                        },
                        "example": {"query": "{ getAlerts(limit: 5) { data { id severity } nextToken } }"},
                    }
                },
            },
            "responses": {
                "200": _answer("The answer, or errors that say what is wrong with the question", {"type": "object"}),
                "400": _answer("The body is no question", _ERROR),
                "401": _answer("No key, or one that is not known", _ERROR),
                "413": _answer("The body is too large", _ERROR),
                "429": _answer("Too many requests", _ERROR),
            },
        }
    },
}


def describe_routes(app: FastAPI) -> None:
    """Adds PATHS to the application's OpenAPI."""
    ours = app.openapi

    def openapi() -> dict[str, Any]:
        schema = ours()
        schema["paths"] = {**schema["paths"], **PATHS}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
