"""The RDF document: facts whole, each in its graph; names of what they point to; links in by pages."""

import pyoxigraph as ox
import pytest

import territoires
from territoires.answers import select
from territoires.entities import document_of, statements, write_quads
from territoires.entities.statements import LINKS_AT_ONCE
from territoires.errors import NotFoundError
from territoires.formats import GRAPH_FORMATS, format_named
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, expand

TARN_NORD = f"{BASE}id/territory/2/ti-7614"


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> territoires.Engine:
    return territoires.EmbeddedEngine(graph)


def test_every_fact_is_there_in_every_graph_that_states_it(engine: territoires.Engine, graph: KnowledgeGraph) -> None:
    quads, more = statements(engine, TARN_NORD)
    stated = {
        quad
        for quad in graph.store.quads_for_pattern(ox.NamedNode(TARN_NORD), None, None)
        if isinstance(quad.graph_name, ox.NamedNode)
    }
    assert not more
    assert stated <= set(quads)
    assert len(stated) > 103
    albi = ox.NamedNode(f"{BASE}id/commune/81004")
    assert [quad.object for quad in quads if quad.subject == albi] == [ox.Literal("Albi", language="fr")]
    announced = ox.NamedNode(expand("ti:announces"))
    assert [quad.subject.value for quad in quads if quad.predicate == announced] == [  # type: ignore[union-attr]
        f"{BASE}id/announcement/occitanie-2023-11-09"
    ]


def test_the_document_says_what_it_is_about(engine: territoires.Engine) -> None:
    quads, _ = statements(engine, TARN_NORD)
    document = ox.NamedNode(f"{BASE}doc/territory/2/ti-7614")
    said = {(quad.predicate.value, str(quad.object)) for quad in quads if quad.subject == document}
    assert (expand("foaf:primaryTopic"), f"<{TARN_NORD}>") in said
    assert (expand("dct:license"), "<https://www.etalab.gouv.fr/licence-ouverte-open-licence>") in said
    assert (expand("dct:source"), f"<{BASE}graph/anct-2024-07-04>") in said
    assert not [quad for quad in quads if isinstance(quad.object, ox.BlankNode)]


def test_pages_of_links_in_make_up_the_whole(engine: territoires.Engine) -> None:
    region = ox.NamedNode(f"{BASE}id/region/76")
    found: set[ox.Triple] = set()
    number, more = 0, True
    while more:
        number += 1
        quads, more = statements(engine, region.value, number)
        page = {quad.triple for quad in quads if quad.object == region and quad.subject.value.startswith(f"{BASE}id")}  # type: ignore[union-attr]
        assert len(page) <= LINKS_AT_ONCE
        assert not page & found
        found |= page
    pattern = f"?s ?p {region} FILTER(STRSTARTS(STR(?s), '{BASE}id'))"
    [row] = select(engine, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    assert len(found) == int(row["n"].value)
    assert number > 10
    with pytest.raises(NotFoundError):
        statements(engine, region.value, number + 1)


@pytest.mark.parametrize("format_", GRAPH_FORMATS, ids=lambda format_: format_.name)
def test_formats_of_datasets_keep_the_graphs(engine: territoires.Engine, format_: territoires.Format) -> None:
    quads, _ = statements(engine, TARN_NORD)
    assert format_.rdf
    read = set(ox.parse(write_quads(quads, format_), format=format_.rdf))
    if format_.name in {"trig", "nquads"}:
        assert read == set(quads)
    else:
        assert {quad.triple for quad in read} == {quad.triple for quad in quads}
    assert write_quads(quads, format_named("turtle")) == write_quads(reversed(quads), format_named("turtle"))


def test_a_graph_is_its_own_document() -> None:
    assert document_of(TARN_NORD) == f"{BASE}doc/territory/2/ti-7614"
    assert document_of(f"{BASE}graph/derived") == f"{BASE}graph/derived"
