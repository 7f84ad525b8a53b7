"""Runs pySHACL on the whole graph, or on what a change can affect, and the checks of the named graphs.

rdflib holds the copy that is judged, because pySHACL on the Oxigraph store does not finish; pyoxigraph fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF, RDFS, SH

from territoires import turtle
from territoires.changes import Changes
from territoires.errors import Place, Text
from territoires.graph import KnowledgeGraph
from territoires.namespaces import PREFIXES
from territoires.root import Root
from territoires.validation.dataset import judge_dataset
from territoires.validation.reading import Reader
from territoires.validation.report import Report, Result
from territoires.validation.terms import as_rdflib

_TYPE: Final = PREFIXES["rdf"] + "type"

_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)

Progress = Callable[[Text], None]


def validate(
    graph: KnowledgeGraph,
    *,
    changes: Changes | None = None,
    only: Callable[[Path], bool] = lambda _: True,
    progress: Progress = lambda _: None,
) -> Report:
    """Judge `graph` by the shapes of its root: the whole, or only what a change can affect.

    Args:
        graph: the loaded graph.
        changes: what has changed since the graph was last known to be valid; the violations found are then those that
            judging everything would find (docs/decisions/0005). None judges everything.
        only: which files of shapes and checks to judge by.
        progress: told what is being done, for a terminal.

    Raises:
        TurtleError: if a shape file does not parse.
    """
    import pyshacl  # noqa: PLC0415  (half a second that serving and querying need not pay)

    progress(Text("reading the shapes", "lecture des formes"))
    shapes, flat = _read_shapes(tuple((file, file.read_bytes()) for file in filter(only, graph.root.shape_files())))
    progress(Text("copying the graph for pySHACL", "copie du graphe pour pySHACL"))
    inverse = {ox.NamedNode(str(path)) for path in shapes.objects(None, SH.inversePath)}
    focus = None if changes is None else _touched(graph, changes, inverse)
    data = as_rdflib(graph.triples() if focus is None else neighbourhood(graph, focus, inverse))
    count = len(data)
    progress(Text(f"judging {count} triples by their shapes", f"examen de {count} triplets selon leurs formes"))
    _, report, _ = pyshacl.validate(data, shacl_graph=flat, inplace=True, allow_warnings=True)
    if focus is not None:
        # pySHACL's own focus_nodes would leave out what sh:or and sh:qualifiedValueShape look at (0.40).
        _keep_only(report, {rdflib.URIRef(node.value) for node in focus})
    progress(Text("judging the named graphs", "examen des graphes nommés"))
    judge_dataset(graph, report, changes, only)
    read = Reader(graph, report, shapes)
    results = [read(node) for node in report.subjects(RDF.type, SH.ValidationResult)]
    results.sort(key=_order)
    conforms = all(result.severity != "Violation" for result in results)
    return Report(conforms, tuple(results), count, report)


def prepare(root: Root) -> None:
    """Read the shapes of `root`, and import what judges, so that the processes forked from this one need not.

    Raises:
        TurtleError: if a shape file does not parse.
    """
    import pyshacl  # noqa: F401, PLC0415  (as above)

    _read_shapes(tuple((file, file.read_bytes()) for file in root.shape_files()))


@lru_cache(maxsize=1)
def _read_shapes(files: tuple[tuple[Path, bytes], ...]) -> tuple[rdflib.Graph, rdflib.Graph]:
    """Return the shapes of Turtle files as they stand there, and flat; nobody changes either."""
    shapes = as_rdflib(triple for file, _ in files for triple in turtle.parse(file))
    return shapes, _flat(shapes)


def _flat(shapes: rdflib.Graph) -> rdflib.Graph:
    """Return shapes that judge alike and sooner: property shapes take over the targets of the node shape they hang on.

    pySHACL judges a property shape once per focus node when it hangs on a node shape, and once for all of its targets.
    """
    flat = shapes + rdflib.Graph()
    for shape, property_ in shapes.subject_objects(SH.property):
        targets = [(target, value) for target in _TARGETS for value in shapes.objects(shape, target)]
        is_free = (None, None, shape) not in shapes and (shape, SH.deactivated, None) not in shapes
        if targets and is_free and len([*shapes.subjects(SH.property, property_)]) == 1:
            flat.remove((shape, SH.property, property_))
            for target, value in targets:
                flat.add((property_, target, value))
    return flat


def _keep_only(report: rdflib.Graph, focus: set[rdflib.URIRef]) -> None:
    """Take the results on other focus nodes out of a report, and say anew whether it conforms."""
    conforms = True
    for result in [*report.subjects(RDF.type, SH.ValidationResult)]:
        if report.value(result, SH.focusNode) in focus:
            conforms = conforms and report.value(result, SH.resultSeverity) != SH.Violation
        else:
            report.remove((None, SH.result, result))
            report.remove((result, None, None))
    for node in report.subjects(RDF.type, SH.ValidationReport):
        report.set((node, SH.conforms, rdflib.Literal(conforms)))


def _order(result: Result) -> tuple[str, int, str, str, str]:
    place = result.place or Place()
    return str(place.file or ""), place.line or 0, result.focus_node, result.shape, result.value or ""


def _touched(graph: KnowledgeGraph, changes: Changes, inverse: Collection[ox.NamedNode]) -> set[ox.NamedNode]:
    """Return the entities on which a changed triple can alter the verdict."""
    touched: set[object] = set()
    for triple in changes.triples:
        touched.add(triple.subject)
        if triple.predicate in inverse:
            touched.add(triple.object)
        if triple.predicate.value == _TYPE and isinstance(triple.subject, ox.NamedNode):
            touched.update(quad.subject for quad in graph.store.quads_for_pattern(None, None, triple.subject))
    return {node for node in touched if isinstance(node, ox.NamedNode)}


def neighbourhood(
    graph: KnowledgeGraph, focus: set[ox.NamedNode], inverse: Collection[ox.NamedNode]
) -> Iterator[ox.Triple]:
    """Yield what the constraints of `focus` look at: statements, inverse ones, the types around, the class tree."""
    if not focus:
        return
    around: set[object] = set()
    for node in focus:
        quads = [*graph.store.quads_for_pattern(node, None, None)]
        for predicate in inverse:
            quads += graph.store.quads_for_pattern(None, predicate, node)
        for quad in quads:
            yield quad.triple
            around.update((quad.subject, quad.object))
    for neighbour in around - focus:
        if isinstance(neighbour, ox.NamedNode):
            for quad in graph.store.quads_for_pattern(neighbour, ox.NamedNode(_TYPE), None):
                yield quad.triple
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(str(RDFS.subClassOf)), None):
        yield quad.triple
