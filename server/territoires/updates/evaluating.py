"""Evaluates an update: solutions of a query, put into templates (SPARQL 1.1 Update §3, §4).

The engine's own updates would not do: for them the default graph is that of the store, which here is a part of the
merge only, and they do not tell what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyoxigraph as ox

from territoires.edits import Edit
from territoires.engine import dataset
from territoires.engine.delta import change, restore
from territoires.engine.embedded import EmbeddedEngine
from territoires.engine.stack import on_deep_stack
from territoires.errors import Place
from territoires.graph import KnowledgeGraph
from territoires.guard import Query
from territoires.refusals import at_position
from territoires.updates import complaints, parsing, templates
from territoires.updates.operations import DEFAULT, Operation, Update

_NO_VARIABLE: Final = ("_",)
_Name = ox.NamedNode | ox.DefaultGraph


def evaluate(
    graph: KnowledgeGraph, update: Update, *, using: Sequence[str] = (), using_named: Sequence[str] = ()
) -> tuple[KnowledgeGraph, Edit]:
    """Carry out an update in the store of `graph`; return the graph that it is then, and what has changed.

    Each operation sees what those before it did. If one fails, the store is as it was. The graph keeps its version,
    which is that of files. Nothing bounds the time: call it in a process that can be killed.

    Args:
        graph: what is changed.
        update: from `admit_update`.
        using: IRIs of the graphs whose merge WHERE matches (SPARQL 1.1 Protocol §2.2.3); empty for the update's own.
        using_named: IRIs of the graphs that GRAPH sees in WHERE.

    Raises:
        QuerySyntaxError: the text is no SPARQL 1.1 Update; line and column are those of the user's text.
        UnknownGraphError: it names a graph that is not there, and does not say SILENT.
        QueryTooLargeError: it changes more than `update.max_changed_quads`.
        QueryEvaluationError: it would write where there is no named graph, or the engine cannot answer.
        RequestError: graphs are given beside the update though it says WITH or USING.
    """
    return on_deep_stack(lambda: _evaluate(graph, update, (tuple(using), tuple(using_named))))


def _evaluate(
    graph: KnowledgeGraph, update: Update, given: tuple[tuple[str, ...], tuple[str, ...]]
) -> tuple[KnowledgeGraph, Edit]:
    parsing.check(update)
    if graph.root.dataset and graph.root.union:
        raise complaints.one_file()
    if any(given) and any(one.with_graph or one.using or one.using_named for one in update.operations):
        raise complaints.two_datasets()
    state = _State(graph, update, given)
    try:
        for operation in update.operations:
            state.take(_Step(state, operation).edit())
    except BaseException:
        restore(graph, state.graph, state.edit)
        raise
    return state.graph, state.edit


@dataclass(slots=True)
class _State:
    """The dataset between two operations."""

    graph: KnowledgeGraph
    update: Update
    given: tuple[tuple[str, ...], tuple[str, ...]]
    created: set[ox.NamedNode] = field(default_factory=set)
    """Graphs that are there without a quad; they are forgotten at the end, as no file would hold them."""
    _removed: set[ox.Quad] = field(default_factory=set)
    _added: set[ox.Quad] = field(default_factory=set)

    @property
    def edit(self) -> Edit:
        """The net effect so far."""
        return Edit(frozenset(self._removed), frozenset(self._added))

    def take(self, edit: Edit) -> None:
        """Carry out the effect of one operation."""
        self.graph = change(self.graph, edit)
        # As `Edit.then` does, in the time of this operation alone.
        self._added |= edit.added - self._removed
        self._removed -= edit.added
        gone = edit.removed & self._added
        self._added -= gone
        self._removed |= edit.removed - gone


@dataclass(frozen=True, slots=True)
class _Step:
    """One operation on the dataset of its moment."""

    state: _State
    operation: Operation

    @property
    def store(self) -> ox.Store:
        return self.state.graph.store

    def edit(self) -> Edit:
        """Return the effect of the operation."""
        match self.operation.form:
            case "INSERT DATA" | "DELETE DATA" | "MODIFY":
                return self._modify()
            case "CREATE":
                return self._create()
            case "CLEAR" | "DROP":
                return self._clear()
            case _:
                return self._transfer()

    def _modify(self) -> Edit:
        """Delete, then insert, what the solutions of WHERE make of the templates (§4.3)."""
        operation, base = self.operation, self.state.update.base_iri
        names = templates.variables(operation.delete, operation.insert)
        with_graph = self._names([operation.with_graph])[0] if operation.with_graph else None
        delete, insert = (
            templates.parse(text or "{}", operation.prologue, base, names, with_graph)
            for text in (operation.delete, operation.insert)
        )
        if any(graph is None for template in (delete, insert) for *_, graph in template.quads):
            self._ensure_own_default()
        gone, come = set[ox.Quad](), set[ox.Quad]()

        def take(rows: Iterable[templates.Row]) -> None:
            gone.clear()
            come.clear()
            for number, row in enumerate(rows, 1):
                gone.update(delete.fill(row))
                come.update(insert.fill(row))
                self._ensure_few(max(number, len(gone) + len(come)))

        if operation.where:
            query = self._query(names, with_graph, distinct=not insert.has_blank_nodes)
            EmbeddedEngine(self.state.graph).read(query, take)  # type: ignore[arg-type]  # a SELECT
        else:
            take([()])
        return self._net(gone, come)

    def _query(self, names: Sequence[str], with_graph: ox.NamedNode | None, *, distinct: bool) -> Query:
        """Return WHERE as a SELECT over its dataset."""
        operation, update, graph = self.operation, self.state.update, self.state.graph
        projected = " ".join(f"?{name}" for name in names or _NO_VARIABLE)
        text = f"SELECT {'DISTINCT' if distinct else ''} {projected} WHERE {operation.where}"
        using, named = self.state.given
        if operation.using or operation.using_named:
            using, named = (
                tuple(one.value for one in self._names(names)) for names in (operation.using, operation.using_named)
            )
        query = Query(operation.prologue + text, "bindings", base_iri=update.base_iri)
        if using or named:
            return replace(query, default_graphs=using, named_graphs=named)
        if with_graph:
            here = (with_graph.value,) if with_graph.value in graph.files else ()
            return replace(query, default_graphs=here, named_graphs=graph.graphs)
        return query

    def _create(self) -> Edit:
        [graph] = self._names(self.operation.graphs)
        if self._exists(graph) and not self.operation.silent:
            raise complaints.graph_exists(graph.value, self._place())
        self.state.created.add(graph)
        return Edit()

    def _clear(self) -> Edit:
        [target] = self.operation.graphs
        graphs: list[_Name] = []
        if target == DEFAULT or (target == "ALL" and self._has_own_default):
            self._ensure_own_default()
            graphs.append(ox.DefaultGraph())
        if target in {"NAMED", "ALL"}:
            graphs += map(ox.NamedNode, self.state.graph.files)
        elif target != DEFAULT:
            graphs += self._there(target)
        if self.operation.form == "DROP":
            self.state.created.difference_update(one for one in graphs if isinstance(one, ox.NamedNode))
        return self._net({quad for graph in graphs for quad in self._quads(graph)}, set())

    def _transfer(self) -> Edit:
        """ADD, MOVE, COPY (§3.2.3 to §3.2.5); from a graph to itself they do nothing."""
        form = self.operation.form
        sources = self._there(self.operation.graphs[0])
        [target] = self._one(self.operation.graphs[1])
        if not sources or sources == [target]:
            return Edit()
        [source] = sources
        if ox.DefaultGraph() in ([source, target] if form == "MOVE" else [target]):
            self._ensure_own_default()
        quads = set(self._quads(source))
        gone = set[ox.Quad]() if form == "ADD" else set(self._quads(target))
        if form == "MOVE":
            gone |= quads
        come = {ox.Quad(quad.subject, quad.predicate, quad.object, target) for quad in quads}
        return self._net(gone, come)

    def _net(self, gone: set[ox.Quad], come: set[ox.Quad]) -> Edit:
        """Return the effect of removing and then adding quads."""
        self._ensure_few(len(gone) + len(come))
        return Edit(
            frozenset(quad for quad in gone - come if quad in self.store),
            frozenset(quad for quad in come if quad not in self.store),
        )

    def _quads(self, graph: _Name) -> Iterator[ox.Quad]:
        if isinstance(graph, ox.NamedNode) or self._has_own_default:
            return self.store.quads_for_pattern(None, None, None, graph)
        return (
            ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in self.state.graph.triples()
        )

    def _names(self, written: Sequence[str]) -> list[ox.NamedNode]:
        """Return the graphs that are written as IRIs and prefixed names."""
        query = Query("", "bindings", prologue=self.operation.prologue, base_iri=self.state.update.base_iri)
        return [ox.NamedNode(name) for name in dataset.written(self.store, query, written)]

    def _one(self, written: str) -> list[_Name]:
        return [ox.DefaultGraph()] if written == DEFAULT else [*self._names([written])]

    def _there(self, written: str) -> list[_Name]:
        """Return the graph; none if it is not there and the operation says SILENT."""
        [graph] = self._one(written)
        if isinstance(graph, ox.DefaultGraph) or self._exists(graph):
            return [graph]
        if self.operation.silent:
            return []
        raise complaints.unknown_graph(graph.value, self._place())

    def _exists(self, graph: ox.NamedNode) -> bool:
        return graph.value in self.state.graph.files or graph in self.state.created

    @property
    def _has_own_default(self) -> bool:
        return self.state.graph.root.dataset is not None

    def _ensure_own_default(self) -> None:
        if not self._has_own_default:
            raise complaints.no_default(self._place())

    def _ensure_few(self, number: int) -> None:
        if number > self.state.update.max_changed_quads:
            raise complaints.too_many(self.state.update.max_changed_quads, self._place())

    def _place(self) -> Place:
        return at_position(self.state.update.text, self.operation.start)
