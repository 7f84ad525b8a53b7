"""The ontology as people read it: its terms with what is said of each, made from the graph that holds it.

Any OWL ontology of the dataset will do; the first one is taken, by the name of its graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple
from unicodedata import combining, normalize

import pyoxigraph as ox

from territoires.answers import Term, select
from territoires.engine import Engine
from territoires.errors import Language, Text
from territoires.formats import format_named
from territoires.guard import admit
from territoires.namespaces import compact, expand

_ONTOLOGIES: Final = """
SELECT ?graph ?ontology { GRAPH ?graph { ?ontology a owl:Ontology } FILTER(ISIRI(?graph) && ISIRI(?ontology)) }
ORDER BY ?graph ?ontology LIMIT 1"""
_MOST: Final = 500
"""Most terms for which examples are looked up: a query has a longest length."""
_EXAMPLES: Final = """
SELECT ?p ?s ?sLabel (MIN(?value) AS ?o) {{
  {{ SELECT ?p (MIN(?subject) AS ?s) {{
    VALUES ?p {{ {properties} }} ?subject ?p ?any FILTER(ISIRI(?subject))
  }} GROUP BY ?p }}
  ?s ?p ?value
  OPTIONAL {{ ?s rdfs:label ?sLabel FILTER(LANG(?sLabel) IN ("fr", "")) }}
}} GROUP BY ?p ?s ?sLabel"""
_LABELS: Final = "SELECT ?thing ?label {{ VALUES ?thing {{ {things} }} ?thing rdfs:label|skos:prefLabel ?label }}"
_KINDS: Final = {
    "owl:Class": "class",
    "rdfs:Class": "class",
    "owl:ObjectProperty": "object",
    "owl:DatatypeProperty": "datatype",
    "owl:AnnotationProperty": "annotation",
    "rdf:Property": "object",
}
_CHARACTERISTICS: Final = {
    "owl:SymmetricProperty": Text("symmetric", "symétrique"),
    "owl:AsymmetricProperty": Text("asymmetric", "asymétrique"),
    "owl:TransitiveProperty": Text("transitive", "transitive"),
    "owl:FunctionalProperty": Text("functional: one value at most", "fonctionnelle : une valeur au plus"),
    "owl:InverseFunctionalProperty": Text("inverse functional", "inverse fonctionnelle"),
    "owl:ReflexiveProperty": Text("reflexive", "réflexive"),
    "owl:IrreflexiveProperty": Text("irreflexive", "irréflexive"),
}
_RELATIONS: Final = (
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "rdfs:domain",
    "rdfs:range",
    "owl:inverseOf",
    "owl:equivalentClass",
    "owl:equivalentProperty",
    "owl:disjointWith",
    "rdfs:seeAlso",
)

Facts = Mapping[str, Mapping[str, tuple[Term, ...]]]
"""What a graph says: subject -> predicate -> objects, in the order of their text."""


class Example(NamedTuple):
    """One use of a term in the data."""

    subject: str
    subject_label: str
    value: Term | None = None
    """What the property says of the subject; None for a class."""
    value_label: str = ""


class Alignment(NamedTuple):
    """How one of our terms relates to one of another vocabulary."""

    term: VocabularyTerm
    relation: str
    """Prefixed name of the relation, such as `rdfs:subClassOf`."""
    other: str


@dataclass(frozen=True, slots=True)
class VocabularyTerm:
    """A class or property of the ontology."""

    iri: str
    kind: str
    """`class`, `object`, `datatype` or `annotation`."""
    labels: Mapping[str, str]
    """Language tag -> label."""
    comments: Mapping[str, str]
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Prefixed name of a relation -> IRIs of terms."""
    subterms: tuple[str, ...] = ()
    characteristics: tuple[Text, ...] = ()
    deprecated: bool = False
    uses: int = 0
    """Instances of a class, triples of a property, in the whole dataset."""
    examples: tuple[Example, ...] = ()

    @property
    def name(self) -> str:
        """What stands after the namespace: the fragment under which pages show the term."""
        return self.iri.replace("#", "/").rpartition("/")[2]

    def label(self, language: Language) -> str:
        """Return the label in `language`, else in any, else the name."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.name)

    def comment(self, language: Language) -> str:
        """Return the definition in `language`, else in any, else nothing."""
        return self.comments.get(language) or next(iter(self.comments.values()), "")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An ontology and its terms, sorted by name."""

    iri: str
    graph: str
    """IRI of the named graph that holds it."""
    namespace: str
    prefix: str
    facts: Mapping[str, tuple[Term, ...]]
    """What is said of the ontology itself, by prefixed name of the predicate."""
    terms: Mapping[str, VocabularyTerm]
    """Terms by IRI."""
    concepts: tuple[tuple[str, Mapping[str, str], Mapping[str, str]], ...]
    """SKOS concepts that the ontology defines: IRI, labels and definitions by language."""

    def of_kind(self, kind: str) -> tuple[VocabularyTerm, ...]:
        """Return the terms of one kind."""
        return tuple(term for term in self.terms.values() if term.kind == kind)

    def ordered(self, kind: str, language: Language) -> list[VocabularyTerm]:
        """Return the terms of one kind by their labels in `language`, whatever their accents and capitals."""
        return sorted(self.of_kind(kind), key=lambda term: (_plain(term.label(language)), term.iri))

    def says(self, name: str, language: Language | None = None) -> str:
        """Return the first value of a property of the ontology, in `language` where it has one; else nothing."""
        values = self.facts.get(name, ())
        inside = [value for value in values if isinstance(value, ox.Literal) and value.language == language]
        return next((value.value for value in (*inside, *values)), "")

    @property
    def version(self) -> str:
        """The version, as `owl:versionInfo` says."""
        return self.says("owl:versionInfo")

    @property
    def alignments(self) -> tuple[Alignment, ...]:
        """Every relation of our terms to terms of other vocabularies."""
        return tuple(
            Alignment(term, relation, other)
            for term in self.terms.values()
            for relation in _RELATIONS
            if relation not in {"rdfs:domain", "rdfs:range", "owl:disjointWith"}
            for other in term.relations.get(relation, ())
            if not other.startswith(self.namespace)
        )


