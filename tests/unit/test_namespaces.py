"""Prefixes are the well-known ones, and names expand and compact both ways."""

import string

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoires.namespaces import BASE, PREFIXES, compact, expand, sparql_prologue


@pytest.mark.parametrize(
    ("prefix", "iri"),
    [
        ("ti", "https://w3id.org/territoires-industrie/def#"),
        ("igeo", "http://rdf.insee.fr/def/geo#"),
        ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
        ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
        ("owl", "http://www.w3.org/2002/07/owl#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("dct", "http://purl.org/dc/terms/"),
        ("dcat", "http://www.w3.org/ns/dcat#"),
        ("adms", "http://www.w3.org/ns/adms#"),
        ("foaf", "http://xmlns.com/foaf/0.1/"),
        ("geo", "http://www.opengis.net/ont/geosparql#"),
        ("geof", "http://www.opengis.net/def/function/geosparql/"),
        ("org", "http://www.w3.org/ns/org#"),
        ("prov", "http://www.w3.org/ns/prov#"),
        ("schema", "https://schema.org/"),
        ("sd", "http://www.w3.org/ns/sparql-service-description#"),
        ("sh", "http://www.w3.org/ns/shacl#"),
        ("vann", "http://purl.org/vocab/vann/"),
        ("voaf", "http://purl.org/vocommons/voaf#"),
        ("void", "http://rdfs.org/ns/void#"),
        ("wd", "http://www.wikidata.org/entity/"),
    ],
)
def test_a_prefix_stands_for_the_namespace_of_its_vocabulary(prefix: str, iri: str) -> None:
    assert PREFIXES[prefix] == iri


def test_no_two_prefixes_share_a_namespace() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_prologue_declares_the_prefix_for_sparql(prefix: str) -> None:
    query = f'{sparql_prologue()}ASK {{ FILTER(STR({prefix}:x) = "{PREFIXES[prefix]}x") }}'
    assert bool(ox.Store().query(query))


def test_a_prefixed_name_expands() -> None:
    assert expand("ti:Territory") == f"{BASE}def#Territory"


def test_only_the_first_colon_ends_the_prefix() -> None:
    assert expand("dct:a:b") == "http://purl.org/dc/terms/a:b"


@pytest.mark.parametrize("name", ["nope:Territory", "Territory", ":Territory"])
def test_an_unknown_prefix_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        expand(name)


@pytest.mark.parametrize(
    ("iri", "read"),
    [
        ("http://www.w3.org/2004/02/skos/core#prefLabel", "skos:prefLabel"),
        (f"{BASE}id/territory/2/ti-7614", "id/territory/2/ti-7614"),
        (f"{BASE}def#Territory", "ti:Territory"),
        ("http://purl.org/dc/terms/a/b", "http://purl.org/dc/terms/a/b"),
        ("http://example.org/x", "http://example.org/x"),
        ("urn:uuid:1", "urn:uuid:1"),
    ],
)
def test_an_iri_is_read_prefixed_relative_or_whole(iri: str, read: str) -> None:
    assert compact(iri) == read


@given(st.sampled_from(sorted(PREFIXES)), st.text(string.ascii_letters + string.digits + "-_.", min_size=1))
def test_expanding_what_was_compacted_gives_the_iri_back(prefix: str, local: str) -> None:
    iri = PREFIXES[prefix] + local
    assert expand(compact(iri)) == iri
