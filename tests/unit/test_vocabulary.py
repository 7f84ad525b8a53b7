"""The ontology read back from the graph says what its Turtle says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.unit.conftest import MakeRoot

import territoires
from territoires.errors import Text
from territoires.graph import load
from territoires.root import Root
from territoires.vocabulary import Vocabulary, read_vocabulary

TI = "https://w3id.org/territoires-industrie/def#"
PREFIXES = """\
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix ex: <http://example.org/v#> .
"""
ONTOLOGY = (
    PREFIXES
    + """
<http://example.org/v> a owl:Ontology ; owl:versionInfo "2" .
ex:Cat a owl:Class ; rdfs:label "cat"@en , "chat"@fr ; rdfs:subClassOf ex:Animal , <http://example.org/other/Pet> ;
  vann:example <http://example.org/felix> .
ex:Animal a owl:Class ; owl:disjointWith ex:Place .
ex:Place a owl:Class ; owl:deprecated true .
ex:livesIn a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:domain ex:Cat ; rdfs:range ex:Place .
ex:houses a owl:ObjectProperty ; owl:inverseOf ex:livesIn .
ex:name a owl:DatatypeProperty ; rdfs:label "nom"@fr .
<http://example.org/other/Pet> a owl:Class .
"""
)
DATA = PREFIXES + '<http://example.org/felix> a ex:Cat ; ex:name "Felix" ; ex:livesIn <http://example.org/paris> .\n'
EX = "http://example.org/v#"


def read(root: Root, uses: Mapping[str, int] | None = None) -> Vocabulary | None:
    return read_vocabulary(territoires.EmbeddedEngine(load(root)), uses or {})


@pytest.fixture
def cats(make_root: MakeRoot) -> Vocabulary:
    uses = {EX + "Cat": 1, EX + "name": 1, EX + "livesIn": 1}
    found = read(make_root({"ontology/v.ttl": ONTOLOGY, "data/cats.ttl": DATA}), uses)
    assert found
    return found


def test_terms_are_those_of_the_namespace_by_kind(cats: Vocabulary) -> None:
    assert (cats.iri, cats.namespace, cats.version) == ("http://example.org/v", EX, "2")
    kinds = {kind: [term.name for term in cats.of_kind(kind)] for kind in ("class", "object", "datatype", "annotation")}
    assert kinds == {
        "class": ["Animal", "Cat", "Place"],
        "object": ["houses", "livesIn"],
        "datatype": ["name"],
        "annotation": [],
    }


def test_a_term_says_all_that_the_turtle_says(cats: Vocabulary) -> None:
    cat, lives = cats.terms[EX + "Cat"], cats.terms[EX + "livesIn"]
    assert (cat.label("en"), cat.label("fr"), cat.uses) == ("cat", "chat", 1)
    assert cat.relations["rdfs:subClassOf"] == ("http://example.org/other/Pet", EX + "Animal")
    assert cats.terms[EX + "Animal"].subterms == (EX + "Cat",)
    assert lives.relations["rdfs:domain"] == (EX + "Cat",)
    assert lives.characteristics == (Text("functional: one value at most", "fonctionnelle : une valeur au plus"),)
    assert [term.name for term in cats.terms.values() if term.deprecated] == ["Place"]


def test_inverses_and_disjoint_classes_are_said_on_both_sides(cats: Vocabulary) -> None:
    assert cats.terms[EX + "livesIn"].relations["owl:inverseOf"] == (EX + "houses",)
    assert cats.terms[EX + "houses"].relations["owl:inverseOf"] == (EX + "livesIn",)
    assert cats.terms[EX + "Place"].relations["owl:disjointWith"] == (EX + "Animal",)


def test_a_label_is_never_missing(cats: Vocabulary) -> None:
    assert cats.terms[EX + "Place"].label("fr") == "Place"
    assert cats.terms[EX + "name"].label("en") == "nom"
    assert cats.terms[EX + "name"].comment("en") == ""


def test_examples_come_from_the_ontology_or_from_the_data(cats: Vocabulary) -> None:
    [cat], [name] = cats.terms[EX + "Cat"].examples, cats.terms[EX + "name"].examples
    assert (cat.subject, cat.value) == ("http://example.org/felix", None)
    assert (name.subject, name.value and name.value.value) == ("http://example.org/felix", "Felix")
    assert cats.terms[EX + "houses"].examples == ()


def test_alignments_are_the_relations_that_leave_the_namespace(cats: Vocabulary) -> None:
    assert [(one.term.name, one.relation, one.other) for one in cats.alignments] == [
        ("Cat", "rdfs:subClassOf", "http://example.org/other/Pet")
    ]


def test_a_dataset_without_ontology_has_no_vocabulary(make_root: MakeRoot) -> None:
    assert read(make_root({"data/cats.ttl": DATA})) is None


def test_the_order_is_that_of_the_dictionary(cats: Vocabulary, make_root: MakeRoot) -> None:
    labels = ("zone", "Étape", "étage", "abri")
    terms = "".join(f'ex:t{number} a owl:Class ; rdfs:label "{label}"@fr .\n' for number, label in enumerate(labels))
    head = PREFIXES + "<http://example.org/v> a owl:Ontology .\n"
    found = read(make_root({"ontology/v.ttl": head + terms}))
    assert found
    assert [term.label("fr") for term in found.ordered("class", "fr")] == ["abri", "étage", "Étape", "zone"]


def test_the_shipped_ontology_is_read_whole(small: Root) -> None:
    found = read(small, {TI + "Territory": 3})
    assert found
    texts = "".join((small.ontology / name).read_text(encoding="utf-8") for name in ("territoires.ttl", "axioms.ttl"))
    for kind, name in (("class", "Class"), ("object", "ObjectProperty"), ("datatype", "DatatypeProperty")):
        assert len(found.of_kind(kind)) == sum(
            block.startswith("ti:") and f"a owl:{name}" in block for block in texts.split("\n\n")
        )
    territory = found.terms[TI + "Territory"]
    assert (territory.uses, territory.examples[0].subject_label) == (3, "Tarn Nord")
    assert all(
        {"en", "fr"} <= term.labels.keys() and {"en", "fr"} <= term.comments.keys() for term in found.terms.values()
    )
    assert found.prefix == "ti"