def read_vocabulary(engine: Engine, uses: Mapping[str, int]) -> Vocabulary | None:
    """Return the ontology of the dataset, or None when no named graph holds one.

    Args:
        engine: what is asked.
        uses: how often each class and property is used, by IRI.

    Raises:
        QueryError: if the engine cannot answer.
    """
    found = select(engine, _ONTOLOGIES).rows
    if not found:
        return None
    graph, iri = found[0]["graph"].value, found[0]["ontology"].value
    facts = _facts(engine, graph)
    ontology = {compact(name): values for name, values in facts[iri].items()}
    stated = [value.value for value in ontology.get("vann:preferredNamespaceUri", ())]
    namespace = stated[0] if stated else iri if iri.endswith(("#", "/")) else iri + "#"
    terms = {
        subject: _term(subject, kind, facts, uses)
        for subject in sorted(facts)
        if subject.startswith(namespace) and subject != iri and (kind := _kind(facts[subject]))
    }
    concepts = tuple(
        (subject, _texts(facts[subject], "skos:prefLabel", "rdfs:label"), _texts(facts[subject], "skos:definition"))
        for subject in sorted(facts)
        if expand("skos:Concept") in _iris(facts[subject], "rdf:type")
    )
    prefix = next((value.value for value in ontology.get("vann:preferredNamespacePrefix", ())), "")
    examples = _examples(engine, terms.values(), facts)
    terms = {name: replace(term, examples=examples.get(name, ())) for name, term in terms.items()}
    return Vocabulary(iri, graph, namespace, prefix, ontology, terms, concepts)


def _plain(text: str) -> str:
    return "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))


