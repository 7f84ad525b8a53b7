"""Counts the dataset, by asking the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import pyoxigraph as ox

from territoires.engine import Engine
from territoires.formats import format_named
from territoires.guard import Query, admit
from territoires.namespaces import BASE

CATALOGUE: Final = f"{BASE}graph/catalogue"
_TOTALS: Final = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }"""
_GRAPHS: Final = """
SELECT ?graph (COUNT(*) AS ?triples) { GRAPH ?graph { ?s ?p ?o } FILTER(ISIRI(?graph)) }
GROUP BY ?graph ORDER BY ?graph"""
_CLASSES: Final = """
SELECT ?class (COUNT(DISTINCT ?s) AS ?entities) { ?s a ?class FILTER(ISIRI(?class)) } GROUP BY ?class ORDER BY ?class"""
_PROPERTIES: Final = """
SELECT ?p (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }
GROUP BY ?p ORDER BY ?p"""
_LINKS: Final = f"""
SELECT ?p ?target (COUNT(*) AS ?triples) {{
  VALUES ?p {{
    owl:sameAs schema:sameAs skos:exactMatch skos:closeMatch skos:broadMatch skos:narrowMatch skos:relatedMatch
    rdfs:seeAlso owl:equivalentClass owl:equivalentProperty
  }}
  ?s ?p ?o
  FILTER(ISIRI(?o) && !STRSTARTS(STR(?o), "{BASE}"))
  BIND(REPLACE(STR(?o), "^([A-Za-z]+://[^/#?]+[/#?]?).*$", "$1") AS ?target)
}} GROUP BY ?p ?target ORDER BY ?p ?target"""


class Extent(NamedTuple):
    """How large a set of triples is."""

    triples: int
    subjects: int
    objects: int


class Links(NamedTuple):
    """Links by one predicate to the things of one host."""

    predicate: str
    target: str
    """Scheme and host, with the slash after them."""
    triples: int


@dataclass(frozen=True)
class Statistics:
    """What a catalogue says in numbers, and what the dataset says of itself."""

    extent: Extent
    graphs: Mapping[str, int]
    """Triples of each named graph."""
    classes: Mapping[str, int]
    """Entities of each class."""
    properties: Mapping[str, Extent]
    links: tuple[Links, ...]
    stated: tuple[ox.Triple, ...]
    """Triples of the graph `graph/catalogue`: titles, licences, publishers."""

    def facts(self, subject: str, predicate: ox.NamedNode) -> list[ox.NamedNode | ox.Literal]:
        """Return what the catalogue graph states of `subject` by `predicate`."""
        return self._index.get((subject, predicate.value), [])

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], list[ox.NamedNode | ox.Literal]]:
        index: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
        for triple in self.stated:
            if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal):
                index.setdefault((triple.subject.value, triple.predicate.value), []).append(triple.object)
        return index


def measure(engine: Engine) -> Statistics:
    """Count what `engine` serves.

    Raises:
        QueryError: if the engine cannot answer.
    """
    [totals] = _rows(engine, _TOTALS)
    properties = {name: Extent(*map(int, counts)) for name, *counts in _rows(engine, _PROPERTIES)}
    return Statistics(
        extent=Extent(*map(int, totals)),
        graphs={name: int(count) for name, count in _rows(engine, _GRAPHS)},
        classes={name: int(count) for name, count in _rows(engine, _CLASSES)},
        properties=properties,
        links=tuple(Links(predicate, target, int(count)) for predicate, target, count in _rows(engine, _LINKS)),
        stated=tuple(_graph(engine, CATALOGUE)) if CATALOGUE in engine.graphs else (),
    )


def _rows(engine: Engine, text: str) -> Iterator[list[str]]:
    answer = engine.run(admit(text, prefixes=True), format_named("json"))
    results = ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QuerySolutions):
        for row in results:
            values = [getattr(term, "value", None) for term in row]
            if all(value is not None for value in values):
                yield [str(value) for value in values]


def _graph(engine: Engine, name: str) -> Iterator[ox.Triple]:
    answer = engine.run(graph_query(name), format_named("ntriples"))
    for quad in ox.parse(answer, format=ox.RdfFormat.N_TRIPLES):
        yield quad.triple


def graph_query(name: str | None) -> Query:
    """Return the query for every triple of the named graph `name`, or of the default graph."""
    named = None if name is None else (name,)
    return Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "graph", default_graphs=named)
