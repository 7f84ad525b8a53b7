"""Reads the body of a request that is a graph (Graph Store HTTP Protocol §5), from a stranger."""

from __future__ import annotations

import json
import re
from email.message import Message
from typing import Final

import pyoxigraph as ox

from territoires.errors import Place, RequestError, Text, TurtleError, UnsupportedMediaTypeError
from territoires.formats import GRAPH_FORMATS
from territoires.settings import Settings

_ALSO: Final = {
    "application/x-turtle": "text/turtle",
    "text/plain": "application/n-triples",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
}
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii"})
_DEEPEST: Final = 100
"""Levels of a JSON document."""
_POSITION: Final = re.compile(r"line (\d+) column (\d+)")


def read_graph(
    body: bytes, content_type: str, graph: str, base_iri: str | None, settings: Settings
) -> frozenset[ox.Quad]:
    """Return the triples of a body, in the named graph `graph`; its blank nodes are new ones.

    Args:
        body: a document.
        content_type: value of `Content-Type`.
        graph: IRI of the graph that it is for.
        base_iri: what relative IRIs in it are resolved by.
        settings: limits.

    Raises:
        UnsupportedMediaTypeError: for a type that is not read here, or another coding than UTF-8.
        RequestError: for what a document from a stranger may not hold: a document type, a remote context.
        TurtleError: if it does not parse, with line and column.
    """
    format_ = _format(content_type)
    if len(body) > settings.max_change_bytes:
        raise RequestError(Text("the document is too large", "le document est trop grand"))
    if format_ == ox.RdfFormat.RDF_XML:
        _refuse_entities(body)
    elif format_ == ox.RdfFormat.JSON_LD:
        _refuse_remote_contexts(body)
    name = ox.NamedNode(graph)
    try:
        quads = [*ox.parse(body, format=format_, base_iri=base_iri, rename_blank_nodes=True)]
    except SyntaxError as error:
        raise _broken(format_, error) from error
    if any(quad.graph_name != ox.DefaultGraph() for quad in quads):
        raise RequestError(
            Text("the document names graphs of its own", "le document nomme ses propres graphes"),
            hint=Text("send each graph to its own address", "envoyez chaque graphe à sa propre adresse"),
        )
    return frozenset(ox.Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads)


def _format(content_type: str) -> ox.RdfFormat:
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    media_type = header.get_content_type()
    charset = str(header.get_param("charset", "utf-8")).lower()
    known = {format_.media_type: format_.rdf for format_ in GRAPH_FORMATS if format_.rdf}
    format_ = known.get(_ALSO.get(media_type, media_type)) if content_type else None
    if format_ is None or charset not in _CHARSETS:
        raise UnsupportedMediaTypeError(
            Text(
                f"a graph is not read from {content_type or '(no Content-Type)'}",
                f"un graphe n'est pas lu depuis {content_type or '(sans Content-Type)'}",
            ),
            hint=Text(f"send, as UTF-8, one of: {', '.join(known)}", f"envoyez, en UTF-8 : {', '.join(known)}"),
        )
    return format_


def _refuse_entities(body: bytes) -> None:
    """Refuse a document type: entities grow, and reach outside."""
    if b"<!DOCTYPE" in body or b"\0" in body:
        raise RequestError(
            Text("a document type or another coding than UTF-8", "un type de document, ou un autre codage que l'UTF-8"),
            hint=Text("send RDF/XML in UTF-8 without <!DOCTYPE>", "envoyez du RDF/XML en UTF-8 sans <!DOCTYPE>"),
        )


def _refuse_remote_contexts(body: bytes) -> None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        place = Place(line=error.lineno, column=error.colno) if isinstance(error, json.JSONDecodeError) else None
        raise TurtleError(
            Text("this is not JSON", "ceci n'est pas du JSON"),
            place=place,
            hint=Text("mend the document at this place", "corrigez le document à cet endroit"),
        ) from error
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                _check_context(node.get("@context"))
                if "@import" in node:
                    raise _remote(str(node["@import"]))
            below += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        level = below
    if level:
        raise RequestError(Text(f"more than {_DEEPEST} levels of JSON", f"plus de {_DEEPEST} niveaux de JSON"))


def _check_context(context: object) -> None:
    for one in context if isinstance(context, list) else [context]:
        if isinstance(one, str):
            raise _remote(one)


def _remote(name: str) -> RequestError:
    return RequestError(
        Text(f"the context {name} would have to be fetched", f"il faudrait aller chercher le contexte {name}"),
        hint=Text("write the context into the document", "écrivez le contexte dans le document"),
    )


def _broken(format_: ox.RdfFormat, error: SyntaxError) -> TurtleError:
    line, column = error.lineno, error.offset
    if line is None and (found := _POSITION.search(str(error))):
        line, column = int(found[1]), int(found[2])
    return TurtleError(
        Text(f"this is not {format_.name}: {error.msg}", f"ceci n'est pas du {format_.name} : {error.msg}"),
        place=Place(line=line, column=column),
        hint=Text("mend the document at this place", "corrigez le document à cet endroit"),
    )