def _facts(engine: Engine, graph: str) -> Facts:
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    lines = engine.run(admit(text), format_named("ntriples"))
    facts: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, ox.Triple):
            facts[quad.subject.value][quad.predicate.value].append(quad.object)
    return {
        subject: {predicate: tuple(sorted(objects, key=str)) for predicate, objects in about.items()}
        for subject, about in facts.items()
    }


def _kind(about: Mapping[str, tuple[Term, ...]]) -> str | None:
    types = _iris(about, "rdf:type")
    return next((kind for name, kind in _KINDS.items() if expand(name) in types), None)


def _iris(about: Mapping[str, tuple[Term, ...]], name: str) -> tuple[str, ...]:
    return tuple(value.value for value in about.get(expand(name), ()) if isinstance(value, ox.NamedNode))


def _texts(about: Mapping[str, tuple[Term, ...]], *names: str) -> dict[str, str]:
    for name in names:
        values = [value for value in about.get(expand(name), ()) if isinstance(value, ox.Literal)]
        if values:
            return {value.language or "": value.value for value in values}
    return {}


def _term(iri: str, kind: str, facts: Facts, uses: Mapping[str, int]) -> VocabularyTerm:
    about = facts[iri]
    types = _iris(about, "rdf:type")
    above = "rdfs:subClassOf" if kind == "class" else "rdfs:subPropertyOf"
    deprecated = about.get(expand("owl:deprecated"), ())
    return VocabularyTerm(
        iri,
        kind,
        labels=_texts(about, "rdfs:label", "skos:prefLabel"),
        comments=_texts(about, "rdfs:comment", "skos:definition"),
        relations={name: found for name in _RELATIONS if (found := _related(iri, name, facts))},
        subterms=tuple(sorted(other for other, said in facts.items() if iri in _iris(said, above))),
        characteristics=tuple(text for name, text in _CHARACTERISTICS.items() if expand(name) in types),
        deprecated=any(value.value in {"true", "1"} for value in deprecated),
        uses=uses.get(iri, 0),
    )


def _related(iri: str, name: str, facts: Facts) -> tuple[str, ...]:
    """Return what `iri` relates to; inverses and disjoint classes are such from either side."""
    found = set(_iris(facts[iri], name))
    if name in {"owl:inverseOf", "owl:disjointWith"}:
        found.update(other for other, about in facts.items() if iri in _iris(about, name))
    return tuple(sorted(found))


def _examples(engine: Engine, terms: Iterable[VocabularyTerm], facts: Facts) -> dict[str, tuple[Example, ...]]:
    """Return examples of terms: of a class what the ontology names, of a property its first triple."""
    terms = tuple(terms)
    stated = {term.iri: _iris(facts[term.iri], "vann:example") for term in terms if term.kind == "class"}
    used = " ".join(f"<{term.iri}>" for term in terms[:_MOST] if term.kind != "class" and term.uses)
    rows = select(engine, _EXAMPLES.format(properties=used)).rows if used else ()
    rows = tuple(row for row in rows if {"p", "s", "o"} <= row.keys())
    things = {iri for iris in stated.values() for iri in iris}
    things |= {row["o"].value for row in rows if isinstance(row["o"], ox.NamedNode)}
    labels = _labels(engine, things)
    examples = {iri: tuple(Example(one, labels.get(one, compact(one))) for one in ones) for iri, ones in stated.items()}
    for row in rows:
        subject, value = row["s"].value, row["o"]
        label = row["sLabel"].value if "sLabel" in row else compact(subject)
        examples[row["p"].value] = (
            Example(subject, label, value, labels.get(value.value, "") if isinstance(value, ox.NamedNode) else ""),
        )
    return examples


def _labels(engine: Engine, things: Iterable[str]) -> dict[str, str]:
    """Return a label of each thing, French where there is one."""
    named = " ".join(f"<{iri}>" for iri in sorted(things)[:_MOST])
    labels: dict[str, str] = {}
    for row in select(engine, _LABELS.format(things=named)) if named else ():
        label = row["label"]
        if isinstance(label, ox.Literal) and (row["thing"].value not in labels or label.language == "fr"):
            labels[row["thing"].value] = label.value
    return labels
