"""Every text that the planner might choose for a query, whether it would pay or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox

from territoires.engine.embedded import EmbeddedEngine
from territoires.graph import KnowledgeGraph
from territoires.planning import Statistics, measure
from territoires.planning.estimating import Plan
from territoires.planning.patterns import Pattern
from territoires.planning.reading import read
from territoires.planning.rewriting import Choice, candidates, write
from territoires.root import Root

_NOTHING = Plan((), 0)


def engine_on(store: ox.Store, root: Root, version: str = "1") -> EmbeddedEngine:
    """Return an engine whose default graph is that of `store`."""
    return EmbeddedEngine(KnowledgeGraph(store, root, version, {}, (ox.DefaultGraph(),)))


def counted(store: ox.Store, root: Root) -> Statistics:
    """Return the statistics of the default graph of `store`, of every predicate."""
    return measure(engine_on(store, root), least=0)


def variants(text: str, statistics: Statistics) -> Iterator[str]:
    """Yield the texts: each way to write each run, also with each pattern, and with all of them, read whole."""
    for run in read(text):
        for dropped, elements in candidates(run, statistics):
            whole = [
                replace(element, whole=True, loose=False)
                if isinstance(element.part, Pattern) and element.part.variables
                else element
                for element in elements
            ]
            single = [[*elements[:n], element, *elements[n + 1 :]] for n, element in enumerate(whole)]
            for way in (elements, whole, *single):
                yield write(text, [Choice(run, _NOTHING, _NOTHING, dropped, tuple(way))])


def answer(store: ox.Store, text: str, *, ordered: bool, base: str | None = None) -> object:
    """Return what can be compared of an answer: rows with how often they come, in order when there is one."""
    result = store.query(text, base_iri=base)
    if isinstance(result, ox.QueryBoolean):
        return bool(result)
    if isinstance(result, ox.QueryTriples):
        graph = ox.Dataset(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in result)
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        return {str(quad) for quad in graph}
    names = [variable.value for variable in result.variables]
    rows = [tuple(str(term) for term in row) for row in result]
    return names, rows if ordered else Counter(rows)
