"""Compaction keeps the graph, whatever is in it."""

import json

import pyoxigraph as ox
import pytest

from territoires.jsonld import COMPACTED, EXPANDED, compact, load_context
from territoires.root import Root

TI = "https://w3id.org/territoires-industrie/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TURTLE = f"""
@prefix ti: <{TI}def#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <{XSD}> .
<{TI}id/territory/2/ti-7614> a ti:Territory , <urn:x:T> ;
    rdfs:label "Tarn Nord"@fr , "plain" ; ti:population 7 , 007 , -3 , "x"^^xsd:integer .
<urn:x:s> <urn:x:p> true , false , "1"^^xsd:boolean , 1.5 , 1e3 , 9007199254740993 , "é 😀 \\n" , "été"@fr-CA .
<urn:x:s> ti:phase <{TI}id/phase/2> , "not an IRI" ; ti:startYear "2023"^^xsd:gYear , "2023" .
"""


def triples(document: bytes) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(document, format=ox.RdfFormat.JSON_LD)}


def expanded(turtle: str) -> bytes:
    return ox.serialize(ox.parse(turtle, format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.JSON_LD) or b""


def test_the_compacted_document_is_the_same_graph(root: Root) -> None:
    document, media_type = compact(expanded(TURTLE), load_context(root))
    assert media_type == COMPACTED
    assert triples(document) == triples(expanded(TURTLE))


def test_people_read_terms_numbers_and_languages(root: Root) -> None:
    turtle = f"""@prefix ti: <{TI}def#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <{TI}id/territory/2/ti-7614> a ti:Territory ; rdfs:label "Tarn Nord"@fr ; ti:population 7 ."""
    [node] = json.loads(compact(expanded(turtle), load_context(root))[0])["graph"]
    assert node == {
        "id": "id/territory/2/ti-7614",
        "type": "Territory",
        "label": {"fr": "Tarn Nord"},
        "population": 7,
    }


@pytest.mark.parametrize("literal", ['"1"^^<urn:x:T>', '"é"', "1.0", "-0", "+1", "00", "1e0"])
def test_no_literal_is_changed(root: Root, literal: str) -> None:
    document = expanded(f"<urn:x:s> <urn:x:p> {literal} .")
    assert triples(compact(document, load_context(root))[0]) == triples(document)


def test_a_large_document_stays_expanded(root: Root) -> None:
    document = expanded("".join(f"<urn:x:{number}> <urn:x:p> {'9' * 50} ." for number in range(3000)))
    assert compact(document, load_context(root)) == (document, EXPANDED)


def test_without_a_context_it_stays_expanded(root: Root) -> None:
    assert compact(b"[]", {}) == (b"[]", EXPANDED)


def test_an_empty_graph_is_a_document(root: Root) -> None:
    assert triples(compact(b"[]", load_context(root))[0]) == set()
