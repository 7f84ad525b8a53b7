"""What operations share: errors, terms of RDF, the language, headers (OpenAPI 3.1 §4.8.7)."""

from __future__ import annotations

from typing import Any, Final

from territoires.errors import Language, OverloadedError, Text, kinds

LANG: Final = "lang"
PROBLEM: Final = "Problem"
TERM: Final = "Term"

RESPONSES: Final = {
    "304": Text("The client has this answer already (If-None-Match)", "Le client a déjà cette réponse (If-None-Match)"),
    "400": Text(
        "A parameter is unknown, given twice or wrong", "Un paramètre est inconnu, donné deux fois ou incorrect"
    ),
    "404": Text("There is nothing of that name, or no such format", "Rien de ce nom, ou pas de tel format"),
    "406": Text("No format or content coding that is accepted", "Aucun format ou codage accepté"),
    "412": Text("If-Match names another version", "If-Match nomme une autre version"),
    "413": Text("The answer is past a limit of this server", "La réponse dépasse une limite de ce serveur"),
    "500": Text("This server made a mistake", "Ce serveur a fait une erreur"),
    "503": Text("Too much is asked at once; see Retry-After", "Trop de demandes à la fois ; voir Retry-After"),
    "504": Text("The query took too long and was stopped", "La requête a duré trop longtemps et a été arrêtée"),
}
"""What any operation may answer beside what it was asked for."""


def reference(section: str, name: str) -> dict[str, Any]:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


def components(language: Language) -> dict[str, Any]:
    """Return the components of a description."""
    language_of = Text(
        "Language of answers and errors; else Accept-Language",
        "Langue des réponses et des erreurs ; sinon Accept-Language",
    )
    return {
        "schemas": {PROBLEM: _problem(language), TERM: _term()},
        "parameters": {
            LANG: {
                "name": LANG,
                "in": "query",
                "description": language_of.in_(language),
                "schema": {"type": "string", "enum": ["fr", "en"]},
            }
        },
        "headers": {
            "ETag": {
                "description": Text("Tag of this answer (RFC 9110)", "Étiquette de cette réponse (RFC 9110)").in_(
                    language
                ),
                "schema": {"type": "string"},
            },
            "Retry-After": {
                "description": Text("Seconds to wait", "Secondes à attendre").in_(language),
                "schema": {"type": "integer", "const": OverloadedError.retry_after},
            },
        },
        "responses": {status: _response(status, text.in_(language)) for status, text in RESPONSES.items()},
    }


def _response(status: str, description: str) -> dict[str, Any]:
    if status == "304":
        return {"description": description, "headers": {"ETag": reference("headers", "ETag")}}
    schema, text = {"schema": reference("schemas", PROBLEM)}, {"schema": {"type": "string"}}
    content = {"application/problem+json": schema, "text/html": text, "text/plain": text}
    headers = {"Retry-After": reference("headers", "Retry-After")} if status == "503" else {}
    return {"description": description, **({"headers": headers} if headers else {}), "content": content}


def _problem(language: Language) -> dict[str, Any]:
    """Return the schema of an error (RFC 9457 §3)."""
    text, count = {"type": "string"}, {"type": "integer", "minimum": 1}
    codes = sorted({kind.code for kind in kinds()})
    of_code = Text("Stable; `/problems` says what each means", "Stable ; `/problems` dit ce que chacun veut dire")
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "code": {
                "description": of_code.in_(language),
                "anyOf": [{"enum": codes}, {"type": "string", "pattern": "^http-[45][0-9]{2}$"}],
            },
            "hint": text,
            "line": count,
            "column": count,
            "piece": text,
            "suggestions": {"type": "array", "items": {"type": "string", "format": "uri"}},
        },
        "additionalProperties": False,
    }


def _term() -> dict[str, Any]:
    """Return the schema of a term (SPARQL 1.1 Query Results JSON §3.2.2)."""
    return {
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"enum": ["uri", "literal", "bnode"]},
            "value": {"type": "string"},
            "datatype": {"type": "string", "format": "uri"},
            "xml:lang": {"type": "string"},
        },
        "additionalProperties": False,
    }
