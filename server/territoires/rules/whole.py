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
    """Return what all rules make of the derived graph; arguments as of `conclusions`.

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


def conclusions(
    rule: Followed,
    graph: KnowledgeGraph,
    edit: Edit,
    state: tuple[Mapping[ox.Triple, Seen], Callable[[ox.Triple], bool], bool],
    limit: float,
) -> set[ox.Triple]:
    """Return all that `rule` concludes.

    Args:
        rule: the rule.
        graph: the dataset with `edit` in its sources, and the old derived graph.
        edit: the change of the sources.
        state: what is known better than the store shows, whether lower strata make a triple of the derived graph, and
            whether to conclude from what is there after the change or before it.
        limit: seconds that it may take.

    Raises:
        RuleError: if it fails or takes longer than `limit`.
    """
    touched, is_lower, after = state
    store = graph.store
    with _moved(graph, Edit() if after else edit.inverse):
        hidden = {
            quad
            for quad in store.quads_for_pattern(None, None, None, GRAPH)
            if quad.triple not in touched and rule.may_read(quad.triple) and not is_lower(quad.triple)
        }
        shown: set[ox.Quad] = set()
        for triple, seen in touched.items():
            quad = ox.Quad(triple.subject, triple.predicate, triple.object, GRAPH)
            holders = {one.graph_name for one in store.quads_for_pattern(*triple)} - {ox.DefaultGraph()}
            if seen[after] and not holders:
                shown.add(quad)
            elif GRAPH in holders and (not seen[after] or len(holders) > 1):
                hidden.add(quad)
        with _moved(graph, Edit(frozenset(hidden), frozenset(shown)), touched):
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
