"""Reads a W3C validation report: each result with its messages in both languages, and the line it is about."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.namespace import SH

from territoires import turtle
from territoires.errors import Place, Text
from territoires.graph import KnowledgeGraph
from territoires.namespaces import DERIVED
from territoires.validation.report import Result


class _Locator:
    """Finds the file and line where a focus node is described; a value that is a named graph says in which.

    A file that `territoires build` writes is named only where no other describes it: nobody should mend it there.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._lines: dict[Path, dict[str, int]] = {}

    def __call__(self, focus: str, path: str | None, value: rdflib.term.Node | None) -> Place | None:
        if files := self._graph.files.get(focus):
            return Place(self._graph.root.relative(files[0]))
        if isinstance(value, rdflib.URIRef) and str(value) in self._graph.files:
            return self._in_graph(str(value), focus)
        subject = ox.NamedNode(focus)
        predicate = ox.NamedNode(path) if path else None
        stated = None if value is None else str(value)
        # What is said with that property and value, failing that with either, failing that anything.
        for wanted, text in ((predicate, stated), (None, stated), (predicate, None), (None, None)):
            graphs = {
                quad.graph_name.value
                for quad in self._graph.store.quads_for_pattern(subject, wanted, None)
                if isinstance(quad.graph_name, ox.NamedNode)
                and (text is None or text == getattr(quad.object, "value", None))
            }
            for name in sorted(graphs, key=lambda name: (name == DERIVED, name)):
                if place := self._in_graph(name, focus):
                    return place
        return None

    def _in_graph(self, name: str, focus: str) -> Place | None:
        for file in self._graph.files[name]:
            if line := self._subjects(file).get(focus):
                return Place(self._graph.root.relative(file), line)
        return None

    def _subjects(self, file: Path) -> dict[str, int]:
        if file not in self._lines:
            self._lines[file] = turtle.subject_lines(file.read_text(encoding="utf-8"))
        return self._lines[file]


class Reader:
    """Turns the nodes of a W3C validation report into `Result`s."""

    def __init__(self, graph: KnowledgeGraph, report: rdflib.Graph, shapes: rdflib.Graph) -> None:
        self._report = report
        self._shapes = shapes
        self._locate = _Locator(graph)

    def __call__(self, node: rdflib.term.Node) -> Result:
        """Return the result that `node` of the report describes."""
        report = self._report
        focus = report.value(node, SH.focusNode)
        path = report.value(node, SH.resultPath)
        value = report.value(node, SH.value)
        iri = str(path) if isinstance(path, rdflib.URIRef) else None
        component = str(report.value(node, SH.sourceConstraintComponent)).removeprefix(str(SH))
        return Result(
            focus_node=str(focus),
            path=iri,
            value=None if value is None else str(value),
            message=self._message(node),
            severity=str(report.value(node, SH.resultSeverity)).removeprefix(str(SH)),
            constraint=component.removesuffix("ConstraintComponent"),
            shape=str(report.value(node, SH.sourceShape)),
            place=self._locate(str(focus), iri, value) if isinstance(focus, rdflib.URIRef) else None,
        )

    def _message(self, node: rdflib.term.Node) -> Text:
        # pySHACL repeats only one of the messages of a SPARQL constraint: the shapes have them all.
        constraint = self._report.value(node, SH.sourceConstraint)
        written = list(self._shapes.objects(constraint, SH.message)) if constraint else []
        messages = {
            getattr(message, "language", None): str(message)
            for message in written or self._report.objects(node, SH.resultMessage)
        }
        english = messages.get("en") or messages.get(None) or next(iter(messages.values()), "")
        return Text(english, messages.get("fr", english))
