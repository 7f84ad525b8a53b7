"""The RDF document of an entity: its facts, the names of what it points to, a page of what points to it.

What SPARQL leaves open (§16.4, DESCRIBE), said: facts are whole; the links in are cut into pages, and the caller says
where the next one is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from territoires.answers import select
from territoires.engine import Engine
from territoires.errors import NotFoundError, Text
from territoires.export import write_triples
from territoires.formats import Format
from territoires.namespaces import BASE, PREFIXES, expand

LINKS_AT_ONCE: Final = 500
"""Links in of one page."""
_DATASET: Final = f"{BASE}dataset"
_WITH_GRAPHS: Final = """
SELECT ?s ?p ?o ?g {
  %(bound)s
  { GRAPH ?g { ?s ?p ?o } } UNION { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?h { ?s ?p ?o } } }
}"""
_FACTS: Final = "VALUES ?s { %s }"
_NAMES: Final = (
    "{ SELECT DISTINCT ?s ?p { %s ?any ?s FILTER(ISIRI(?s)) VALUES ?p { rdfs:label skos:prefLabel foaf:name } } }"
)
_LINKS: Final = "SELECT ?p ?s { ?s ?p %s } LIMIT %d"
_ORDERED_LINKS: Final = "SELECT ?p ?s { ?s ?p %s } ORDER BY ?p ?s LIMIT %d OFFSET %d"
_EACH: Final = "VALUES (?s ?p ?o) { %s }"
_SORTED_HERE: Final = 50_000
"""Up to so many links are sorted here: the engine looks each term up again for each comparison, twenty times slower."""


def statements(engine: Engine, iri: str, page: int = 1) -> tuple[list[ox.Quad], bool]:
    """Return a page of the statements about `iri`, each in its graph, and whether a further page follows.

    The first page holds the facts and the names of what they point to; every page holds links in.

    Raises:
        NotFoundError: if there is no such page.
        ResultTooLargeError: if the facts are past the limit of the engine.
    """
    thing = str(ox.NamedNode(iri))
    links = _links(engine, ox.NamedNode(iri), (page - 1) * LINKS_AT_ONCE)
    if page > 1 and not links:
        raise NotFoundError(Text(f"there is no page {page} here", f"il n'y a pas de page {page} ici"))
    kept = links[:LINKS_AT_ONCE]
    named = [f"({one.subject} {one.predicate} {thing})" for one in kept if isinstance(one.subject, ox.NamedNode)]
    found = [*_quads(engine, _EACH % " ".join(named))] if named else []
    # A query cannot name a blank node to ask which graph states the link.
    found += [ox.Quad(*one) for one in kept if isinstance(one.subject, ox.BlankNode)]
    if page == 1:
        found += [*_quads(engine, _FACTS % thing), *_quads(engine, _NAMES % thing)]
    found += _about_document(engine, iri, found, page)
    return list(dict.fromkeys(found)), len(links) > LINKS_AT_ONCE


def write_quads(quads: Iterable[ox.Quad], format_: Format) -> bytes:
    """Return statements in a format: in their graphs where it has graphs (TriG, N-Quads), else once each."""
    if format_.rdf in {ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS}:
        return ox.serialize(sorted(quads, key=_order), format=format_.rdf, prefixes=PREFIXES) or b""
    return write_triples({quad.triple for quad in quads}, format_)


def document_of(iri: str) -> str:
    """Return the address of the document about `iri`: `…/doc/…` for `…/id/…`; a graph is its own document."""
    return iri.replace("/id/", "/doc/", 1)


def _links(engine: Engine, thing: ox.NamedNode, start: int) -> list[ox.Triple]:
    """Return what points to `thing`, by predicate and subject, from `start` on: one more than a page has."""
    rows = select(engine, _LINKS % (thing, _SORTED_HERE + 1))
    if len(rows) > _SORTED_HERE:
        rows = select(engine, _ORDERED_LINKS % (thing, LINKS_AT_ONCE + 1, start))
        start = 0
    ordered = sorted(rows, key=lambda row: (row["p"].value, row["s"].value))[start : start + LINKS_AT_ONCE + 1]
    return [
        ox.Triple(row["s"], row["p"], thing)
        for row in ordered
        if isinstance(row["p"], ox.NamedNode) and not isinstance(row["s"], ox.Literal)
    ]


def _about_document(engine: Engine, iri: str, quads: list[ox.Quad], page: int) -> Iterator[ox.Quad]:
    """Say what the document is about, the dataset it is part of, its sources and terms (VoID §6.2)."""
    document = ox.NamedNode(document_of(iri) + (f"?page={page}" if page > 1 else ""))
    said: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        ("rdf:type", ox.NamedNode(expand("foaf:Document"))),
        ("foaf:primaryTopic", ox.NamedNode(iri)),
    ]
    graphs = {quad.graph_name for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    said += [("dct:source", graph) for graph in sorted(graphs, key=str)]
    licences = [row["l"] for row in select(engine, f"SELECT ?l {{ <{_DATASET}> dct:license ?l }} ORDER BY ?l")]
    if licences:
        said.append(("void:inDataset", ox.NamedNode(_DATASET)))
    said += [("dct:license", licence) for licence in licences if isinstance(licence, ox.NamedNode)]
    for name, value in said:
        yield ox.Quad(document, ox.NamedNode(expand(name)), value)


def _quads(engine: Engine, bound: str) -> Iterator[ox.Quad]:
    for row in select(engine, _WITH_GRAPHS % {"bound": bound}):
        subject, predicate, graph = row["s"], row["p"], row.get("g")
        if isinstance(predicate, ox.NamedNode) and not isinstance(subject, ox.Literal):
            yield ox.Quad(subject, predicate, row["o"], graph if isinstance(graph, ox.NamedNode) else ox.DefaultGraph())


def _order(quad: ox.Quad) -> tuple[str, str]:
    return str(quad.graph_name), str(quad.triple)
