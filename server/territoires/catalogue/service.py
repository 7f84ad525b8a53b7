"""SPARQL 1.1 Service Description."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from territoires.catalogue.sheet import Sheet, part
from territoires.catalogue.statistics import Statistics
from territoires.formats import GRAPH_FORMATS, RESULT_FORMATS, Format
from territoires.namespaces import expand

_FORMATS: Final = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "jsonld": "JSON-LD",
    "ntriples": "N-Triples",
    "rdfxml": "RDF_XML",
    "trig": "TriG",
    "nquads": "N-Quads",
}
"""Our name of a format -> W3C's, below http://www.w3.org/ns/formats/."""


def format_iri(format_: Format) -> str:
    """Return the W3C's IRI of a format."""
    return f"http://www.w3.org/ns/formats/{_FORMATS[format_.name]}"


def describe(statistics: Statistics, endpoint: str, *, union: bool) -> list[ox.Triple]:
    """Return the description of the service at the URL `endpoint`.

    Args:
        statistics: counts of what it serves.
        endpoint: URL of the query operation, as the client reached it.
        union: whether the default graph is the merge of all named graphs.
    """
    sheet = Sheet()
    service, dataset, default = (f"{endpoint}#{name}" for name in ("service", "dataset", "default-graph"))
    sheet.type(service, "sd:Service")
    sheet.say(service, "sd:endpoint", endpoint)
    sheet.say(service, "sd:supportedLanguage", expand("sd:SPARQL11Query"))
    if union:
        sheet.say(service, "sd:feature", expand("sd:UnionDefaultGraph"))
    for format_ in (*RESULT_FORMATS, *GRAPH_FORMATS):
        sheet.say(service, "sd:resultFormat", format_iri(format_))
    sheet.say(service, "sd:defaultEntailmentRegime", "http://www.w3.org/ns/entailment/Simple")
    sheet.say(service, "sd:defaultDataset", dataset)
    sheet.type(dataset, "sd:Dataset")
    sheet.say(dataset, "sd:defaultGraph", default)
    sheet.type(default, "sd:Graph", "void:Dataset")
    sheet.say(default, "void:triples", statistics.extent.triples)
    for name, triples in statistics.graphs.items():
        named, graph = part(endpoint, "named-graph", name), part(endpoint, "graph", name)
        sheet.say(dataset, "sd:namedGraph", named)
        sheet.type(named, "sd:NamedGraph")
        sheet.say(named, "sd:name", name)
        sheet.say(named, "sd:graph", graph)
        sheet.type(graph, "sd:Graph", "void:Dataset")
        sheet.say(graph, "void:triples", triples)
    return sheet.triples
