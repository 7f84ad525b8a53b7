"""Runs a whole rule on a loaded store, as it was before a change or is after it, and leaves the store as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.engine.delta import settle
from territoires.graph import KnowledgeGraph
from territoires.rules.followed import Followed
from territoires.rules.patterns import stored
from territoires.rules.running import FORKS, GRAPH, answer, conclude, run
from territoires.rules.views import Seen


def derive_again(graph: KnowledgeGraph, edit: Edit, limit: float) -> Edit:
    """Return what all rules make of the derived graph; `edit` is in its sources already.

    Raises:
        RuleError: if a rule fails or takes longer than `limit` seconds.
    """
    before = frozenset(graph.store.quads_for_pattern(None, None, None, GRAPH))
    others = tuple(one for one in graph.default_graphs if one != GRAPH)
    with _moved(graph, Edit(removed=before), [quad.triple for quad in edit.added]):
        try:
            conclude(replace(graph, default_graphs=(*others, GRAPH)), limit=limit)
            after = frozenset(graph.store.quads_for_pattern(None, None, None, GRAPH))
        finally:
            graph.store.clear_graph(GRAPH)
    return Edit.between(before, after)


def hidden_from(
    rule: Followed, graph: KnowledgeGraph, touched: Mapping[ox.Triple, Seen], is_lower: Callable[[ox.Triple], bool]
) -> set[ox.Quad]:
    """Return what `rule` may read of the old derived graph and must not see: `is_lower` denies it."""
    quads = list(graph.store.quads_for_pattern(None, None, None, GRAPH))
    return {q for q in quads if q.triple not in touched and rule.may_read(q.triple) and not is_lower(q.triple)}


def conclusions(
    rule: Followed,
    graph: KnowledgeGraph,
    undone: Edit,
    state: Mapping[ox.Triple, bool],
    hidden: set[ox.Quad],
    limit: float,
) -> set[ox.Triple]:
    """Return all that `rule` concludes.

    Args:
        rule: the rule.
        graph: the dataset, and the old derived graph.
        undone: what makes its sources those that the rule is to see.
        state: which triples are there for the rule, whatever the store shows.
        hidden: what it must not see of the old derived graph besides.
        limit: seconds that it may take.

    Raises:
        RuleError: if it fails or takes longer than `limit`.
    """
    with _moved(graph, undone):
        removed, added = set(hidden), set[ox.Quad]()
        for triple, there in state.items():
            quad = ox.Quad(triple.subject, triple.predicate, triple.object, GRAPH)
            holders = {one.graph_name for one in graph.store.quads_for_pattern(*triple)} - {ox.DefaultGraph()}
            if there and not holders:
                added.add(quad)
            elif GRAPH in holders and (not there or len(holders) > 1):
                removed.add(quad)
        with _moved(graph, Edit(frozenset(removed), frozenset(added)), state):
            if FORKS:
                return stored(run(rule.rule, graph, limit))
            found = ox.parse(answer(rule.rule.text, graph), format=ox.RdfFormat.N_TRIPLES)
            return stored(quad.triple for quad in found)


@contextmanager
def _moved(graph: KnowledgeGraph, edit: Edit, shared: Iterable[ox.Triple] = ()) -> Iterator[None]:
    """Put an edit into the store for the length of the block.

    Triples of a derived graph that stands apart are no source's, but for those in `shared`: no copy hangs on the rest.
    """
    apart = [one for one in graph.default_graphs if isinstance(one, ox.NamedNode)]
    quads = (*edit.removed, *edit.added)
    settled = {*shared, *(quad.triple for quad in quads if quad.graph_name != GRAPH or GRAPH not in apart)}
    _move(graph.store, edit, settled, apart)
    try:
        yield
    finally:
        _move(graph.store, edit.inverse, settled, apart)


def _move(store: ox.Store, edit: Edit, settled: Iterable[ox.Triple], apart: list[ox.NamedNode]) -> None:
    for quad in edit.removed:
        store.remove(quad)
    store.extend(edit.added)
    for triple in settled:
        settle(store, triple, apart)
