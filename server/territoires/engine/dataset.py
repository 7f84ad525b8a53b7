"""The dataset of a query whose default graph is the merge of several graphs (SPARQL 1.1 §13.1).

Oxigraph looks at the graphs one after the other: a triple that two of them hold would match twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pyoxigraph as ox

from territoires.errors import Text, UnknownGraphError
from territoires.graph import KnowledgeGraph
from territoires.guard import Query

_SHOWN: Final = 5
"""Graphs that an error lists."""

Graphs = list[ox.NamedNode | ox.BlankNode]


def written(store: ox.Store, query: Query, clauses: Sequence[str]) -> list[str]:
    """Return the graphs that dataset clauses name; the engine resolves prefixes and relative IRIs.

    Args:
        store: any.
        query: says which prefixes and base hold.
        clauses: IRIs and prefixed names as they stand in `query`.

    Raises:
        SyntaxError: if a prefix or IRI is wrong.
    """
    if not clauses:
        return []
    text = f"{query.prologue} SELECT ?g {{ VALUES ?g {{ {' '.join(clauses)} }} }}"
    found = store.query(text, base_iri=query.base_iri)
    return [row["g"].value for row in found] if isinstance(found, ox.QuerySolutions) else []


def check(graph: KnowledgeGraph, names: Iterable[str]) -> None:
    """Refuse a dataset with a graph that is not there: its answer would look like one.

    Nobody knows what a file should hold that is served in place of the graph folder: there, such a graph is empty.

    Raises:
        UnknownGraphError: if there is one.
    """
    if not graph.root.dataset:
        check_names(graph.graphs, names)


def check_names(graphs: Sequence[str], names: Iterable[str]) -> None:
    """Refuse the first of `names` that is none of `graphs`.

    Raises:
        UnknownGraphError: if there is one.
    """
    unknown = next((name for name in names if name not in graphs), None)
    if unknown is not None:
        some = ", ".join(graphs[:_SHOWN])
        raise UnknownGraphError(
            Text(f"there is no graph <{unknown}> here", f"il n'y a pas de graphe <{unknown}> ici"),
            hint=Text(
                f"leave the graph out to ask them all, or name one: {some} …",
                f"retirez le graphe pour interroger l'ensemble, ou nommez-en un : {some} …",
            ),
        )


def merge(graph: KnowledgeGraph, default: Sequence[str], named: Sequence[str]) -> tuple[ox.Store, list[ox.NamedNode]]:
    """Return a store with the graphs `named`, and graphs in it that are the merge of `default` and share no triple.

    It is the store of `graph` itself when the graphs share none; else a new one, for this query only.
    """
    nodes = [ox.NamedNode(name) for name in dict.fromkeys(default)]
    if not _overlap(graph, nodes):
        return graph.store, nodes
    store, merged = ox.Store(), ox.NamedNode("urn:x-territoires:merge")
    for node in nodes:
        quads = graph.store.quads_for_pattern(None, None, None, node)
        store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, merged) for quad in quads)
    for name in named:
        store.extend(graph.store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
    return store, [merged]


def _overlap(graph: KnowledgeGraph, nodes: Sequence[ox.NamedNode]) -> bool:
    """Return whether two of the graphs share a triple; those that stand for themselves in the whole do not."""
    apart = set(graph.default_graphs)
    for node in nodes:
        others = [other for other in nodes if other != node and not {node, other} <= apart]
        if node in apart or not others:
            continue
        for quad in graph.store.quads_for_pattern(None, None, None, node):
            triple = (quad.subject, quad.predicate, quad.object)
            if any(ox.Quad(*triple, other) in graph.store for other in others):
                return True
    return False
