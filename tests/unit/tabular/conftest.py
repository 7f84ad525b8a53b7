"""A small graph with a table, and what is made of the shipped graph."""

from __future__ import annotations

import pytest
from tests.unit.conftest import MakeRoot

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph, load
from territoires.root import Root
from territoires.tabular.exports import Material

DATA = """
@base <https://w3id.org/territoires-industrie/> .
@prefix ti: <https://w3id.org/territoires-industrie/def#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<id/measure/a> a ti:SupportMeasure ; rdfs:label "=1+1" ; ti:amount 1.50 ; ti:date "2024-02-29"^^xsd:date ;
  ti:year "2024"^^xsd:gYear ; ti:appliesTo <id/phase/2> , <id/phase/1> .
<id/measure/b> a ti:SupportMeasure ; rdfs:label "b, \\"quoted\\"" ; ti:fundedBy <id/measure/a> .
"""
TABLE = """\
#+ title = { en = "Measures", fr = "Mesures" }
#+ key = ["measure"]
#+ [columns]
#+ measure = { en = "measure", fr = "mesure", below = "id/measure/" }
#+ name = { en = "name", fr = "nom", property = "rdfs:label" }
#+ amount = { en = "amount", fr = "montant", datatype = "decimal" }
#+ date = { en = "date", fr = "date", datatype = "date" }
#+ year = { en = "year", fr = "année", datatype = "gYear" }
#+ phases = { en = "phases", fr = "phases", below = "id/phase/", list = true }
#+ parent = { en = "parent", fr = "parent", below = "id/measure/", row_of = "measures" }
PREFIX ti: <https://w3id.org/territoires-industrie/def#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?measure ?name ?amount ?date ?year ?phases ?parent WHERE {
  { ?measure a ti:SupportMeasure ; rdfs:label ?name }
  UNION { ?measure ti:amount ?amount ; ti:date ?date ; ti:year ?year }
  UNION { ?measure ti:appliesTo ?phases }
  UNION { ?measure ti:fundedBy ?parent }
}
"""


@pytest.fixture
def tabled(make_root: MakeRoot) -> Root:
    """Return a graph folder with two measures and a table of them."""
    return make_root({"data/money.ttl": DATA, "queries/tables/measures.rq": TABLE})


@pytest.fixture
def material(tabled: Root) -> Material:
    """Return what its exports are made of."""
    return Material(tabled, EmbeddedEngine(load(tabled)))


@pytest.fixture(scope="session")
def whole(root: Root, graph: KnowledgeGraph) -> Material:
    """Return what the exports of the shipped graph are made of."""
    return Material(root, EmbeddedEngine(graph))
