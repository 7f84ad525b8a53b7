"""Pitfalls of structure of OOPS! that can be seen without a network: hierarchy, domains, inverses, definitions, types.

Definitions follow the catalogue of the OntOlogy Pitfall Scanner! (http://oops.linkeddata.es/catalogue.jsp;
M. Poveda-Villalón et al., *OOPS! … An On-line Tool for Ontology Evaluation*, 2014), thresholds its published code.
Where the scanner passes over well-known vocabularies, these checks do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import Node

from territoires.errors import Text
from territoires.namespaces import compact
from territoires.quality.checks import Finding, about, check
from territoires.quality.ontology import Ontology, is_built_in, named

_CLASS_AXIOMS: Final = (RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith)
_PROPERTY_AXIOMS: Final = (RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf)
_PROPERTY_KINDS: Final = (
    RDF.Property,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.OntologyProperty,
)


@check("P04", "Unconnected ontology elements", "Éléments sans lien avec le reste")
def p04(ontology: Ontology) -> Iterator[Finding]:
    """A class exists in isolation: it is nobody's domain or range, and has no super-, sub- or equivalent class."""
    for cls in ontology.classes:
        inward = (RDFS.domain, RDFS.range, RDFS.subClassOf, OWL.equivalentClass, RDF.first)
        linked = any((None, predicate, cls) in ontology.graph for predicate in inward)
        if not linked and not any((cls, predicate, None) in ontology.graph for predicate in _CLASS_AXIOMS[:2]):
            yield about(ontology, cls, "is linked to nothing", "n'est lié à rien")


@check("P06", "Cycles in the class hierarchy", "Cycles dans la hiérarchie de classes")
def p06(ontology: Ontology) -> Iterator[Finding]:
    """A class is, directly or not, a subclass of itself through another class."""
    for cls in ontology.classes:
        for parent in named(ontology.graph.objects(cls, RDFS.subClassOf)):
            if parent != cls and cls in set(ontology.graph.transitive_objects(parent, RDFS.subClassOf)):
                yield about(ontology, cls, f"is its own ancestor, by {parent}", f"est son propre ancêtre, par {parent}")
                break


@check("P10", "Missing disjointness", "Disjonctions manquantes")
def p10(ontology: Ontology) -> Iterator[Finding]:
    """Of two classes or more, the ontology says of none that it is disjoint with another."""
    stated = any(
        pattern in ontology.graph
        for pattern in (
            (None, OWL.disjointWith, None),
            (None, OWL.disjointUnionOf, None),
            (None, RDF.type, OWL.AllDisjointClasses),
        )
    )
    if len(ontology.classes) > 1 and not stated:
        yield Finding(Text("no class is owl:disjointWith another", "aucune classe n'est owl:disjointWith une autre"))


@check("P11", "Missing domain or range", "Domaine ou image manquants")
def p11(ontology: Ontology) -> Iterator[Finding]:
    """An object or datatype property has no rdfs:domain or no rdfs:range."""
    for term in ontology.properties:
        for predicate in (RDFS.domain, RDFS.range):
            if (term, predicate, None) not in ontology.graph:
                name = compact(str(predicate))
                yield about(ontology, term, f"has no {name}", f"n'a pas de {name}")


@check("P13", "Inverse relationships not declared", "Relations inverses non déclarées")
def p13(ontology: Ontology) -> Iterator[Finding]:
    """A relationship that is not symmetric has no inverse (owl:inverseOf) in the ontology."""
    for term in ontology.object_properties:
        symmetric = (term, RDF.type, OWL.SymmetricProperty) in ontology.graph
        inverse = (term, OWL.inverseOf, None) in ontology.graph or (None, OWL.inverseOf, term) in ontology.graph
        if not symmetric and not inverse:
            yield about(ontology, term, "has no owl:inverseOf", "n'a pas d'owl:inverseOf")


@check("P19", "Several domains or ranges", "Plusieurs domaines ou images")
def p19(ontology: Ontology) -> Iterator[Finding]:
    """A property states rdfs:domain or rdfs:range more than once, which OWL reads as the intersection."""
    for term in ontology.properties:
        for predicate in (RDFS.domain, RDFS.range):
            if len(set(ontology.graph.objects(term, predicate))) > 1:
                name = compact(str(predicate))
                yield about(ontology, term, f"has several {name}", f"a plusieurs {name}")


