"""What people call properties of other vocabularies, which carry no name in our ontology."""

from __future__ import annotations

from typing import Final

from territoires.errors import Text
from territoires.namespaces import expand

COMMON: Final = {
    expand(name): text
    for name, text in {
        "rdf:type": Text("is a", "est de type"),
        "rdfs:label": Text("name", "nom"),
        "rdfs:comment": Text("comment", "commentaire"),
        "rdfs:seeAlso": Text("see also", "voir aussi"),
        "rdfs:isDefinedBy": Text("defined by", "défini par"),
        "owl:sameAs": Text("same as", "identique à"),
        "schema:sameAs": Text("also known there as", "aussi décrit là"),
        "skos:prefLabel": Text("preferred name", "nom préféré"),
        "skos:altLabel": Text("other name", "autre nom"),
        "skos:definition": Text("definition", "définition"),
        "skos:inScheme": Text("in the list", "dans la liste"),
        "skos:topConceptOf": Text("first level of the list", "premier niveau de la liste"),
        "skos:hasTopConcept": Text("has as first level", "a pour premier niveau"),
        "foaf:name": Text("full name", "nom complet"),
        "foaf:page": Text("page", "page"),
        "dct:title": Text("title", "titre"),
        "dct:description": Text("description", "description"),
        "dct:identifier": Text("identifier", "identifiant"),
        "dct:publisher": Text("publisher", "éditeur"),
        "dct:contributor": Text("contributor", "contributeur"),
        "dct:creator": Text("made by", "réalisé par"),
        "dct:issued": Text("issued", "publié le"),
        "dct:modified": Text("changed", "modifié le"),
        "dct:date": Text("date", "date"),
        "dct:license": Text("licence", "licence"),
        "dct:rights": Text("rights", "droits"),
        "dct:provenance": Text("how it was obtained", "comment elle a été obtenue"),
        "dct:bibliographicCitation": Text("citation", "référence"),
        "dct:source": Text("source", "source"),
        "dct:spatial": Text("area", "étendue géographique"),
        "dct:temporal": Text("period", "période"),
        "dct:conformsTo": Text("conforms to", "conforme à"),
        "dct:isPartOf": Text("part of", "fait partie de"),
        "dct:hasPart": Text("has part", "comprend"),
        "dct:relation": Text("related to", "en lien avec"),
        "dct:subject": Text("about", "au sujet de"),
        "dcat:startDate": Text("from", "du"),
        "dcat:endDate": Text("to", "au"),
        "dcat:distribution": Text("download", "téléchargement"),
        "prov:used": Text("used", "a utilisé"),
        "prov:wasAssociatedWith": Text("carried out by", "réalisée par"),
        "prov:wasDerivedFrom": Text("derived from", "tiré de"),
        "prov:wasGeneratedBy": Text("made by", "produit par"),
        "prov:wasInformedBy": Text("follows", "suit"),
        "prov:generated": Text("patch", "patch"),
        "prov:endedAtTime": Text("done on", "faite le"),
        "schema:object": Text("changed", "a modifié"),
        "schema:targetCollection": Text("changed graph", "a modifié le graphe"),
        "org:member": Text("member", "membre"),
        "org:organization": Text("organisation", "organisme"),
        "org:postIn": Text("post in", "fonction au sein de"),
        "org:hasUnit": Text("has unit", "a pour unité"),
        "igeo:nom": Text("name at INSEE", "nom à l'Insee"),
        "igeo:codeINSEE": Text("INSEE code", "code Insee"),
        "igeo:chefLieu": Text("chief town", "chef-lieu"),
        "igeo:subdivisionDe": Text("subdivision of", "subdivision de"),
        "geo:hasGeometry": Text("geometry", "géométrie"),
        "geo:hasDefaultGeometry": Text("main geometry", "géométrie principale"),
        "geo:asWKT": Text("coordinates", "coordonnées"),
        "vann:example": Text("example", "exemple"),
    }.items()
}
"""IRI of a property -> what people read."""

INVERSE: Final = {
    expand(name): text
    for name, text in {
        "dct:source": Text("source of the graph", "source du graphe"),
        "prov:wasDerivedFrom": Text("served to make", "a servi à établir"),
        "prov:wasGeneratedBy": Text("made", "a produit"),
        "prov:used": Text("used by", "utilisé par"),
        "prov:wasAssociatedWith": Text("carried out", "a réalisé"),
        "prov:wasInformedBy": Text("followed by", "suivie de"),
        "schema:object": Text("changed by", "modifié par"),
        "schema:targetCollection": Text("changed by", "modifié par"),
        "dct:hasPart": Text("part of", "fait partie de"),
        "dct:isPartOf": Text("has part", "comprend"),
        "dct:publisher": Text("published", "a publié"),
        "dct:contributor": Text("contributed to", "a contribué à"),
        "dct:creator": Text("made", "a réalisé"),
        "dct:license": Text("licence of", "licence de"),
        "dct:spatial": Text("area of", "étendue géographique de"),
        "dct:temporal": Text("period of", "période de"),
        "dct:relation": Text("related to", "en lien avec"),
        "dct:subject": Text("subject of", "sujet de"),
        "igeo:chefLieu": Text("chief town of", "chef-lieu de"),
        "igeo:subdivisionDe": Text("has as subdivision", "a pour subdivision"),
        "org:member": Text("member in", "membre dans"),
        "org:postIn": Text("has post", "a pour fonction"),
        "org:organization": Text("organisation of", "organisme de"),
        "skos:inScheme": Text("holds", "contient"),
        "skos:topConceptOf": Text("has as first level", "a pour premier niveau"),
        "skos:hasTopConcept": Text("first level of", "premier niveau de"),
        "geo:hasGeometry": Text("geometry of", "géométrie de"),
        "geo:hasDefaultGeometry": Text("main geometry of", "géométrie principale de"),
        "ti:overlaps": Text("overlaps", "recoupe"),
    }.items()
}
"""IRI of a property without an inverse in our ontology -> the relation as read from its object."""
