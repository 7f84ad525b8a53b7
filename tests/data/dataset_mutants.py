"""Mutants for the checks of named graphs (`shapes/dataset/*.rq`), given by hand, judged as by `territoires check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import pyoxigraph as ox
from tests.data.operators import Outcome

from territoires.changes import Changes
from territoires.graph import KnowledgeGraph
from territoires.namespaces import BASE, expand
from territoires.validation import validate
from territoires.validation.dataset import read_checks

_SMALL: Final = 20_000
"""Graphs with more statements than this are not in the cut-out."""
_CATALOGUE: Final = ox.NamedNode(f"{BASE}graph/catalogue")


class Change(NamedTuple):
    """What a mutation takes out of the cut-out and puts in."""

    removed: tuple[ox.Quad, ...] = ()
    added: tuple[ox.Quad, ...] = ()

    @property
    def changes(self) -> Changes:
        """What that changes in the graph."""
        quads = (*self.removed, *self.added)
        entities = [quad.subject for quad in quads] + [quad.graph_name for quad in quads]
        names = frozenset(node.value for node in entities if isinstance(node, ox.NamedNode))
        return Changes(frozenset(quad.triple for quad in quads), names)


def prove_checks(graph: KnowledgeGraph) -> dict[str, Outcome]:
    """Break a cut-out of the dataset for each check, and see which shapes and checks notice."""
    quads = _cut_out(graph)
    store = ox.Store()
    store.extend(quads)
    return {
        f"dataset/{check.name}": _prove(graph, quads, check.iri, _MUTANTS[check.name](store))
        for check in read_checks(graph.root)
    }


def _prove(graph: KnowledgeGraph, quads: list[ox.Quad], check: str, changes: Iterator[Change]) -> Outcome:
    outcome = Outcome()
    for change in changes:
        before = _noticed(graph, quads, change.changes)
        mutant = [quad for quad in quads if quad not in change.removed]
        noticed = _noticed(graph, [*mutant, *change.added], change.changes) - before
        outcome.mutants += 1
        if check in noticed:
            outcome.tripped += 1
            outcome.alone += noticed == {check}
            outcome.others |= noticed - {check}
    return outcome


def _noticed(graph: KnowledgeGraph, quads: list[ox.Quad], changes: Changes) -> set[str]:
    store = ox.Store()
    store.extend([*quads, *(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)])
    names = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    files = {name: graph.files.get(name, (graph.root.data / "new.ttl",)) for name in names}
    cut = replace(graph, store=store, default_graphs=(ox.DefaultGraph(),), files=files)
    return {result.shape for result in validate(cut, changes=changes).results}


def _cut_out(graph: KnowledgeGraph) -> list[ox.Quad]:
    small: list[ox.Quad] = []
    for name in graph.graphs:
        quads = [*graph.store.quads_for_pattern(None, None, None, ox.NamedNode(name))] if _is_small(graph, name) else []
        small += quads
    return small


def _is_small(graph: KnowledgeGraph, name: str) -> bool:
    return sum(file.stat().st_size for file in graph.files[name]) < _SMALL * 20


def _first(store: ox.Store, predicate: str, kind: str | None = None) -> ox.Quad:
    quads = store.quads_for_pattern(None, ox.NamedNode(expand(predicate)), None)
    type_ = ox.NamedNode(expand("rdf:type"))
    suit = [
        quad
        for quad in quads
        if kind is None or any(store.quads_for_pattern(quad.subject, type_, ox.NamedNode(expand(kind))))
    ]
    return min(suit, key=str)


def _siren(store: ox.Store) -> Iterator[Change]:
    """Get each digit of a SIREN wrong."""
    quad = _first(store, "ti:siren")
    text = _literal(quad).value
    for place, digit in enumerate(text):
        wrong = f"{text[:place]}{(int(digit) + 1) % 10}{text[place + 1 :]}"
        yield Change((quad,), (_with(quad, wrong),))


def _literal(quad: ox.Quad) -> ox.Literal:
    assert isinstance(quad.object, ox.Literal)
    return quad.object


def _with(quad: ox.Quad, text: str, subject: ox.NamedNode | None = None) -> ox.Quad:
    datatype = _literal(quad).datatype
    return ox.Quad(subject or quad.subject, quad.predicate, ox.Literal(text, datatype=datatype), quad.graph_name)


def _uncatalogued(store: ox.Store) -> Iterator[Change]:
    """Take a graph out of the catalogue; state something outside it."""
    quad = _first(store, "ti:siren")
    type_, dataset = ox.NamedNode(expand("rdf:type")), ox.NamedNode(expand("dcat:Dataset"))
    assert isinstance(quad.graph_name, ox.NamedNode)
    yield Change((ox.Quad(quad.graph_name, type_, dataset, _CATALOGUE),))
    yield Change(added=(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(f"{BASE}graph/new")),))


def _placeless(store: ox.Store) -> Iterator[Change]:
    """Leave out where one of two sources speaks of a resource."""
    locator = ox.NamedNode(expand("ti:locator"))
    for quad in sorted(store.quads_for_pattern(None, locator, None), key=str):
        if len({other.graph_name for other in store.quads_for_pattern(quad.subject, locator, None)}) > 1:
            yield Change((quad,))
            return


def _rivals(store: ox.Store) -> Iterator[Change]:
    """Give a post to two holders on one day, attested and within a period."""
    attested = _first(store, "ti:attestedOn")
    twin = ox.NamedNode(f"{BASE}id/tenure/twin")
    copy = [
        ox.Quad(twin, one.predicate, one.object, one.graph_name)
        for one in store.quads_for_pattern(attested.subject, None, None)
    ]
    holder, day = ox.NamedNode(expand("ti:holder")), _literal(attested).value
    rival = next(
        quad.object
        for quad in store.quads_for_pattern(None, holder, None)
        if not any(quad.object == one.object for one in copy)
    )
    kept = [one for one in copy if one.predicate not in {holder, attested.predicate}]
    kept.append(ox.Quad(twin, holder, rival, attested.graph_name))
    yield Change(added=(*kept, _with(attested, day, twin)))
    period = {"ti:from": f"{int(day[:4]) - 1}{day[4:]}", "ti:until": f"{int(day[:4]) + 1}{day[4:]}"}
    dated = [
        ox.Quad(
            twin,
            ox.NamedNode(expand(name)),
            ox.Literal(text, datatype=_literal(attested).datatype),
            attested.graph_name,
        )
        for name, text in period.items()
    ]
    yield Change(added=(*kept, *dated))


def _other_years(store: ox.Store) -> Iterator[Change]:
    """Spend the money of a phase before and after it."""
    year = ox.NamedNode(expand("ti:year"))
    quad = _first(store, "ti:year", "ti:SupportMeasure")
    everywhere = tuple(store.quads_for_pattern(quad.subject, year, None))
    yield from (Change(everywhere, (_with(quad, text),)) for text in ("2017", "2031"))


_MUTANTS: Final[dict[str, Callable[[ox.Store], Iterator[Change]]]] = {
    "every-graph-is-catalogued": _uncatalogued,
    "every-resource-has-its-place": _placeless,
    "one-holder-at-a-time": _rivals,
    "siren-passes-luhn": _siren,
    "years-lie-in-the-phase": _other_years,
}
