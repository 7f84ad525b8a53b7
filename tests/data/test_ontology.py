"""The ontology is complete, bilingual, passes every check, and is used as it is defined."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import FOAF, OWL, RDF, RDFS, VANN
from tests.conftest import shared
from tests.data.test_sources import npm_package

from territoires import turtle, web
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, PREFIXES
from territoires.quality import describe, inspect, read_external_terms
from territoires.root import Root

TI = rdflib.Namespace(PREFIXES["ti"])
BINDING = {
    "classes": """Programme Phase Axis Territory Region Department Intercommunality Commune SupportMeasure Funder
        Organisation Official Post Tenure Announcement Steering Statement Source""",
    "properties": """startYear endYear hasPhase addresses phase includes filedUnder status declaredDepartment
        coversCommune coversDepartment coversRegion computedStatus overlaps predecessor population includedBefore asOf
        siren inIntercommunality inDepartment inRegion isPartOf fundedBy amount currency year attestedOn from until
        announces announcedBy date place statedBy locator""",
}


@pytest.fixture(scope="module")
def ontology(root: Root) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in root.ontology.glob("*.ttl"):
        graph.parse(file)
    return graph


def terms(ontology: rdflib.Graph) -> Iterator[rdflib.URIRef]:
    for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in ontology.subjects(RDF.type, kind):
            assert isinstance(term, rdflib.URIRef)
            if term in TI:  # others are only declared, in alignments.ttl
                yield term


def test_every_term_of_the_design_is_defined(ontology: rdflib.Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    properties = set(terms(ontology)) - classes
    assert {TI[name] for name in BINDING["classes"].split()} <= classes
    assert {TI[name] for name in BINDING["properties"].split()} <= properties


def test_every_term_has_one_label_and_one_definition_in_each_language(ontology: rdflib.Graph) -> None:
    for term in terms(ontology):
        for predicate in (RDFS.label, RDFS.comment):
            languages = sorted(str(getattr(text, "language", None)) for text in ontology.objects(term, predicate))
            assert languages == ["en", "fr"], f"{term} {predicate}"
        assert ontology.value(term, RDFS.isDefinedBy) == rdflib.URIRef(f"{BASE}def")


def test_every_property_has_a_domain_and_a_range(ontology: rdflib.Graph) -> None:
    for term in set(terms(ontology)) - set(ontology.subjects(RDF.type, OWL.Class)):
        assert (term, RDFS.domain, None) in ontology, term
        assert (term, RDFS.range, None) in ontology, term


def test_the_ontology_has_a_version_and_its_metadata(ontology: rdflib.Graph) -> None:
    subject = rdflib.URIRef(f"{BASE}def")
    assert ontology.value(subject, OWL.versionIRI) == rdflib.URIRef(f"{BASE}def/1.0.0")
    dct = rdflib.Namespace(PREFIXES["dct"])
    for predicate in (dct.title, dct.description, dct.creator, dct.license, dct.issued, dct.modified):
        assert (subject, predicate, None) in ontology, predicate


def test_it_passes_every_check(root: Root) -> None:
    assert [describe(finding).en for outcome in inspect(root) for finding in outcome.findings] == []


def test_every_class_has_an_example_that_is_one_of_its_members(ontology: rdflib.Graph, graph: KnowledgeGraph) -> None:
    abstract = {TI.PublicAction, TI.Place, TI.Actor, TI.Communication}
    classes = {term for term in terms(ontology) if (term, RDF.type, OWL.Class) in ontology}
    examples = {(cls, str(example)) for cls, example in ontology.subject_objects(VANN.example)}
    unused = {TI.Change}  # Nothing was changed yet in what is shipped.
    assert {cls for cls, _ in examples} == classes - abstract - unused
    for cls, example in examples:
        node = ox.NamedNode(example)
        assert ox.Triple(node, ox.NamedNode(str(RDF.type)), ox.NamedNode(str(cls))) in set(graph.triples(node)), example


def test_its_logo_is_a_file_that_the_server_has(ontology: rdflib.Graph) -> None:
    logo = str(ontology.value(rdflib.URIRef(f"{BASE}def"), FOAF.logo)).removeprefix(BASE)
    assert (Path(web.__file__).parent / logo).is_file()


def test_listed_terms_exist_in_rdflib_s_copies(root: Root) -> None:
    looked_up = 0
    for namespace, vocabulary in read_external_terms(root).vocabularies.items():
        if vocabulary.against.startswith("rdflib "):
            copy = getattr(rdflib.namespace, vocabulary.against.removeprefix("rdflib "))
            assert str(copy) == namespace
            assert {name for name in vocabulary.terms if rdflib.URIRef(namespace + name) not in copy} == set()
            looked_up += len(vocabulary.terms)
    assert looked_up > 100


def test_listed_terms_exist_in_insee_s_ontology(root: Root) -> None:
    igeo = PREFIXES["igeo"]
    insee = rdflib.Graph().parse(shared("sources/insee-geo.ttl"))
    known = {str(subject) for subject in insee.subjects()}
    assert {igeo + name for name in read_external_terms(root).vocabularies[igeo].terms} <= known


@pytest.mark.slow
def test_listed_terms_exist_in_published_copies(root: Root, tmp_path: Path) -> None:
    for namespace, vocabulary in read_external_terms(root).vocabularies.items():
        source, _, rest = vocabulary.against.partition(" ")
        if source == "npm":
            package, name = rest.split()
            file = npm_package(package, tmp_path) / "ontologies" / f"{name}.nq"
            text = file.read_text(encoding="utf-8")
            assert {term for term in vocabulary.terms if f"\n<{namespace}{term}> " not in text} == set()


def test_every_term_in_use_is_defined(graph: KnowledgeGraph, ontology: rdflib.Graph, root: Root) -> None:
    defined = {str(term) for term in terms(ontology)}
    used = {triple.predicate.value for triple in graph.triples()}
    used |= {
        triple.object.value
        for triple in graph.triples()
        if triple.predicate.value == str(RDF.type) and isinstance(triple.object, ox.NamedNode)
    }
    for file in root.shape_files():
        for triple in turtle.parse(file):
            used |= {node.value for node in (triple.predicate, triple.object) if isinstance(node, ox.NamedNode)}
    for file in root.queries.glob("*.rq"):
        used |= {str(TI) + name for name in re.findall(r"\bti:(\w+)", file.read_text(encoding="utf-8"))}
    assert {iri for iri in used if iri.startswith(str(TI))} <= defined


def test_every_insee_term_in_use_exists_in_insee_s_ontology(graph: KnowledgeGraph) -> None:
    insee = rdflib.Graph().parse(shared("sources/insee-geo.ttl"))
    known = {str(subject) for subject in insee.subjects()}
    igeo = PREFIXES["igeo"]
    used = {
        node.value
        for triple in graph.triples()
        for node in (triple.predicate, triple.object)
        if isinstance(node, ox.NamedNode) and node.value.startswith(igeo)
    }
    assert used
    assert used <= known


def test_the_json_ld_context_names_every_term(ontology: rdflib.Graph, root: Root) -> None:
    context = json.loads((root.ontology / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    named = {entry["@id"] if isinstance(entry, dict) else entry for entry in context.values()}
    assert {f"ti:{str(term).removeprefix(str(TI))}" for term in terms(ontology) if term in TI} <= named


def test_the_json_ld_context_reads_as_json_ld(root: Root) -> None:
    context = json.loads((root.ontology / "context.jsonld").read_text(encoding="utf-8"))
    document = {"id": "id/phase/2", "type": "Phase", "startYear": "2023", "label": {"fr": "Phase 2"}}
    content = json.dumps({**context, **document}).encode()
    read = {str(quad.triple) for quad in ox.parse(content, format=ox.RdfFormat.JSON_LD, base_iri=BASE)}
    phase = f"<{BASE}id/phase/2>"
    assert read == {
        f"{phase} <{RDF.type}> <{TI.Phase}>",
        f'{phase} <{TI.startYear}> "2023"^^<{PREFIXES["xsd"]}gYear>',
        f'{phase} <{RDFS.label}> "Phase 2"@fr',
    }
