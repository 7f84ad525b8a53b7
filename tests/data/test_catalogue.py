"""Every statement is in a graph that the catalogue describes, with who, when, where, under which terms, and how."""

import hashlib
from collections.abc import Callable

import pyoxigraph as ox
import pytest
from tests.conftest import shared

from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, expand

FIELDS = ["dct:title", "dct:publisher", "dct:issued", "dct:modified", "dct:spatial", "dct:temporal", "dct:conformsTo"]
CATALOGUE = ox.NamedNode(f"{BASE}graph/catalogue")
Ask = Callable[[str], list[tuple[str | None, ...]]]


def has(graph: KnowledgeGraph, subject: str, predicate: str) -> bool:
    quads = graph.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(expand(predicate)), None, CATALOGUE)
    return next(quads, None) is not None


@pytest.mark.slow
def test_all_statements_are_in_a_catalogued_graph(graph: KnowledgeGraph, ask: Ask) -> None:
    rows = ask("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    sizes = {name: int(count) for name, count in rows if name and count}
    catalogued = {name for name in sizes if has(graph, name, "rdf:type")}
    share = sum(sizes[name] for name in catalogued) / sum(sizes.values())
    assert share == 1, set(sizes) - catalogued


@pytest.mark.parametrize("field", [*FIELDS, "prov:wasGeneratedBy"])
def test_every_graph_has_each_field(graph: KnowledgeGraph, field: str) -> None:
    assert [name for name in graph.graphs if not has(graph, name, field)] == []


def test_every_graph_has_its_licence_or_rights(graph: KnowledgeGraph) -> None:
    assert [n for n in graph.graphs if not has(graph, n, "dct:license") and not has(graph, n, "dct:rights")] == []


def test_the_catalogue_lists_exactly_the_graphs_there_are(graph: KnowledgeGraph) -> None:
    part = ox.NamedNode(expand("dct:hasPart"))
    listed = graph.store.quads_for_pattern(ox.NamedNode(f"{BASE}dataset"), part, None, CATALOGUE)
    assert sorted(getattr(quad.object, "value", "") for quad in listed) == list(graph.graphs)


def test_the_digests_of_the_inputs_are_those_of_the_tables(ask: Ask) -> None:
    rows = ask("SELECT ?name ?digest { ?input rdfs:label ?name ; spdx:checksum/spdx:checksumValue ?digest }")
    assert len(rows) == 6
    for name, digest in rows:
        content = shared(f"facts/{name}").read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
