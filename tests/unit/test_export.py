"""Exports hold exactly what was asked for, and the same graph gives the same bytes."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.unit.conftest import MakeRoot

from territoires.errors import NotFoundError
from territoires.export import export, export_to
from territoires.formats import GRAPH_FORMATS, Format, format_named
from territoires.graph import KnowledgeGraph, load
from territoires.namespaces import BASE
from territoires.root import Root

ONE = '<id/a> <def#p> "both" , "é\\"\\n"@fr .\n<id/b> <def#q> <id/a> .\n'
TWO = '<id/a> <def#p> "both" , 1.50 .\n<id/c> <def#q> <id/a> .\n'
DATASETS = [format_ for format_ in GRAPH_FORMATS if format_.name in {"trig", "nquads", "jsonld"}]
TRIPLES = [format_ for format_ in GRAPH_FORMATS if format_ not in DATASETS]


def iri(path: str) -> ox.NamedNode:
    return ox.NamedNode(BASE + path)


P, Q = iri("def#p"), iri("def#q")
BOTH = ox.Triple(iri("id/a"), P, ox.Literal("both"))
FRENCH = ox.Triple(iri("id/a"), P, ox.Literal('é"\n', language="fr"))
LINK_B, LINK_C = ox.Triple(iri("id/b"), Q, iri("id/a")), ox.Triple(iri("id/c"), Q, iri("id/a"))


@pytest.fixture
def graph(make_root: MakeRoot) -> KnowledgeGraph:
    return load(make_root({"data/one.ttl": ONE, "data/facts/two.ttl": TWO}))


def quads(content: bytes, format_: Format) -> set[ox.Quad]:
    return set(ox.parse(content, format=format_.rdf))


def triples(content: bytes, format_: Format) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(content, format=format_.rdf)]


def number(graph: KnowledgeGraph) -> ox.Triple:
    """Return the statement of a decimal, whose digits the store may normalise."""
    (triple,) = (triple for triple in graph.triples(iri("id/a")) if triple.object not in {BOTH.object, FRENCH.object})
    assert isinstance(triple.object, ox.Literal)
    assert float(triple.object.value) == 1.5
    return triple


@pytest.mark.parametrize("format_", TRIPLES, ids=lambda format_: format_.name)
def test_the_union_holds_each_triple_once(graph: KnowledgeGraph, format_: Format) -> None:
    written = triples(export(graph, format_), format_)
    assert len(written) == 5
    assert set(written) == {BOTH, FRENCH, number(graph), LINK_B, LINK_C}


@pytest.mark.parametrize("format_", DATASETS, ids=lambda format_: format_.name)
def test_formats_for_datasets_keep_the_named_graphs(graph: KnowledgeGraph, format_: Format) -> None:
    one, two = iri("graph/one"), iri("graph/facts/two")
    assert quads(export(graph, format_), format_) == {
        *(ox.Quad(t.subject, t.predicate, t.object, one) for t in (BOTH, FRENCH, LINK_B)),
        *(ox.Quad(t.subject, t.predicate, t.object, two) for t in (BOTH, number(graph), LINK_C)),
    }


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
@pytest.mark.parametrize("source", ["one", "graph/one", f"{BASE}graph/one"])
def test_one_source_holds_its_own_statements(graph: KnowledgeGraph, source: str, format_: Format) -> None:
    written = quads(export(graph, format_, source=source), format_)
    assert {quad.triple for quad in written} == {BOTH, FRENCH, LINK_B}
    named = iri("graph/one") if format_ in DATASETS else ox.DefaultGraph()
    assert {quad.graph_name for quad in written} == {named}


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
@pytest.mark.parametrize("entity", ["a", "id/a", f"{BASE}id/a"])
def test_one_entity_holds_what_is_said_of_it(graph: KnowledgeGraph, entity: str, format_: Format) -> None:
    written = quads(export(graph, format_, entity=entity), format_)
    assert {quad.triple for quad in written} == {BOTH, FRENCH, number(graph)}
    assert len({quad.graph_name for quad in written}) == (2 if format_ in DATASETS else 1)


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_an_entity_of_a_source_holds_what_that_source_says_of_it(graph: KnowledgeGraph, format_: Format) -> None:
    assert set(triples(export(graph, format_, source="one", entity="a"), format_)) == {BOTH, FRENCH}
    assert triples(export(graph, format_, source="one", entity="c"), format_) == []


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_the_same_statements_give_the_same_bytes(make_root: MakeRoot, graph: KnowledgeGraph, format_: Format) -> None:
    before = export(graph, format_)
    assert export(graph, format_) == before
    reversed_lines = {
        "data/one.ttl": "".join(reversed(ONE.splitlines(keepends=True))),
        "data/facts/two.ttl": "".join(reversed(TWO.splitlines(keepends=True))),
    }
    assert export(load(make_root(reversed_lines)), format_) == before


def test_turtle_is_that_of_the_project_s_files(graph: KnowledgeGraph) -> None:
    assert export(graph, format_named("turtle"), entity="b").decode() == (
        f"@base <{BASE}> .\n@prefix ti: <{BASE}def#> .\n\n<id/b>\n    ti:q <id/a> .\n"
    )


def test_an_export_can_be_loaded_as_a_source(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(export(graph, format_named("turtle")))
    store = ox.Store()
    store.load(path=str(tmp_path / "a.ttl"))
    assert {quad.triple for quad in store} == set(graph.triples())


def test_an_unknown_source_is_refused_with_those_there_are(graph: KnowledgeGraph) -> None:
    with pytest.raises(NotFoundError) as caught:
        export(graph, format_named("turtle"), source="three")
    for language in ("en", "fr"):
        assert "'three'" in caught.value.in_(language)
        assert caught.value.in_(language).endswith("facts/two, one")


@pytest.mark.parametrize("entity", ["nobody", "id/nobody", "http://example.org/nobody", "not an IRI", "one"])
def test_an_unknown_entity_is_refused_with_an_example(graph: KnowledgeGraph, entity: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        export(graph, format_named("turtle"), entity=entity)
    for language in ("en", "fr"):
        detail, _, hint = caught.value.in_(language).partition("→")
        assert repr(entity) in detail
        assert "territory/2/ti-7614" in hint


@pytest.mark.parametrize("chosen", [{"source": ""}, {"entity": ""}], ids=["source", "entity"])
def test_an_empty_name_is_not_taken_for_everything(graph: KnowledgeGraph, chosen: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        export(graph, format_named("turtle"), **chosen)


def in_graphs(graph: KnowledgeGraph) -> set[ox.Quad]:
    return {quad for quad in graph.store if isinstance(quad.graph_name, ox.NamedNode)}


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_what_is_shipped_reads_back_the_same_without_blank_nodes(small: Root, format_: Format) -> None:
    graph = load(small)
    read = list(ox.parse(export(graph, format_), format=format_.rdf))
    assert not any(isinstance(term, ox.BlankNode) for quad in read for term in (quad.subject, quad.object))
    if format_ in DATASETS:
        assert set(read) == in_graphs(graph)
    else:
        assert {quad.triple for quad in read} == {quad.triple for quad in in_graphs(graph)}
    assert len(read) == len(set(read))


@pytest.fixture(scope="module")
def graph_of_france(root: Root) -> KnowledgeGraph:
    return load(root)


@pytest.mark.slow
@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_the_whole_graph_reads_back_the_same(graph_of_france: KnowledgeGraph, tmp_path: Path, format_: Format) -> None:
    with (tmp_path / "dump").open("wb") as file:
        export_to(file, graph_of_france, format_)
    store = ox.Store()
    store.bulk_load(path=str(tmp_path / "dump"), format=format_.rdf)
    if format_ in DATASETS:
        assert set(store) == in_graphs(graph_of_france)
    else:
        assert {quad.triple for quad in store} == set(graph_of_france.triples())
