"""What changes between two versions of the dataset, applied to a loaded store instead of loading it again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.errors import DataError, Text
from territoires.graph import KnowledgeGraph, merge
from territoires.namespaces import BASE
from territoires.root import Root

MOST: Final = 20_000
"""Quads of a change that is applied: queries wait for it, about 40 µs a quad. A larger one is quicker to load."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Quads of named graphs that go and come, and what the dataset is then."""

    version: str
    """Digest of the dataset with the change, as `Root.digest` gives it for the files."""
    graphs: tuple[str, ...]
    """IRIs of all named graphs with the change."""
    removed: tuple[ox.Quad, ...] = ()
    added: tuple[ox.Quad, ...] = ()

    def pack(self) -> bytes:
        """Return the body of a message that publishes this."""
        parts = {"version": self.version, "graphs": self.graphs}
        return json.dumps(parts | {"removed": _write(self.removed), "added": _write(self.added)}).encode()


def unpack(body: bytes) -> Delta:
    """Return what `Delta.pack` was called on."""
    parts = json.loads(body)
    return Delta(parts["version"], tuple(parts["graphs"]), _read(parts["removed"]), _read(parts["added"]))


def apply(graph: KnowledgeGraph, delta: Delta) -> KnowledgeGraph:
    """Change the store of `graph` and return the graph that it is now; the default graph stays the merge of all.

    Oxigraph keeps what is removed from a store in memory (some 400 bytes a quad): after very many changes the graph is
    better loaded again.

    Raises:
        DataError: if the graph has to be loaded again; the store is as it was then.
    """
    apart = _apart(graph)
    large = len(delta.removed) + len(delta.added) > MOST
    if large or graph.root.dataset or _would_overlap(graph.store, delta.added, apart):
        raise DataError(
            Text("this change needs the graph loaded again", "ce changement demande de recharger le graphe"),
            hint=Text("ask the pool to reload", "demandez au pool de recharger"),
        )
    now = change(graph, Edit(frozenset(delta.removed), frozenset(delta.added)))
    files = {name: tuple(graph.files.get(name) or [_file_of(graph.root, name)]) for name in delta.graphs}
    return replace(now, version=delta.version, files=files)


def _file_of(root: Root, graph: str) -> Path:
    """Return the file that a graph has which was not there before: it is named after it."""
    return root.data / f"{graph.removeprefix(f'{BASE}graph/')}.ttl"


def change(graph: KnowledgeGraph, edit: Edit) -> KnowledgeGraph:
    """Change the store of `graph`, however much, and return the graph that it is now; its version stays.

    The default graph stays the merge of all; that of a dataset file which has its own is changed as any other graph.
    A graph that is left without a quad is gone; a new one has no files yet.
    """
    store = graph.store
    for quad in edit.removed:
        store.remove(quad)
    store.extend(edit.added)
    files = dict(graph.files)
    for name in edit.graphs:
        node = ox.NamedNode(name)
        if next(store.quads_for_pattern(None, None, None, node), None) is not None:
            files.setdefault(name, (graph.root.dataset,) if graph.root.dataset else ())
        else:
            store.remove_graph(node)
            files.pop(name, None)
    now = replace(graph, files=files)
    return now if graph.root.dataset else _merged(now, edit)


def _merged(graph: KnowledgeGraph, edit: Edit) -> KnowledgeGraph:
    """Mend the merge where `edit` changed the named graphs; a large one is made again, which is quicker."""
    apart = _apart(graph)
    if graph.merged is not None:
        for triple in _touched(edit):
            settle(graph.store, triple, [], graph.merged)
    if len(edit.removed) + len(edit.added) > MOST or _would_overlap(graph.store, edit.added, apart):
        return replace(graph, default_graphs=merge(graph.store, graph.files, apart))
    for triple in _touched(edit):
        settle(graph.store, triple, apart)
    return graph


def _touched(edit: Edit) -> set[ox.Triple]:
    return {quad.triple for quad in (*edit.removed, *edit.added)}


def restore(graph: KnowledgeGraph, now: KnowledgeGraph, edit: Edit) -> None:
    """Let the store of `graph`, which `edit` made `now`, be again what it was."""
    back = change(now, edit.inverse)
    if back.default_graphs != graph.default_graphs:
        merge(graph.store, graph.files, _apart(graph))


def _apart(graph: KnowledgeGraph) -> list[ox.NamedNode]:
    """Return the graphs that stand for themselves in the merge."""
    return [one for one in graph.default_graphs if isinstance(one, ox.NamedNode)]


def settle(store: ox.Store, triple: ox.Triple, apart: list[ox.NamedNode], target: ox.Store | None = None) -> None:
    """Let a default graph hold a triple if a named graph of `store` does and none of those that stand for themselves.

    Args:
        store: the dataset.
        triple: what may have come or gone.
        apart: graphs that stand for themselves in the merge.
        target: whose default graph; None: that of `store`.
    """
    target = store if target is None else target
    merged = ox.Quad(triple.subject, triple.predicate, triple.object)
    holders = {quad.graph_name for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object)}
    holders.discard(ox.DefaultGraph())
    if holders and not holders.intersection(apart):
        target.add(merged)
    else:
        target.remove(merged)


def _would_overlap(store: ox.Store, added: Iterable[ox.Quad], apart: list[ox.NamedNode]) -> bool:
    """Return whether two graphs that stand for themselves would share a triple."""
    return any(
        ox.Quad(quad.subject, quad.predicate, quad.object, other) in store
        for quad in added
        if quad.graph_name in apart
        for other in apart
        if other != quad.graph_name
    )


def _write(quads: Iterable[ox.Quad]) -> str:
    return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").decode()


def _read(text: str) -> tuple[ox.Quad, ...]:
    return tuple(ox.parse(text, format=ox.RdfFormat.N_QUADS))
