"""The ontology as the checks read it: one graph, its header, its own terms, and where they are described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox
import rdflib
from oxrdflib import OxigraphStore
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.namespace import OWL, RDF, RDFS, VANN, XSD
from rdflib.term import Node

from territoires import turtle
from territoires.errors import Place
from territoires.graph import load_files
from territoires.namespaces import BASE, PREFIXES
from territoires.quality.external import ExternalTerms, read_external_terms
from territoires.root import Root

_BUILT_IN: Final = tuple(str(namespace) for namespace in (RDF, RDFS, OWL, XSD))
_TYPE: Final = str(RDF.type)


class Mention(NamedTuple):
    """Where an IRI is first used in the files of the graph and its shapes."""

    file: Path
    subject: str
    """IRI of the block that uses it; empty for a blank node."""
    as_term: bool
    """Whether it is used as a property, or as the class or datatype of something, somewhere."""


@dataclass(frozen=True)
class Ontology:
    """All Turtle of ontology/ as one graph."""

    root: Root
    graph: rdflib.Graph
    external: ExternalTerms
    """Terms of other vocabularies that were checked to exist."""

    @cached_property
    def headers(self) -> tuple[rdflib.URIRef, ...]:
        """Everything that is declared an owl:Ontology, sorted."""
        return tuple(sorted(named(self.graph.subjects(RDF.type, OWL.Ontology))))

    @cached_property
    def namespace(self) -> str:
        """Namespace of the ontology's own terms: the preferred one, else the ontology IRI with `#`."""
        for header in self.headers:
            preferred = self.graph.value(header, VANN.preferredNamespaceUri)
            return str(preferred or f"{header}#")
        return f"{BASE}def#"

    @cached_property
    def classes(self) -> tuple[rdflib.URIRef, ...]:
        """Its own classes, sorted."""
        return self._own(OWL.Class, RDFS.Class)

    @cached_property
    def object_properties(self) -> tuple[rdflib.URIRef, ...]:
        """Its own object properties, sorted."""
        return self._own(OWL.ObjectProperty, OWL.SymmetricProperty, OWL.TransitiveProperty)

    @cached_property
    def properties(self) -> tuple[rdflib.URIRef, ...]:
        """Its own object and datatype properties, sorted."""
        return tuple(sorted({*self.object_properties, *self._own(OWL.DatatypeProperty)}))

    @property
    def terms(self) -> tuple[rdflib.URIRef, ...]:
        """Its own classes, then properties."""
        return (*self.classes, *self.properties)

    def is_own(self, term: Node) -> bool:
        """Return whether `term` is an IRI in the namespace of the ontology."""
        return isinstance(term, rdflib.URIRef) and term.startswith(self.namespace)

    def is_external(self, iri: str) -> bool:
        """Return whether `iri` is a name in somebody else's vocabulary: one of our prefixes, or one of the list."""
        known = (namespace for prefix, namespace in PREFIXES.items() if prefix not in {"ti", "wd"})
        namespaces = (*known, *self.external.vocabularies)
        return not iri.startswith(self.namespace) and any(iri.startswith(name) and iri != name for name in namespaces)

    def local(self, term: rdflib.URIRef) -> str:
        """Return the name of an own term within its namespace."""
        return str(term).removeprefix(self.namespace)

    def place(self, term: str) -> Place | None:
        """Return the file and line where `term` is first described."""
        return self._places.get(term)

    @cached_property
    def mentions(self) -> dict[str, Mention]:
        """Where each IRI of data/ and shapes/ is first used, in the order of the files."""
        found: dict[str, Mention] = {}
        folders = (self.root.data, self.root.shapes)
        for file in (file for folder in folders for file in sorted(folder.rglob("*.ttl"))):
            for subject, predicate, object_ in turtle.parse(file):
                block = subject.value if isinstance(subject, ox.NamedNode) else ""
                is_kind = predicate.value == _TYPE or isinstance(object_, ox.Literal)
                kind = object_.datatype if isinstance(object_, ox.Literal) else object_
                for node, as_term in ((subject, False), (predicate, True), (kind, is_kind)):
                    if isinstance(node, ox.NamedNode):
                        known = found.get(node.value)
                        if known is None or (as_term and not known.as_term):
                            found[node.value] = Mention(file, block, as_term)
        return found

    @cached_property
    def _places(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        # The largest file is the one that defines terms; the others add to them.
        for file in sorted(ontology_files(self.root), key=lambda file: -file.stat().st_size):
            for subject, line in turtle.subject_lines(file.read_text(encoding="utf-8")).items():
                found.setdefault(subject, Place(self.root.relative(file), line))
        return found

    def _own(self, *kinds: rdflib.URIRef) -> tuple[rdflib.URIRef, ...]:
        declared = {term for kind in kinds for term in named(self.graph.subjects(RDF.type, kind))}
        return tuple(sorted(filter(self.is_own, declared)))


def read_ontology(root: Root) -> Ontology:
    """Read ontology/ of a graph folder.

    Raises:
        TurtleError: where a file does not parse.
        DataError: if the list of external terms is malformed.
    """
    store = OxigraphStore(store=load_files(ontology_files(root)))
    graph = rdflib.Graph(store, identifier=DATASET_DEFAULT_GRAPH_ID)
    return Ontology(root, graph, read_external_terms(root))


def ontology_files(root: Root) -> tuple[Path, ...]:
    """Return the Turtle files of ontology/, sorted."""
    return tuple(sorted(root.ontology.rglob("*.ttl")))


def is_built_in(term: str) -> bool:
    """Return whether `term` belongs to the language (RDF, RDFS, OWL, XSD), not to a vocabulary."""
    return str(term).startswith(_BUILT_IN)


def named(nodes: Iterable[Node]) -> Iterator[rdflib.URIRef]:
    """Yield the IRIs among `nodes`."""
    return (node for node in nodes if isinstance(node, rdflib.URIRef))
