"""The streamed JSON-LD is the dataset that it was given, whatever the values and the context."""

import json
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from territoires.jsonld import load_context
from territoires.jsonld_stream import write_dataset
from territoires.namespaces import BASE, PREFIXES
from territoires.root import Root

TI, XSD, RDFS = PREFIXES["ti"], PREFIXES["xsd"], PREFIXES["rdfs"]
CONTEXT: dict[str, Any] = {
    "@base": BASE,
    "ti": TI,
    "rdfs": RDFS,
    "xsd": XSD,
    "id": "@id",
    "type": "@type",
    "Territory": "ti:Territory",
    "label": {"@id": "rdfs:label", "@container": "@language"},
    "altLabel": {"@id": "ti:altLabel", "@language": "fr", "@container": "@set"},
    "includes": {"@id": "ti:includes", "@type": "@id", "@container": "@set"},
    "startYear": {"@id": "ti:startYear", "@type": "xsd:gYear"},
    "count": {"@id": "ti:count"},
    "listed": {"@id": "ti:listed", "@container": "@list"},
    "scoped": {"@id": "ti:scoped", "@context": {"@base": None}},
    "inverse": {"@reverse": "ti:includes"},
}
CONTEXTS = [
    CONTEXT,
    {},
    {**CONTEXT, "@language": "fr"},
    {"ti": TI, "count": {"@id": "ti:count", "@type": "xsd:integer"}},
]
ours = ["", "id/a", "id/a#b", "//x", "ti:a", "def#", "def#a", "def#//a", "def#Territory", "id/../a", "é"]
nodes = st.sampled_from([*(BASE + path for path in ours), "urn:x:y", "https://schema.org/name"]).map(ox.NamedNode)
names = ["label", "altLabel", "includes", "startYear", "count", "listed", "scoped", "label:x", "//x"]
predicates = st.sampled_from([f"{RDFS}label", PREFIXES["rdf"] + "type", "urn:p", *(TI + name for name in names)]).map(
    ox.NamedNode
)
texts = st.one_of(
    st.sampled_from(["1", "-0", "007", "+1", "true", "1.0", "2023", "id/a", "_:b", "@id", "9007199254740993"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
datatypes = st.sampled_from(["string", "integer", "boolean", "gYear", "decimal", "double"]).map(
    lambda name: ox.NamedNode(XSD + name)
)
literals = st.one_of(
    st.builds(ox.Literal, texts, language=st.sampled_from(["fr", "en", "fr-ca"])),
    st.builds(ox.Literal, texts, datatype=datatypes),
)
datasets = st.sets(
    st.builds(ox.Quad, nodes, predicates, st.one_of(nodes, literals), st.one_of(nodes, st.just(ox.DefaultGraph()))),
    max_size=12,
)


def written(quads: set[ox.Quad], context: dict[str, Any]) -> bytes:
    ordered = sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad)))
    return b"".join(write_dataset(ordered, context))


@pytest.mark.parametrize("context", CONTEXTS, ids=["terms", "none", "language", "number"])
@given(quads=datasets)
def test_any_dataset_reads_back_the_same(context: dict[str, Any], quads: set[ox.Quad]) -> None:
    assert set(ox.parse(written(quads, context), format=ox.RdfFormat.JSON_LD)) == quads


@given(quads=datasets)
def test_each_statement_is_written_once(quads: set[ox.Quad]) -> None:
    assert len(list(ox.parse(written(quads, CONTEXT), format=ox.RdfFormat.JSON_LD))) == len(quads)


def test_people_read_terms_languages_and_relative_names(root: Root) -> None:
    turtle = f"""@base <{BASE}> . @prefix ti: <def#> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .
    <id/phase/2> a ti:Phase ; rdfs:label "Phase 2"@en , "Phase 2 (fr)"@fr ; ti:startYear "2023"^^xsd:gYear ;
        ti:addresses <id/axis/2/land> ; ti:population 7 ."""
    graph = ox.NamedNode(f"{BASE}graph/a")
    quads = {
        ox.Quad(quad.subject, quad.predicate, quad.object, graph)
        for quad in ox.parse(turtle.replace("<def#>", f"<{TI}>"), format=ox.RdfFormat.TURTLE)
    }
    document = json.loads(written(quads, dict(load_context(root))))
    assert document["@graph"] == [
        {
            "id": "graph/a",
            "graph": [
                {
                    "id": "id/phase/2",
                    "type": "Phase",
                    "label": {"en": "Phase 2", "fr": "Phase 2 (fr)"},
                    "startYear": "2023",
                    "addresses": ["id/axis/2/land"],
                    "population": 7,
                }
            ],
        }
    ]


def test_another_reader_reads_the_same() -> None:
    graph = ox.NamedNode(f"{BASE}graph/a")
    subject = ox.NamedNode(f"{BASE}id/a")
    values: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (f"{RDFS}label", ox.Literal("é", language="fr")),
        (f"{TI}altLabel", ox.Literal("plain")),
        (f"{TI}startYear", ox.Literal("2023", datatype=ox.NamedNode(f"{XSD}gYear"))),
        (f"{TI}includes", ox.NamedNode("urn:x:y")),
        ("urn:p", ox.Literal("1.50", datatype=ox.NamedNode(f"{XSD}decimal"))),
    ]
    quads = {ox.Quad(subject, ox.NamedNode(predicate), value, graph) for predicate, value in values}
    document = json.loads(written(quads, CONTEXT))
    lines = jsonld.to_rdf(document, {"format": "application/n-quads"})
    assert set(ox.parse(lines, format=ox.RdfFormat.N_QUADS)) == quads
