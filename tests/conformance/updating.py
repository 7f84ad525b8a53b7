"""Puts the tests of SPARQL 1.1 Update to `territoires.updates`, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib import RDFS
from tests.conformance.suite import MF, UT, Case

from territoires.errors import QueryRefusedError, QuerySyntaxError, TerritoiresError
from territoires.graph import KnowledgeGraph
from territoires.updates import Update, admit_update, evaluate

Load = Callable[[Iterable[ox.Quad]], KnowledgeGraph]


def quads(file: Path, base: str, graph: str | None = None) -> Iterator[ox.Quad]:
    """Yield what a file of the suite holds, in the default graph or a named one."""
    name = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    format_ = ox.RdfFormat.from_extension(file.suffix[1:])
    for quad in ox.parse(path=str(file), format=format_, base_iri=base):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)


def evaluates(load: Load, case: Case) -> str:
    """Run an evaluation test; return what is wrong."""
    action, result = (case.manifest.value(case.node, name) for name in (MF.action, MF.result))
    graph = load(_dataset(case, action))
    before = set(graph.store)
    try:
        after, edit = evaluate(graph, _update(case, case.manifest.value(action, UT.request)))
    except TerritoiresError as error:
        return str(error.detail.en)
    if (before - edit.removed) | edit.added != set(after.store):
        return "the edit is not what has changed"
    return "" if _canonical(after.store) == _canonical(_dataset(case, result)) else "another dataset"


def is_update(case: Case) -> bool:
    """Return whether the text of a syntax test is an update, which the kind of the test does not always say."""
    return str(case.manifest.value(case.node, MF.action)).endswith(".ru")


def parses(load: Load, case: Case) -> str:
    """Run a syntax test; return what is wrong."""
    graph, negative = load(()), case.kind.startswith("Negative")
    try:
        evaluate(graph, _update(case, case.manifest.value(case.node, MF.action)))
    except (QuerySyntaxError, QueryRefusedError) as error:
        return "" if negative else str(error.detail.en)
    except TerritoiresError as error:  # It parsed, and means nothing here.
        return str(error.detail.en) if negative else ""
    return "taken" if negative else ""


def _update(case: Case, request: rdflib.term.Node | None) -> Update:
    return replace(admit_update(case.file(request).read_text(encoding="utf-8")), base_iri=str(request))


def _dataset(case: Case, node: rdflib.term.Node | None) -> Iterator[ox.Quad]:
    for data in case.objects(node, UT.data):
        yield from quads(case.file(data), str(data))
    for one in case.objects(node, UT.graphData):
        named = case.manifest.value(one, UT.graph)
        yield from quads(case.file(named), str(named), str(case.manifest.value(one, RDFS.label)))


def _canonical(found: Iterable[ox.Quad]) -> ox.Dataset:
    dataset = ox.Dataset(found)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset
