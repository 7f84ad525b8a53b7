"""Templates: quads with variables, parsed by the engine and filled with solutions (SPARQL 1.1 Update §3.1.3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from territoires.tokens import tokens

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = Sequence[Term | None]
_Fresh = dict[ox.BlankNode, ox.BlankNode]
_Slot = Callable[[Row, _Fresh], Term | None]


@dataclass(frozen=True, slots=True)
class Template:
    """What one solution after the other is put into."""

    quads: tuple[tuple[_Slot, _Slot, _Slot, _Slot | None], ...]
    """The slot of the graph is None for the default graph."""
    has_blank_nodes: bool

    def fill(self, row: Row) -> Iterator[ox.Quad]:
        """Yield the quads of one solution, with new blank nodes; one that would be no RDF is left out."""
        fresh: _Fresh = {}
        for subject, predicate, object_, graph in self.quads:
            name = graph(row, fresh) if graph else ox.DefaultGraph()
            if not isinstance(name, ox.NamedNode | ox.DefaultGraph):
                continue
            try:
                yield ox.Quad(
                    subject(row, fresh),  # type: ignore[arg-type]  # the constructor looks
                    predicate(row, fresh),  # type: ignore[arg-type]
                    object_(row, fresh),  # type: ignore[arg-type]
                    name,
                )
            except TypeError:  # A literal for a subject, a blank node for a predicate, an unbound variable …
                continue


def variables(*templates: str) -> tuple[str, ...]:
    """Return the names of the variables in templates."""
    found = (match.group()[1:] for text in templates for match in tokens(text) if match.lastgroup == "variable")
    return tuple(dict.fromkeys(found))


def parse(
    text: str, prologue: str, base_iri: str | None, names: Sequence[str], within: ox.NamedNode | None = None
) -> Template:
    """Return the template written as `text`.

    Args:
        text: quads in braces that the engine's parser has accepted in an update.
        prologue: `PREFIX` and `BASE` lines.
        base_iri: resolves relative IRIs.
        names: variables of the rows that will be put into it, in order.
        within: graph of what stands outside of GRAPH.
    """
    # Variables become IRIs that nobody can have written: then it is data, which the engine can parse.
    scheme = f"urn:x-variable-{secrets.token_hex(16)}:"
    pieces, last = [], 0
    for match in tokens(text):
        if match.lastgroup == "variable":
            pieces += [text[last : match.start()], f" <{scheme}{match.group()[1:]}> "]
            last = match.end()
    store = ox.Store()
    store.update(f"{prologue} INSERT DATA {''.join([*pieces, text[last:]])}", base_iri=base_iri)
    index = {f"{scheme}{name}": number for number, name in enumerate(names)}
    quads = [
        (
            _slot(quad.subject, index),
            _slot(quad.predicate, index),
            _slot(quad.object, index),
            _graph(quad.graph_name, index, within),
        )
        for quad in store
    ]
    return Template(tuple(quads), any(_is_blank(quad.subject) or _is_blank(quad.object) for quad in store))


def _graph(
    name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph, index: dict[str, int], within: ox.NamedNode | None
) -> _Slot | None:
    if isinstance(name, ox.DefaultGraph):
        return _slot(within, index) if within else None
    return _slot(name, index)


def _slot(term: Term, index: dict[str, int]) -> _Slot:
    if isinstance(term, ox.NamedNode) and term.value in index:
        number = index[term.value]
        return lambda row, _: row[number]
    if isinstance(term, ox.BlankNode):
        return lambda _, fresh: fresh.setdefault(term, ox.BlankNode())
    if isinstance(term, ox.Triple):
        parts = [_slot(part, index) for part in (term.subject, term.predicate, term.object)]
        return lambda row, fresh: _triple([part(row, fresh) for part in parts])
    return lambda _row, _fresh: term


def _triple(parts: list[Term | None]) -> ox.Triple | None:
    try:
        return ox.Triple(*parts)  # type: ignore[arg-type]  # the constructor looks
    except TypeError:
        return None


def _is_blank(term: Term) -> bool:
    if isinstance(term, ox.Triple):
        return _is_blank(term.subject) or _is_blank(term.object)
    return isinstance(term, ox.BlankNode)
