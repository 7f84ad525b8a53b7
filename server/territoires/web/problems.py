"""One error shape: RFC 9457 problem+json, with a page and a plain text twin."""

from __future__ import annotations

from typing import Any, Final

import pyoxigraph as ox
from flask import Flask, Response, json, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from territoires.errors import (
    InvalidDataError,
    Language,
    NotFoundError,
    OverloadedError,
    TerritoiresError,
    Text,
    TooManyFailuresError,
    UnauthorizedError,
)
from territoires.formats import GRAPH_FORMATS, Format
from territoires.namespaces import BASE, PREFIXES
from territoires.negotiation import choose, media_types
from territoires.web.observing import note_problem
from territoires.web.site import page_language

_OFFERED: Final = (
    ("application/problem+json", "json"),
    ("application/json", "json"),
    ("text/html", "html"),
    ("text/plain", "text"),
)

HTTP: Final[dict[int, tuple[Text, Text]]] = {
    404: (
        Text("Not found", "Introuvable"),
        Text("there is nothing at this address", "il n'y a rien à cette adresse"),
    ),
    405: (
        Text("Method not allowed", "Méthode non permise"),
        Text(
            "this address does not take this method; see the Allow header",
            "cette adresse n'accepte pas cette méthode ; voir Allow",
        ),
    ),
    411: (
        Text("Length required", "Longueur nécessaire"),
        Text(
            "a change is sent with its Content-Length, for one that breaks off must not be taken for a whole one",
            "une modification s'envoie avec Content-Length : un envoi interrompu ne doit pas passer pour complet",
        ),
    ),
    413: (
        Text("Request too large", "Requête HTTP trop grande"),
        Text("the body is larger than this server reads", "le corps dépasse ce que ce serveur lit"),
    ),
    501: (
        Text("Not implemented", "Non pris en charge"),
        Text(
            "this server reads no transfer coding but chunked",
            "ce serveur ne lit aucun codage de transfert sauf chunked",
        ),
    ),
    500: (
        Text("Internal error", "Erreur interne"),
        Text("this server made a mistake; it has been logged", "ce serveur a fait une erreur ; elle est consignée"),
    ),
}


def register(app: Flask) -> None:
    """Make `app` answer every error in the one shape."""
    app.register_error_handler(TerritoiresError, _ours)
    app.register_error_handler(HTTPException, _http)


def _ours(error: TerritoiresError) -> Response:
    if isinstance(error, InvalidDataError) and error.report and (format_ := _wanted_report()):
        return _report(error, format_)
    response = _respond(error.status, error.code, error.title, error.detail, error)
    if isinstance(error, UnauthorizedError):
        response.headers["WWW-Authenticate"] = error.challenge
    if isinstance(error, OverloadedError | TooManyFailuresError):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _wanted_report() -> Format | None:
    """Return the RDF format in which the client wants a validation report rather than a problem."""
    header = request.headers.get("Accept")
    return choose(header, [*((name, None) for name, _ in _OFFERED), *media_types(GRAPH_FORMATS, header)])


def _report(error: InvalidDataError, format_: Format) -> Response:
    """Return the W3C validation report (SHACL §3.6)."""
    note_problem(error.code)
    triples = ox.parse(error.report, format=ox.RdfFormat.N_TRIPLES)
    body = ox.serialize((quad.triple for quad in triples), format=format_.rdf, prefixes=PREFIXES)
    response = Response(body, error.status, content_type=format_.content_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _violations(error: InvalidDataError, language: Language) -> list[dict[str, str | None]]:
    return [{**one._asdict(), "message": one.message.in_(language)} for one in error.violations]


def _http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, TerritoiresError):
        return _ours(error.original_exception)
    status = error.code or 500
    name = Text(error.name, error.name)
    title, detail = HTTP.get(status, (name, Text(error.description or error.name, error.description or error.name)))
    response = _respond(status, f"http-{status}", title, detail)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _respond(status: int, code: str, title: Text, detail: Text, error: TerritoiresError | None = None) -> Response:
    note_problem(code)
    form = choose(request.headers.get("Accept"), _OFFERED) or "json"
    language = page_language("fr" if form == "html" else "en")
    hint, place = (error.hint, error.place) if error else (None, None)
    near = error.suggestions if isinstance(error, NotFoundError) else ()
    problem: dict[str, Any] = {
        "type": f"{BASE}problems#{code}",
        "title": title.in_(language),
        "status": status,
        "detail": detail.in_(language),
        "code": code,
        "hint": hint and hint.in_(language),
        "line": place and place.line,
        "column": place and place.column,
        "piece": place and place.piece,
        "violations": _violations(error, language) or None if isinstance(error, InvalidDataError) else None,
        "suggestions": [f"{request.url_root}{path}" for path in near] or None,
    }
    problem = {key: value for key, value in problem.items() if value is not None}
    if form == "html":
        response = Response(render_template("problem.html", problem=problem), status)
    elif form == "text":
        lines = [f"{problem['title']} ({status})", problem["detail"], problem.get("hint", "")]
        if place and place.line and place.column:
            lines.insert(
                1,
                f"line {place.line}, column {place.column}"
                if language == "en"
                else f"ligne {place.line}, colonne {place.column}",
            )
        response = Response(
            "\n".join(line for line in lines if line) + "\n", status, content_type="text/plain; charset=utf-8"
        )
    else:
        response = Response(json.dumps(problem, ensure_ascii=False), status, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response
