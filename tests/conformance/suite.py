"""Reads the manifests of the W3C SPARQL 1.1 test suite (github.com/w3c/rdf-tests, sparql/sparql11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import rdflib
from rdflib import RDF, RDFS, Namespace, URIRef
from rdflib.collection import Collection

MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
BASE: Final = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"

FEATURES: Final = {
    "aggregates": "Aggregates",
    "bind": "BIND",
    "bindings": "VALUES",
    "cast": "Casts",
    "construct": "CONSTRUCT",
    "exists": "EXISTS",
    "functions": "Functions",
    "grouping": "Grouping",
    "negation": "Negation",
    "project-expression": "Projected expressions",
    "property-path": "Property paths",
    "subquery": "Subqueries",
    "syntax-query": "Query syntax",
    "csv-tsv-res": "Results as CSV and TSV",
    "json-res": "Results as JSON",
    "protocol": "Protocol: query operation",
    "service-description": "Service description",
    "graph-store-protocol": "Graph Store Protocol: read side",
    "basic-update": "Update: INSERT DATA, INSERT WHERE, USING",
    "delete-data": "Update: DELETE DATA",
    "delete-where": "Update: DELETE WHERE",
    "delete": "Update: DELETE",
    "delete-insert": "Update: DELETE and INSERT",
    "clear": "Update: CLEAR",
    "drop": "Update: DROP",
    "add": "Update: ADD",
    "copy": "Update: COPY",
    "move": "Update: MOVE",
    "update-silent": "Update: SILENT",
    "syntax-update-1": "Update: syntax",
    "syntax-update-2": "Update: syntax of a large request",
}
"""Folder of the suite -> what it tests. Federation and entailment are not claimed (see the page)."""


@dataclass(frozen=True)
class Case:
    """One test of a manifest."""

    feature: str
    name: str
    kind: str
    node: rdflib.term.Node
    manifest: rdflib.Graph
    folder: Path

    @property
    def title(self) -> str:
        """What the suite calls it."""
        return str(self.manifest.value(self.node, MF.name))

    def file(self, iri: rdflib.term.Node | None) -> Path:
        """Return the file of the suite that an IRI of the manifest stands for."""
        return self.folder / str(iri).removeprefix(f"{BASE}{self.feature}/")

    def objects(self, subject: rdflib.term.Node | None, predicate: URIRef) -> list[rdflib.term.Node]:
        """Return the values of a property in the manifest."""
        return list(self.manifest.objects(subject, predicate))

    @property
    def graph_data(self) -> Iterator[tuple[str, Path]]:
        """Name and file of each named graph."""
        action = self.manifest.value(self.node, MF.action)
        for node in [*self.objects(action, QT.graphData), *self.objects(self.node, UT.graphData)]:
            named = self.manifest.value(node, UT.graph)
            yield (
                (str(self.manifest.value(node, RDFS.label)), self.file(named))
                if named
                else (str(node), self.file(node))
            )

    @property
    def requests(self) -> list[Request]:
        """HTTP requests of a protocol test, in order."""
        head = self.manifest.value(self.manifest.value(self.node, MF.action), HT.requests)
        return [self._request(node) for node in Collection(self.manifest, head)] if head else []

    def _request(self, node: rdflib.term.Node) -> Request:
        response = self.manifest.value(node, HT.resp)
        return Request(
            method=str(self.manifest.value(node, HT.methodName)),
            path=str(self.manifest.value(node, HT.absolutePath)),
            headers=self._headers(node),
            body=self._body(node),
            statuses=tuple(str(status).rpartition("#")[2] for status in self.objects(response, MF.expectedStatus)),
            boolean=(value := self.manifest.value(response, MF.expectedBoolean)) and str(value) == "true",
            format=(found := self.manifest.value(response, MF.expectedFormat)) and str(found),
            content=self._body(response),
        )

    def _headers(self, node: rdflib.term.Node | None) -> dict[str, str]:
        head = self.manifest.value(node, HT.headers)
        fields: Iterable[rdflib.term.Node] = Collection(self.manifest, head) if head else ()
        return {
            str(self.manifest.value(item, HT.fieldName)): str(self.manifest.value(item, HT.fieldValue))
            for item in fields
        }

    def _body(self, node: rdflib.term.Node | None) -> bytes | None:
        body = self.manifest.value(node, HT.body)
        chars, encoding = self.manifest.value(body, CNT.chars), self.manifest.value(body, CNT.characterEncoding)
        return None if chars is None else str(chars).encode(str(encoding or "UTF-8"))


@dataclass(frozen=True)
class Request:
    """One request of a protocol test, and what is expected of the answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: tuple[str, ...]
    boolean: Any
    format: Any
    content: bytes | None

    def expects(self, status: int) -> bool:
        """Return whether `status` is one of those expected."""
        names = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404, "BadRequest": 400}
        return any(
            status // 100 == int(name[10]) if name.startswith("StatusCode") else names.get(name) == status
            for name in self.statuses
        )


def cases(suite: Path, feature: str) -> Iterator[Case]:
    """Yield the tests of one folder of the suite, in the order of its manifests."""
    folder = suite / feature
    for file in sorted(folder.glob("manifest*.ttl")):
        manifest = rdflib.Graph().parse(file, format="turtle", publicID=f"{BASE}{feature}/{file.name}")
        for head in manifest.objects(None, MF.entries):
            for node in Collection(manifest, head):
                kind = str(manifest.value(node, RDF.type)).rpartition("#")[2]
                yield Case(feature, str(node).rpartition("#")[2], kind, node, manifest, folder)
