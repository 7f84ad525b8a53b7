"""VoID: how large the dataset is, what it is made of, what it links to, where its dumps are."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from territoires.catalogue.service import format_iri
from territoires.catalogue.sheet import Sheet, part
from territoires.catalogue.statistics import Statistics
from territoires.formats import GRAPH_FORMATS
from territoires.namespaces import BASE, expand

PATH: Final = ".well-known/void"
DUMP: Final = "dump.nq"
"""Address of the dump below the server's: every graph with its name."""
_COPIED: Final = ("dct:title", "dct:description", "dct:license", "dct:issued", "dct:publisher", "dct:creator")


def dataset_iri(statistics: Statistics, home: str) -> str:
    """Return the IRI of the dataset: its own where it describes itself, else one of the server's."""
    own = f"{BASE}dataset"
    return own if statistics.facts(own, ox.NamedNode(expand("rdf:type"))) else f"{home}{PATH}#dataset"


def describe(statistics: Statistics, home: str) -> list[ox.Triple]:
    """Return the VoID description.

    Args:
        statistics: counts of the dataset.
        home: URL below which the server answers, with the slash.
    """
    sheet = Sheet()
    document, dataset = home + PATH, dataset_iri(statistics, home)
    sheet.type(document, "void:DatasetDescription")
    sheet.say(document, "foaf:primaryTopic", dataset)
    sheet.type(dataset, "void:Dataset")
    for name in _COPIED:
        sheet.say(dataset, name, *statistics.facts(dataset, ox.NamedNode(expand(name))))
    sheet.say(dataset, "void:sparqlEndpoint", f"{home}sparql")
    sheet.say(dataset, "void:dataDump", home + DUMP)
    sheet.say(dataset, "void:feature", *map(format_iri, GRAPH_FORMATS))
    _count(sheet, dataset, statistics)
    _partition(sheet, document, dataset, statistics)
    _link(sheet, document, dataset, statistics)
    for name, triples in statistics.graphs.items():
        subset = part(document, "graph", name)
        sheet.say(dataset, "void:subset", subset)
        sheet.type(subset, "void:Dataset")
        sheet.say(subset, "dct:title", *statistics.facts(name, ox.NamedNode(expand("dct:title"))))
        sheet.say(subset, "dct:source", name)
        sheet.say(subset, "void:triples", triples)
    return sheet.triples


def _count(sheet: Sheet, dataset: str, statistics: Statistics) -> None:
    sheet.say(dataset, "void:triples", statistics.extent.triples)
    sheet.say(dataset, "void:distinctSubjects", statistics.extent.subjects)
    sheet.say(dataset, "void:distinctObjects", statistics.extent.objects)
    sheet.say(dataset, "void:classes", len(statistics.classes))
    sheet.say(dataset, "void:properties", len(statistics.properties))


def _partition(sheet: Sheet, document: str, dataset: str, statistics: Statistics) -> None:
    for class_, entities in statistics.classes.items():
        partition = part(document, "class", class_)
        sheet.say(dataset, "void:classPartition", partition)
        sheet.type(partition, "void:Dataset")
        sheet.say(partition, "void:class", class_)
        sheet.say(partition, "void:entities", entities)
    for property_, extent in statistics.properties.items():
        partition = part(document, "property", property_)
        sheet.say(dataset, "void:propertyPartition", partition)
        sheet.type(partition, "void:Dataset")
        sheet.say(partition, "void:property", property_)
        sheet.say(partition, "void:triples", extent.triples)
        sheet.say(partition, "void:distinctSubjects", extent.subjects)
        sheet.say(partition, "void:distinctObjects", extent.objects)


def _link(sheet: Sheet, document: str, dataset: str, statistics: Statistics) -> None:
    for predicate, target, triples in statistics.links:
        linkset, other = part(document, "links", f"{predicate} {target}"), part(document, "target", target)
        sheet.say(dataset, "void:subset", linkset)
        sheet.type(linkset, "void:Linkset")
        sheet.say(linkset, "void:linkPredicate", predicate)
        sheet.say(linkset, "void:triples", triples)
        sheet.say(linkset, "void:subjectsTarget", dataset)
        sheet.say(linkset, "void:objectsTarget", other)
        sheet.type(other, "void:Dataset")
        sheet.say(other, "void:uriSpace", ox.Literal(target))
