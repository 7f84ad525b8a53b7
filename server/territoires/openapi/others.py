"""Operations that are no published query, described by hand: a path and a function that describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from territoires.errors import Language, Text
from territoires.openapi.schemas import LANG, reference


def _health(language: Language) -> dict[str, Any]:
    said = Text("The version of the dataset that is served", "La version du jeu de données servi")
    schema = {
        "type": "object",
        "required": ["status", "version", "graphs"],
        "properties": {
            "status": {"const": "ok"},
            "version": {"type": "string"},
            "graphs": {"type": "integer", "minimum": 0},
        },
    }
    return {
        "get": {
            "operationId": "health",
            "tags": ["server"],
            "summary": said.in_(language),
            "responses": {
                "200": {"description": said.in_(language), "content": {"application/json": {"schema": schema}}},
                "406": reference("responses", "406"),
                "503": reference("responses", "503"),
            },
        }
    }


def _itself(language: Language) -> dict[str, Any]:
    said = Text("This description (OpenAPI 3.1)", "Cette description (OpenAPI 3.1)")
    schema = {"type": "object", "required": ["openapi", "info", "paths"]}
    return {
        "get": {
            "operationId": "openapi",
            "tags": ["server"],
            "summary": said.in_(language),
            "parameters": [reference("parameters", LANG)],
            "responses": {
                "200": {
                    "description": said.in_(language),
                    "headers": {"ETag": reference("headers", "ETag")},
                    "content": {"application/json": {"schema": schema}},
                },
                **{status: reference("responses", status) for status in ("304", "400", "406", "412")},
            },
        }
    }


OTHERS: Final[Mapping[str, Callable[[Language], dict[str, Any]]]] = {"/health": _health, "/openapi.json": _itself}
"""Path -> what describes it (OpenAPI 3.1 §4.8.9)."""