@check("P24", "Recursive definitions", "Définitions récursives")
def p24(ontology: Ontology) -> Iterator[Finding]:
    """A term is used in its own definition: a class in its super- or equivalent class, a property in its domain."""
    axioms = (RDFS.subClassOf, OWL.equivalentClass, OWL.disjointUnionOf, OWL.unionOf, OWL.intersectionOf)
    for term in ontology.terms:
        of_property = (RDFS.domain, RDFS.range, RDFS.subPropertyOf, OWL.equivalentProperty)
        starts = (node for axiom in (*axioms, *of_property) for node in ontology.graph.objects(term, axiom))
        if any(term in _expression(ontology.graph, node) for node in starts):
            yield about(ontology, term, "is part of its own definition", "fait partie de sa propre définition")


@check("P25", "A relationship inverse to itself", "Une relation inverse d'elle-même")
def p25(ontology: Ontology) -> Iterator[Finding]:
    """A relationship is declared its own inverse, instead of owl:SymmetricProperty."""
    for term in ontology.object_properties:
        if (term, OWL.inverseOf, term) in ontology.graph:
            yield about(ontology, term, "is its own inverse", "est son propre inverse")


@check("P26", "Inverse of a symmetric relationship", "Inverse d'une relation symétrique")
def p26(ontology: Ontology) -> Iterator[Finding]:
    """A symmetric property is declared the inverse of another property."""
    for term in ontology.object_properties:
        if (term, RDF.type, OWL.SymmetricProperty) not in ontology.graph:
            continue
        others = {*ontology.graph.objects(term, OWL.inverseOf), *ontology.graph.subjects(OWL.inverseOf, term)}
        if others - {term}:
            yield about(ontology, term, "is symmetric and has another inverse", "est symétrique et a un autre inverse")


@check("P33", "A property chain of one property", "Une chaîne d'une seule propriété")
def p33(ontology: Ontology) -> Iterator[Finding]:
    """An owl:propertyChainAxiom has fewer than two properties."""
    for term, chain in ontology.graph.subject_objects(OWL.propertyChainAxiom):
        if isinstance(term, rdflib.URIRef) and len(Collection(ontology.graph, chain)) < 2:  # noqa: PLR2004  (a chain)
            yield about(ontology, term, "its property chain has one link", "sa chaîne de propriétés a un seul maillon")


@check("P34", "Untyped classes", "Classes non déclarées")
def p34(ontology: Ontology) -> Iterator[Finding]:
    """Something is used as a class (type, domain, range, class axiom) and not declared one, in this ontology."""
    used = {*ontology.graph.objects(None, RDF.type)}
    for predicate in (RDFS.domain, RDFS.range, *_CLASS_AXIOMS):
        used |= set(ontology.graph.objects(None, predicate))
    for predicate in _CLASS_AXIOMS:
        used |= set(ontology.graph.subjects(predicate, None))
    for term in sorted(named(used)):
        declared = {OWL.Class, RDFS.Class, RDFS.Datatype} & set(ontology.graph.objects(term, RDF.type))
        if not declared and not is_built_in(term):
            yield about(ontology, term, "is used as a class", "est employé comme classe")


@check("P35", "Untyped properties", "Propriétés non déclarées")
def p35(ontology: Ontology) -> Iterator[Finding]:
    """Something is used as a property and not declared one, in this ontology."""
    used = set(ontology.graph.predicates())
    for predicate in _PROPERTY_AXIOMS:
        used |= {*ontology.graph.objects(None, predicate), *ontology.graph.subjects(predicate, None)}
    for term in sorted(named(used)):
        if not is_built_in(term) and not set(_PROPERTY_KINDS) & set(ontology.graph.objects(term, RDF.type)):
            yield about(ontology, term, "is used as a property", "est employé comme propriété")


def _expression(graph: rdflib.Graph, node: Node) -> set[Node]:
    """Return the names in a class expression: `node`, or what its blank nodes are made of."""
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += graph.objects(current, None) if isinstance(current, rdflib.BNode) else []
    return found


STRUCTURE: Final = (p04, p06, p10, p11, p13, p19, p24, p25, p26, p33, p34, p35)
