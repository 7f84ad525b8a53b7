"""The SPARQL endpoint (SPARQL 1.1 Protocol §2.1, query operation)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from territoires.errors import QueryError, QueryRefusedError, RequestError, Text, UnsupportedMediaTypeError
from territoires.formats import GRAPH_FORMATS, format_named, formats_for
from territoires.guard import admit
from territoires.negotiation import choose, choose_format, media_types
from territoires.web.arguments import check_codings, check_iri, decoded, pairs_in, refuse_unknown
from territoires.web.delivery import deliver_rdf, opened
from territoires.web.descriptions import described, wants_page
from territoires.web.editor import Asked, page
from territoires.web.observing import note_problem, note_query
from territoires.web.site import site

blueprint = Blueprint("sparql", __name__)

_FORMAT: Final = ("format", "output", "results")
"""Names by which clients ask for a format; SPARQLWrapper sends all three."""
_PARAMETERS: Final = frozenset({"query", "default-graph-uri", "named-graph-uri", "lang", "view", *_FORMAT})


@dataclass(frozen=True, slots=True)
class _Request:
    """What the protocol's parameters say, whichever of the three ways they came."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None


@blueprint.get("/sparql")
@blueprint.post("/sparql")
def endpoint() -> Response:
    """Answer a query; without one, describe the service to programs and show the form to browsers."""
    asked = _read_request()
    if asked.query is None:
        return _without_query(asked)
    note_query(asked.query)
    try:
        return _answer(asked, asked.query)
    except QueryError as error:
        note_problem(error.code)
        if asked.format is None and wants_page(()):
            return page(Asked(asked.query), error)
        raise


def _answer(asked: _Request, text: str) -> Response:
    query = dataclasses.replace(admit(text, site().settings), base_iri=request.base_url)
    if asked.default_graphs or asked.named_graphs:
        query = dataclasses.replace(query, default_graphs=asked.default_graphs, named_graphs=asked.named_graphs)
    offered = formats_for(query.kind)
    if asked.format is None and wants_page(offered):
        return page(Asked(text, query))
    format_ = format_named(asked.format, offered) if asked.format else choose_format(_accept(), offered)
    key = (query.text, query.default_graphs, query.named_graphs, query.base_iri)
    return deliver_rdf(lambda wanted: opened(query, wanted), format_, key=key, volatile=query.volatile)


def _without_query(asked: _Request) -> Response:
    """Answer GET without a query: the form, or the service description (SPARQL 1.1 Service Description §2)."""
    if asked.format is None and wants_page(GRAPH_FORMATS):
        return page(Asked())
    return described(site().catalogue.service_description, request.base_url, asked.format)


def _read_request() -> _Request:
    pairs = pairs_in(request.query_string)
    text: str | None = None
    if request.method == "POST":
        body = request.get_data()
        check_codings()
        match request.mimetype:
            case "application/x-www-form-urlencoded":
                pairs += pairs_in(body)
            case "application/sparql-query":
                text = decoded(body)
            case "application/sparql-update":
                raise _no_updates()
            case other:
                raise UnsupportedMediaTypeError(
                    Text(
                        f"a body of type {other or '(none)'} cannot be read",
                        f"un corps de type {other or '(aucun)'} n'est pas lisible",
                    ),
                    hint=Text(
                        "send application/sparql-query or application/x-www-form-urlencoded",
                        "envoyez application/sparql-query ou application/x-www-form-urlencoded",
                    ),
                )
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if text is not None:
        values.setdefault("query", []).append(text)
    return _check(values)


def _check(values: Mapping[str, list[str]]) -> _Request:
    if "update" in values and "query" not in values:
        raise _no_updates()
    refuse_unknown(values, _PARAMETERS)
    for name in ("query", *_FORMAT):
        if len(values.get(name, [])) > 1:
            raise _bad(
                Text(f"{name} is given twice", f"{name} est donné deux fois"),
                Text("send it once", "donnez-le une fois"),
            )
    formats = {values[name][0].lower() for name in _FORMAT if name in values}
    if len(formats) > 1:
        raise _bad(
            Text("two formats are asked for", "deux formats sont demandés"),
            Text(
                f"{', '.join(_FORMAT)} mean the same: send one",
                f"{', '.join(_FORMAT)} sont synonymes : n'en envoyez qu'un",
            ),
        )
    query = values.get("query", [None])[0]
    if query is None and not _may_lack_query(values):
        raise _bad(
            Text("the parameter query is missing", "le paramètre query manque"),
            Text(
                "add ?query= with a SPARQL query, or POST one",
                "ajoutez ?query= avec une requête SPARQL, ou envoyez-la en POST",
            ),
        )
    graphs = {name: tuple(values.get(name, ())) for name in ("default-graph-uri", "named-graph-uri")}
    for name, iris in graphs.items():
        for iri in iris:
            check_iri(name, iri)
    format_ = next((values[name][0] for name in _FORMAT if name in values), None)
    return _Request(query, graphs["default-graph-uri"], graphs["named-graph-uri"], format_)


def _may_lack_query(values: Mapping[str, list[str]]) -> bool:
    """Return whether the request is for the service itself, not for an answer."""
    if request.method == "POST" or values.keys() - {"format", "lang"}:
        return False
    return "format" in values or wants_page(()) or choose(_accept(), media_types(GRAPH_FORMATS, _accept())) is not None


def _no_updates() -> QueryRefusedError:
    return QueryRefusedError(
        Text("this endpoint takes no updates", "ce point d'accès n'accepte pas de mise à jour"),
        hint=Text("send a query", "envoyez une requête"),
    )


def _bad(detail: Text, hint: Text) -> RequestError:
    return RequestError(detail, hint=hint)


def _accept() -> str | None:
    return request.headers.get("Accept")
