"""From pyoxigraph, which reads and stores, to rdflib, on which pySHACL works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox
import rdflib

from territoires.namespaces import PREFIXES

_XSD_STRING: Final = PREFIXES["xsd"] + "string"


def as_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Return a graph of `triples`, with our prefixes bound."""
    graph = rdflib.Graph()
    add = graph.store.add
    known: dict[object, rdflib.term.IdentifiedNode | rdflib.Literal] = {}

    def term(node: object) -> Any:  # noqa: ANN401  (rdflib's own type for positions of a triple)
        converted = known.get(node)
        if converted is None:
            converted = known[node] = as_rdflib_term(node)
        return converted

    for subject, predicate, object_ in triples:
        add((term(subject), term(predicate), term(object_)), graph)
    for prefix, iri in PREFIXES.items():
        graph.bind(prefix, iri, override=True, replace=True)
    return graph


def as_rdflib_term(node: object) -> rdflib.term.IdentifiedNode | rdflib.Literal:
    """Return a term of pyoxigraph as rdflib's.

    Raises:
        TypeError: for what is no term of RDF 1.1.
    """
    match node:
        case ox.NamedNode():
            return rdflib.URIRef(node.value)
        case ox.BlankNode():
            return rdflib.BNode(node.value)
        case ox.Literal() if node.language:
            return rdflib.Literal(node.value, lang=node.language)
        case ox.Literal() if node.datatype.value == _XSD_STRING:
            # rdflib takes "x" and "x"^^xsd:string for different terms; its parsers write the former.
            return rdflib.Literal(node.value)
        case ox.Literal():
            return rdflib.Literal(node.value, datatype=rdflib.URIRef(node.datatype.value))
    raise TypeError(node)
