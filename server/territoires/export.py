"""Writes the graph, one source or one entity as a file; the same graph gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import NotFoundError, Text
from territoires.formats import Format
from territoires.graph import KnowledgeGraph, find_graph
from territoires.namespaces import BASE, PREFIXES


def export(graph: KnowledgeGraph, format_: Format, *, source: str | None = None, entity: str | None = None) -> bytes:
    """Return the union of the graphs, or one of them, or the statements about one entity.

    Formats that hold datasets (TriG, N-Quads, JSON-LD) keep the named graphs; the others hold the union.

    Args:
        graph: the loaded graph.
        format_: one of `GRAPH_FORMATS`.
        source: a named graph: its IRI, its path below the base, or its name such as `anct-2024-07-04`.
        entity: an entity: its IRI or its path below the base, such as `id/territory/2/ti-7614`.

    Raises:
        NotFoundError: if there is no such graph or entity.
    """
    name = None if source is None else find_graph(graph, source)
    subject = None if entity is None else _entity(graph, entity)
    if not format_.holds_dataset:
        if name:
            return write_triples(
                (quad.triple for quad in graph.store.quads_for_pattern(subject, None, None, name)), format_
            )
        return write_triples(graph.triples(subject), format_)
    quads = graph.store.quads_for_pattern(subject, None, None, name)
    kept = sorted((quad for quad in quads if isinstance(quad.graph_name, ox.NamedNode)), key=str)
    return ox.serialize(kept, format=format_.rdf, prefixes=PREFIXES) or b""


def write_triples(triples: Iterable[ox.Triple], format_: Format) -> bytes:
    """Return `triples` sorted, in a format of RDF graphs."""
    if format_.rdf == ox.RdfFormat.TURTLE:
        return turtle.serialize(triples).encode()
    return ox.serialize(sorted(triples, key=str), format=format_.rdf, prefixes=PREFIXES) or b""


def _entity(graph: KnowledgeGraph, name: str) -> ox.NamedNode:
    for candidate in (name, BASE + name, f"{BASE}id/{name}"):
        try:
            subject = ox.NamedNode(candidate)
        except ValueError:
            continue
        if next(iter(graph.store.quads_for_pattern(subject, None, None)), None):
            return subject
    raise NotFoundError(
        Text(f"nothing is said about {name!r}", f"rien n'est dit de {name!r}"),
        hint=Text(
            "give an IRI, or a path such as territory/2/ti-7614",
            "donnez un IRI, ou un chemin tel que territory/2/ti-7614",
        ),
    )
