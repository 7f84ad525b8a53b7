"""The tests of FOOPS! (Ontology Pitfall Scanner for FAIR) that need no network.

Which properties count follows its catalogue of tests (https://w3id.org/foops/catalogue; D. Garijo, O. Corcho and
M. Poveda-Villalón, *FOOPS!: An Ontology Pitfall Scanner for the FAIR Principles*, 2021). One field that OM3 lists is
not demanded: the DOI, which only a repository can give.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib.namespace import DC, DCTERMS, DOAP, FOAF, OWL, PROV, RDFS, SDO, SKOS, VANN
from rdflib.term import URIRef

from territoires.errors import Text
from territoires.quality.checks import Finding, about, check
from territoires.quality.ontology import Ontology, is_built_in, named

_BIBO: Final = "http://purl.org/ontology/bibo/"
_PAV: Final = "http://purl.org/pav/"
_CC: Final = "http://creativecommons.org/ns#"
_MOD: Final = "https://w3id.org/mod#"

_FIELDS: Final[dict[str, tuple[Text, tuple[str, ...]]]] = {
    "title": (Text("title", "titre"), (DCTERMS.title, DC.title, SDO.name)),
    "description": (
        Text("description", "description"),
        (DCTERMS.abstract, DCTERMS.description, DC.description, SDO.description, RDFS.comment, SKOS.note),
    ),
    "licence": (Text("licence", "licence"), (DCTERMS.license, SDO.license, DOAP.license, _CC + "license")),
    "rights": (Text("rights", "droits"), (DC.rights, DCTERMS.rights, DCTERMS.accessRights)),
    "version": (Text("version IRI", "IRI de version"), (OWL.versionIRI,)),
    "creator": (
        Text("creator", "créateur"),
        (DCTERMS.creator, DC.creator, SDO.creator, PROV.wasAttributedTo, _PAV + "createdBy", _PAV + "authoredBy"),
    ),
    "namespace": (Text("namespace IRI", "IRI d'espace de noms"), (VANN.preferredNamespaceUri,)),
    "prefix": (Text("namespace prefix", "préfixe"), (VANN.preferredNamespacePrefix,)),
    "version info": (Text("version number", "numéro de version"), (OWL.versionInfo, SDO.schemaVersion)),
    "created": (
        Text("creation date", "date de création"),
        (DCTERMS.created, SDO.dateCreated, DOAP.created, PROV.generatedAtTime, _PAV + "createdOn"),
    ),
    "citation": (Text("citation", "citation"), (DCTERMS.bibliographicCitation, SDO.citation)),
    "publisher": (Text("publisher", "éditeur"), (DCTERMS.publisher, DC.publisher, SDO.publisher)),
    "logo": (Text("logo", "logo"), (FOAF.logo, SDO.logo)),
    "status": (Text("status", "état"), (_BIBO + "status", _MOD + "status")),
    "source": (Text("source", "source"), (DCTERMS.source, PROV.hadPrimarySource)),
    "issued": (Text("issue date", "date de publication"), (DCTERMS.issued, SDO.datePublished)),
}
_METADATA: Final = (*map(str, (DC, DCTERMS, SDO, VANN, PROV, FOAF, DOAP)), _BIBO, _PAV, _MOD)


def _missing(ontology: Ontology, *fields: str) -> Iterator[Finding]:
    for header in ontology.headers:
        stated = set(map(str, ontology.graph.predicates(header)))
        for field in fields:
            name, properties = _FIELDS[field]
            if not stated & set(map(str, properties)):
                yield about(ontology, header, f"states no {name.en}", f"n'indique pas : {name.fr}")


@check("FIND1", "Prefix declared", "Préfixe déclaré")
def find1(ontology: Ontology) -> Iterator[Finding]:
    """F1: the metadata declares the prefix of the ontology (vann:preferredNamespacePrefix)."""
    yield from _missing(ontology, "prefix")


@check("URI2", "Consistent ontology identifiers", "Identifiants cohérents")
def uri2(ontology: Ontology) -> Iterator[Finding]:
    """F1: the IRI from which the ontology is loaded is the one it gives itself.

    Offline, it is loaded from where its terms lead: the namespace, or that without its last `#`.
    """
    for header in ontology.headers:
        if str(header) not in {ontology.namespace.removesuffix("#"), ontology.namespace}:
            yield about(
                ontology, header, f"is not where {ontology.namespace} leads", f"n'est pas où mène {ontology.namespace}"
            )


@check("VER1", "Version IRI", "IRI de version")
def ver1(ontology: Ontology) -> Iterator[Finding]:
    """F1: the version has an IRI (owl:versionIRI), different from that of the ontology."""
    for header in ontology.headers:
        versions = set(ontology.graph.objects(header, OWL.versionIRI))
        if not versions - {header}:
            yield about(ontology, header, "has no version IRI of its own", "n'a pas d'IRI de version distinct")


@check("OM1", "Minimum metadata", "Métadonnées minimales")
def om1(ontology: Ontology) -> Iterator[Finding]:
    """F2: title, description, licence, version IRI, creator and namespace IRI are stated."""
    yield from _missing(ontology, "title", "description", "licence", "version", "creator", "namespace")


@check("OM2", "Recommended metadata", "Métadonnées recommandées")
def om2(ontology: Ontology) -> Iterator[Finding]:
    """R1: prefix, version number, creation date and citation are stated; a contributor may be."""
    yield from _missing(ontology, "prefix", "version info", "created", "citation")


@check("OM3", "Detailed metadata", "Métadonnées détaillées")
def om3(ontology: Ontology) -> Iterator[Finding]:
    """R1: publisher, logo, status, source and issue date are stated (and a DOI, which is not demanded here)."""
    yield from _missing(ontology, "publisher", "logo", "status", "source", "issued")


@check("OM4.1", "Licence or rights", "Licence ou droits")
def om4_1(ontology: Ontology) -> Iterator[Finding]:
    """R1.1: a licence is stated, or else rights."""
    for finding in _missing(ontology, "licence"):
        if any(_missing(ontology, "rights")):
            yield finding


@check("OM5.1", "Basic provenance", "Provenance de base")
def om5_1(ontology: Ontology) -> Iterator[Finding]:
    """R1.2: creator and creation date are stated."""
    yield from _missing(ontology, "creator", "created")


@check("OM5.2", "Detailed provenance", "Provenance détaillée")
def om5_2(ontology: Ontology) -> Iterator[Finding]:
    """R1.2: publisher and issue date are stated."""
    yield from _missing(ontology, "publisher", "issued")


@check("VOC1", "Vocabularies reused for metadata", "Vocabulaires repris pour les métadonnées")
def voc1(ontology: Ontology) -> Iterator[Finding]:
    """I2: the metadata is stated with the properties of a known vocabulary, such as Dublin Core or VANN."""
    for header in ontology.headers:
        if not any(str(predicate).startswith(_METADATA) for predicate in ontology.graph.predicates(header)):
            yield about(ontology, header, "uses no metadata vocabulary", "n'emploie aucun vocabulaire de métadonnées")


@check("VOC2", "Vocabularies reused", "Vocabulaires repris")
def voc2(ontology: Ontology) -> Iterator[Finding]:
    """I2: the ontology imports another vocabulary, or builds on terms of one (besides RDF, RDFS and OWL)."""
    related = {
        node
        for term in ontology.terms
        for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty, RDFS.range)
        for node in named(ontology.graph.objects(term, predicate))
        if not ontology.is_own(node) and not is_built_in(node)
    }
    if ontology.headers and not related and (None, OWL.imports, None) not in ontology.graph:
        yield Finding(Text("reuses no other vocabulary", "ne reprend aucun autre vocabulaire"))


def _undocumented(ontology: Ontology, *properties: URIRef) -> Iterator[URIRef]:
    for term in ontology.terms:
        if not any((term, predicate, None) in ontology.graph for predicate in properties):
            yield term


@check("VOC3", "All terms have labels", "Tous les termes ont un label")
def voc3(ontology: Ontology) -> Iterator[Finding]:
    """R1: every class and property has an rdfs:label or skos:prefLabel."""
    for term in _undocumented(ontology, RDFS.label, SKOS.prefLabel):
        yield about(ontology, term, "has no label", "n'a pas de label")


@check("VOC4", "All terms have definitions", "Tous les termes ont une définition")
def voc4(ontology: Ontology) -> Iterator[Finding]:
    """R1: every class and property has an rdfs:comment or skos:definition."""
    for term in _undocumented(ontology, RDFS.comment, SKOS.definition):
        yield about(ontology, term, "has no definition", "n'a pas de définition")


FOOPS: Final = (find1, uri2, ver1, om1, om2, om3, om4_1, om5_1, om5_2, voc1, voc2, voc3, voc4)
