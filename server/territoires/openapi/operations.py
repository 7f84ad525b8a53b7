"""A published query as an operation (OpenAPI 3.1 §4.8.10): parameters and the columns of the answer, with schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from territoires.errors import Language, Text
from territoires.formats import Format, formats_for
from territoires.openapi.schemas import LANG, RESPONSES, TERM, reference
from territoires.parameters import INTEGER, LANGUAGE, LONGEST, MOST, Parameter
from territoires.queries import PublishedQuery

_NAMED = Text("{}: one is named by its key, as {}, or by its IRI", "{} : se nomme par sa clé, comme {}, ou par son IRI")
_ASKED = Text("{}; else that of `lang`", "{} ; sinon celle de `lang`")


def operation(query: PublishedQuery, themes: Mapping[str, Text], language: Language) -> dict[str, Any]:
    """Return the operation that answers `query`, whose theme is a tag where it is one of `themes`."""
    said = {"summary": query.title, "description": query.question}
    other: Language = "en" if language == "fr" else "fr"
    return {
        "operationId": query.name,
        "tags": [query.theme] if query.theme in themes else [],
        **{name: text.in_(language) for name, text in said.items()},
        "x-translations": {other: {name: text.in_(other) for name, text in said.items()}},
        "parameters": [
            _format(query),
            *(_parameter(parameter, language) for parameter in query.parameters),
            reference("parameters", LANG),
        ],
        "responses": {
            "200": _answer(query, language),
            **{status: reference("responses", status) for status in RESPONSES},
        },
    }


def suffixes(query: PublishedQuery) -> tuple[str, ...]:
    """Return the endings of addresses at which `query` is answered, usual ones first."""
    names = [_suffix(format_) for format_ in formats_for(query.kind)]
    return tuple(sorted(names, key=lambda name: name != "csv"))


def value_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the JSON Schema of the values of a parameter; it takes what the server takes, and no more."""
    if parameter.choices:
        schema: dict[str, Any] = {"type": "string", "enum": list(parameter.choices)}
    elif _is_number(parameter):
        schema = {"type": "integer", "minimum": 0, "maximum": MOST}
    else:
        schema = {"type": "string", "pattern": f"^(?:{parameter.pattern})$", "maxLength": LONGEST}
    return schema if parameter.name == LANGUAGE else {**schema, "default": _example(parameter)}


def variables(query: PublishedQuery) -> tuple[str, ...]:
    """Return the columns of the answer to a SELECT, in order; nothing for other forms."""
    found = ox.Store().query(query.text)
    return tuple(variable.value for variable in found.variables) if isinstance(found, ox.QuerySolutions) else ()


def _suffix(format_: Format) -> str:
    return format_.suffix if format_.rdf else format_.name


def _format(query: PublishedQuery) -> dict[str, Any]:
    schema = {"type": "string", "enum": list(suffixes(query))}
    return {"name": "format", "in": "path", "required": True, "schema": schema, "example": suffixes(query)[0]}


def _parameter(parameter: Parameter, language: Language) -> dict[str, Any]:
    label = parameter.label
    if parameter.kinds:
        label = Text(_NAMED.en.format(label.en, parameter.example), _NAMED.fr.format(label.fr, parameter.example))
    elif parameter.name == LANGUAGE:
        label = Text(_ASKED.en.format(label.en), _ASKED.fr.format(label.fr))
    return {
        "name": parameter.name,
        "in": "query",
        "description": label.in_(language),
        "schema": value_schema(parameter),
        "example": _example(parameter),
    }


def _is_number(parameter: Parameter) -> bool:
    return parameter.type == "integer" and parameter.pattern == INTEGER


def _example(parameter: Parameter) -> str | int:
    return int(parameter.default) if _is_number(parameter) else parameter.example


def _answer(query: PublishedQuery, language: Language) -> dict[str, Any]:
    columns = {name: _column(query, name).in_(language) for name in variables(query)}
    schemas = {format_.media_type: {"schema": _schema(query, format_, columns)} for format_ in formats_for(query.kind)}
    return {
        "description": query.title.in_(language),
        "headers": {"ETag": reference("headers", "ETag")},
        "content": schemas,
    }


def _variables(columns: Iterable[str]) -> dict[str, Any]:
    """Return the schema of the names of all columns; generators of clients know no constant list."""
    names = list(columns)
    items = {"type": "string", "enum": names}
    return {"type": "array", "items": items, "minItems": len(names), "maxItems": len(names), "uniqueItems": True}


def _column(query: PublishedQuery, name: str) -> Text:
    """Return what a column holds: as the heading says, or the label of the column whose name stands before `Label`."""
    if name in query.columns:
        return query.columns[name]
    of = query.columns.get(name.removesuffix("Label"))
    return Text(f"{of.en} (name)", f"{of.fr} (nom)") if of else Text(name, name)


def _schema(query: PublishedQuery, format_: Format, columns: Mapping[str, str]) -> dict[str, Any]:
    if format_.name == "jsonld":
        return {"type": ["object", "array"]}
    if format_.name != "json":
        head = ("\t" if format_.name == "tsv" else ",").join(columns)
        table = format_.name in {"csv", "tsv"} and columns
        return {"type": "string", "description": head} if table else {"type": "string"}
    if query.kind == "boolean":
        return {"type": "object", "required": ["head", "boolean"], "properties": {"boolean": {"type": "boolean"}}}
    return _bindings(columns)


def _bindings(columns: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of SPARQL 1.1 Query Results JSON with these columns."""
    row = {
        "type": "object",
        "properties": {name: {**reference("schemas", TERM), "description": text} for name, text in columns.items()},
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["head", "results"],
        "properties": {
            "head": {
                "type": "object",
                "required": ["vars"],
                "properties": {"vars": _variables(columns)},
            },
            "results": {
                "type": "object",
                "required": ["bindings"],
                "properties": {"bindings": {"type": "array", "items": row}},
            },
        },
    }
