"""Reads the body of a write to one graph (SPARQL 1.1 Graph Store HTTP Protocol §5): hostile until it is parsed."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from email.message import Message
from typing import Final

import pyoxigraph as ox

from territoires.errors import BodySyntaxError, NotFoundError, Place, Text, UnsupportedMediaTypeError
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.refusals import at_position
from territoires.settings import Settings, variable
from territoires.updates import complaints

_UTF_8: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
_PLACE: Final = re.compile(r"^Parser error .*?: |\s*\(line \d+\)$")
_DOCTYPE: Final = re.compile(rb"<!doctype", re.IGNORECASE)
_NESTING: Final = {
    ox.RdfFormat.JSON_LD: re.compile(rb'"(?:[^"\\]|\\.)*"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL),
    # Triples within triples are all that the parsers of the other syntaxes recurse into.
    ox.RdfFormat.RDF_XML: re.compile(rb"(?P<open>parseType\s*=\s*[\"']Triple[\"'])"),
    ox.RdfFormat.TURTLE: re.compile(
        rb'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
        rb'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]+>|\#[^\n]*|(?P<open><<)|(?P<close>>>)',
        re.DOTALL,
    ),
}
_REMOTE: Final = "LoadDocumentCallback"
_NAMED: Final = "Named graphs are not allowed"


def read_graph(
    body: bytes, content_type: str | None, graph_iri: str, base_iri: str, settings: Settings | None = None
) -> frozenset[ox.Quad]:
    """Return the triples of a document as quads of the graph `graph_iri`; its blank nodes are new ones.

    Nothing is fetched and no entity is expanded. N-Quads and TriG are read too, where all stands in the default graph.

    Args:
        body: the document, in UTF-8; the caller bounds its length.
        content_type: value of the header that says what it is.
        graph_iri: name of the graph that it is for.
        base_iri: resolves relative IRIs.
        settings: limits; the defaults when left out.

    Raises:
        UnsupportedMediaTypeError: if it is not said what it is, or of a type or charset that is not read.
        BodySyntaxError: if it does not parse, or asks for what a public server does not do; with the place if known.
        QueryTooLargeError: if it holds too many triples.
    """
    limits, body = settings or Settings(), body.removeprefix(BOM_UTF8)
    format_ = _format(content_type)
    assert format_.rdf  # noqa: S101  (of every graph format)
    _ensure_harmless(body, format_.rdf, limits)
    name, quads = ox.NamedNode(graph_iri), set[ox.Quad]()
    try:
        for quad in ox.parse(
            body, format=format_.rdf, base_iri=base_iri, without_named_graphs=True, rename_blank_nodes=True
        ):
            quads.add(ox.Quad(quad.subject, quad.predicate, quad.object, name))
            if len(quads) > limits.max_changed_quads:
                raise complaints.too_many(limits.max_changed_quads)
    except SyntaxError as error:
        raise _unreadable(format_, error) from error
    return frozenset(quads)


def _format(content_type: str | None) -> Format:
    message = Message()
    message["Content-Type"] = content_type or ""
    media_type = (content_type or "").partition(";")[0].strip()
    charset = str(message.get_param("charset", "")).lower()
    if charset not in _UTF_8:
        raise UnsupportedMediaTypeError(
            Text(
                f"a body in the charset {charset} cannot be read",
                f"un corps dans le jeu de caractères {charset} n'est pas lisible",
            ),
            hint=Text("send it in UTF-8", "envoyez-le en UTF-8"),
        )
    try:
        if "/" in media_type:
            return format_named(media_type, GRAPH_FORMATS)
    except NotFoundError:
        pass
    taken = ", ".join(format_.media_type for format_ in GRAPH_FORMATS)
    raise UnsupportedMediaTypeError(
        Text(
            f"a body of type {media_type or '(none)'} cannot be read as a graph",
            f"un corps de type {media_type or '(aucun)'} ne peut être lu comme un graphe",
        ),
        hint=Text(f"say in Content-Type which it is: {taken}", f"dites lequel c'est dans Content-Type : {taken}"),
    )


def _ensure_harmless(body: bytes, format_: ox.RdfFormat, limits: Settings) -> None:
    """Refuse what would make the parser expand entities or overflow its stack."""
    if format_ == ox.RdfFormat.RDF_XML and (match := _DOCTYPE.search(body)):
        raise BodySyntaxError(
            Text(
                "a document type declaration is not read: it may define entities",
                "une déclaration de type de document n'est pas lue : elle peut définir des entités",
            ),
            place=_at(body, match.start()),
            hint=Text(
                "remove <!DOCTYPE …>, and write what its entities stand for",
                "retirez <!DOCTYPE …>, et écrivez ce que ses entités abrègent",
            ),
        )
    scanner = _NESTING.get(format_, _NESTING[ox.RdfFormat.TURTLE])
    depth, deepest = 0, limits.max_query_depth
    if scanner is _NESTING[ox.RdfFormat.TURTLE] and body.count(b"<<") <= deepest:
        return
    for match in scanner.finditer(body):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close")
        if depth > deepest:
            raise BodySyntaxError(
                Text(
                    f"this is nested deeper than {deepest} levels",
                    f"ceci est imbriqué sur plus de {deepest} niveaux",
                ),
                place=_at(body, match.start()),
                hint=Text(
                    f"nest it less, or run your own server with {variable('max_query_depth')} set higher",
                    f"imbriquez moins, ou lancez votre serveur avec {variable('max_query_depth')} plus grand",
                ),
            )


def _at(body: bytes, position: int) -> Place:
    return at_position(body[:position].decode(errors="replace"), position)


def _unreadable(format_: Format, error: SyntaxError) -> BodySyntaxError:
    message = str(error.msg)
    if _REMOTE in message:
        return BodySyntaxError(
            Text(
                "this names a JSON-LD context by its address, and nothing is fetched for a client",
                "ceci nomme un contexte JSON-LD par son adresse, et rien n'est cherché pour un client",
            ),
            hint=Text(
                "put the context itself into the document, under @context, or send expanded JSON-LD",
                "mettez le contexte lui-même dans le document, sous @context, ou envoyez du JSON-LD étendu",
            ),
        )
    if message == _NAMED:
        return BodySyntaxError(
            Text("this holds named graphs, and is for one graph", "ceci porte des graphes nommés, et va à un graphe"),
            hint=Text(
                "send each graph to its own address, or all by an update",
                "envoyez chaque graphe à son adresse, ou le tout par une mise à jour",
            ),
        )
    reason = _PLACE.sub("", message)
    return BodySyntaxError(
        Text(f"this is not {format_.title}: {reason}", f"ceci n'est pas du {format_.title} : {reason}"),
        place=Place(line=error.lineno, column=error.offset) if error.lineno else None,
        hint=Text(
            "mend the statement at this place, or say in Content-Type what it is",
            "corrigez l'énoncé à cet endroit, ou dites dans Content-Type ce que c'est",
        ),
    )
