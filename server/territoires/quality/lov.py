"""What Linked Open Vocabularies asks of a vocabulary's metadata.

P.-Y. Vandenbussche and B. Vatant, *Metadata Recommendations For Linked Open Data Vocabularies*, version 1.1, 2012
(https://lov.linkeddata.es/Recommendations_Vocabulary_Design.pdf): Dublin Core terms, VANN and VOAF on the vocabulary;
label, comment and rdfs:isDefinedBy, with language tags, on each term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, VANN, XSD

from territoires.errors import Text
from territoires.namespaces import compact, expand
from territoires.quality.checks import Finding, about, check
from territoires.quality.ontology import Ontology

_VOCABULARY: Final = rdflib.URIRef(expand("voaf:Vocabulary"))


def _lacking(ontology: Ontology, *predicates: rdflib.URIRef) -> Iterator[Finding]:
    for header in ontology.headers:
        for predicate in predicates:
            if (header, predicate, None) not in ontology.graph:
                name = compact(str(predicate))
                yield about(ontology, header, f"has no {name}", f"n'a pas de {name}")


@check("LOV-TYPE", "Typed as a vocabulary", "Typé comme vocabulaire")
def lov_type(ontology: Ontology) -> Iterator[Finding]:
    """The ontology is also a voaf:Vocabulary."""
    for header in ontology.headers:
        if (header, RDF.type, _VOCABULARY) not in ontology.graph:
            yield about(ontology, header, "is no voaf:Vocabulary", "n'est pas un voaf:Vocabulary")


@check("LOV-TITLE", "Title and description with a language", "Titre et description avec une langue")
def lov_title(ontology: Ontology) -> Iterator[Finding]:
    """dct:title and dct:description are stated, every one with its language."""
    yield from _lacking(ontology, DCTERMS.title, DCTERMS.description)
    for header in ontology.headers:
        for predicate in (DCTERMS.title, DCTERMS.description):
            for text in ontology.graph.objects(header, predicate):
                if getattr(text, "language", None) is None:
                    name = compact(str(predicate))
                    yield about(ontology, header, f"has a {name} without language", f"a un {name} sans langue")


@check("LOV-DATES", "Dates of issue and change", "Dates de publication et de modification")
def lov_dates(ontology: Ontology) -> Iterator[Finding]:
    """dct:issued and dct:modified are stated, as xsd:date, and the change does not precede the issue."""
    yield from _lacking(ontology, DCTERMS.issued, DCTERMS.modified)
    for header in ontology.headers:
        dates = [ontology.graph.value(header, predicate) for predicate in (DCTERMS.issued, DCTERMS.modified)]
        stated = [date for date in dates if date is not None]
        if any(getattr(date, "datatype", None) != XSD.date for date in stated):
            yield about(ontology, header, "has a date that is no xsd:date", "a une date qui n'est pas un xsd:date")
        elif stated != sorted(stated, key=str):
            yield about(ontology, header, "was modified before it was issued", "a été modifié avant d'être publié")


@check("LOV-RIGHTS", "Licence by an IRI", "Licence par un IRI")
def lov_rights(ontology: Ontology) -> Iterator[Finding]:
    """dct:license is stated, as an IRI."""
    yield from _lacking(ontology, DCTERMS.license)
    for header in ontology.headers:
        for licence in ontology.graph.objects(header, DCTERMS.license):
            if not isinstance(licence, rdflib.URIRef):
                yield about(ontology, header, "names its licence by no IRI", "ne nomme pas sa licence par un IRI")


@check("LOV-AGENTS", "Creator and publisher", "Créateur et éditeur")
def lov_agents(ontology: Ontology) -> Iterator[Finding]:
    """dct:creator and dct:publisher are stated; dct:contributor where there is one."""
    yield from _lacking(ontology, DCTERMS.creator, DCTERMS.publisher)


@check("LOV-VERSION", "Version number", "Numéro de version")
def lov_version(ontology: Ontology) -> Iterator[Finding]:
    """owl:versionInfo is stated."""
    yield from _lacking(ontology, OWL.versionInfo)


@check("LOV-NAMESPACE", "Preferred prefix and namespace", "Préfixe et espace de noms préférés")
def lov_namespace(ontology: Ontology) -> Iterator[Finding]:
    """vann:preferredNamespacePrefix and vann:preferredNamespaceUri are stated, and terms live in that namespace."""
    yield from _lacking(ontology, VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri)
    if ontology.headers and not ontology.terms:
        text = Text(f"no term is in {ontology.namespace}", f"aucun terme n'est dans {ontology.namespace}")
        yield Finding(text)


@check("LOV-TERMS", "Terms labelled and attributed", "Termes nommés et rattachés")
def lov_terms(ontology: Ontology) -> Iterator[Finding]:
    """Each term is rdfs:isDefinedBy the ontology, and its labels and comments have a language."""
    for term in ontology.terms:
        if set(ontology.graph.objects(term, RDFS.isDefinedBy)) != set(ontology.headers):
            yield about(ontology, term, "is not defined by the ontology", "n'est pas rattaché à l'ontologie")
        texts = (*ontology.graph.objects(term, RDFS.label), *ontology.graph.objects(term, RDFS.comment))
        if any(getattr(text, "language", None) is None for text in texts):
            yield about(ontology, term, "has a text without language", "a un texte sans langue")


LOV: Final = (
    lov_type, lov_title, lov_dates, lov_rights, lov_agents, lov_version, lov_namespace, lov_terms
)  # fmt: skip
