"""Writes the graph, one source or one entity as a file; the same graph gives the same bytes.

Statements are written in the order of their graphs and subjects, one subject in memory at a time.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pyoxigraph as ox

from territoires import turtle
from territoires.errors import NotFoundError, Text
from territoires.formats import Format
from territoires.graph import DefaultGraphs, KnowledgeGraph, find_graph
from territoires.jsonld import load_context
from territoires.jsonld_stream import write_dataset
from territoires.namespaces import BASE, PREFIXES


def export(graph: KnowledgeGraph, format_: Format, *, source: str | None = None, entity: str | None = None) -> bytes:
    """Return what `export_to` writes."""
    content = io.BytesIO()
    export_to(content, graph, format_, source=source, entity=entity)
    return content.getvalue()


def export_to(
    file: BinaryIO, graph: KnowledgeGraph, format_: Format, *, source: str | None = None, entity: str | None = None
) -> None:
    """Write the union of the graphs, or one of them, or the statements about one entity.

    Formats that hold datasets (TriG, N-Quads, JSON-LD) keep the named graphs; the others hold the union.

    Args:
        file: where to write, from its current position.
        graph: the loaded graph.
        format_: one of `GRAPH_FORMATS`.
        source: a named graph: its IRI, its path below the base, or its name such as `anct-2024-07-04`.
        entity: an entity: its IRI or its path below the base, such as `id/territory/2/ti-7614`.

    Raises:
        NotFoundError: if there is no such graph or entity.
    """
    name = None if source is None else find_graph(graph, source)
    subject = None if entity is None else _entity(graph, entity)
    if format_.holds_dataset:
        quads = _quads(graph, [name] if name else [ox.NamedNode(iri) for iri in graph.graphs], subject)
        if format_.rdf == ox.RdfFormat.JSON_LD:
            file.writelines(write_dataset(quads, load_context(graph.root)))
        else:
            ox.serialize(quads, output=file, format=format_.rdf, prefixes=PREFIXES)
    elif format_.rdf == ox.RdfFormat.TURTLE:
        turtle.write(file, _triples(graph, name, subject))
    else:
        ox.serialize(_triples(graph, name, subject), output=file, format=format_.rdf, prefixes=PREFIXES)


def _quads(graph: KnowledgeGraph, names: list[ox.NamedNode], subject: ox.NamedNode | None) -> Iterator[ox.Quad]:
    """Yield the statements of named graphs, or those about `subject`, by graph and subject."""
    for name in names:
        for triple in _sorted(graph.store, (name,), subject):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, name)


def _triples(graph: KnowledgeGraph, name: ox.NamedNode | None, subject: ox.NamedNode | None) -> Iterator[ox.Triple]:
    """Yield the statements of one named graph, else of the merge of all, or those about `subject`, by subject."""
    return _sorted(graph.store, (name,) if name else graph.default_graphs, subject)


def _sorted(store: ox.Store, graphs: DefaultGraphs, subject: ox.NamedNode | None) -> Iterator[ox.Triple]:
    subjects = (
        [subject]
        if subject
        else sorted(
            {quad.subject for graph in graphs for quad in store.quads_for_pattern(None, None, None, graph)},
            key=turtle.subject_key,
        )
    )
    for one in subjects:
        about = (quad.triple for graph in graphs for quad in store.quads_for_pattern(one, None, None, graph))
        yield from sorted(about, key=str)


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
