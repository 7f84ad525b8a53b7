"""What a rule reads and writes: the triple patterns of its query, taken from rdflib's algebra.

Everything here errs on one side: patterns may ask for more triples than the query needs, never for fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count, product
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

if TYPE_CHECKING:
    from rdflib.plugins.sparql.parserutils import CompValue

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Slot = Term | str
"""A term, or the name of a variable."""

_MOST: Final = 64
"""Alternatives of one query that are followed."""


class Unfollowed(Exception):  # noqa: N818  (no error: the rule is run whole)
    """This query, or this change of it, cannot be followed from triple to triple."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern of a query."""

    subject: Slot
    predicates: frozenset[Term] | str
    """The predicates that match, or the name of a variable."""
    object: Slot
    closure: bool = False
    """Whether it is a path of any length over `predicates`: then all their triples belong to it."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of its variables, the subject's first."""
        return tuple(slot for slot in (self.subject, self.object, self.predicates) if isinstance(slot, str))

    def value(self, name: str, triple: ox.Triple) -> Term:
        """Return what a variable of it is in `triple`."""
        if self.subject == name:
            return triple.subject
        return triple.object if self.object == name else triple.predicate

    def binding(self, triple: ox.Triple) -> dict[str, Term] | None:
        """Return what its variables are in `triple`; None where it does not match."""
        found: dict[str, Term] = {}
        if not isinstance(self.predicates, str) and triple.predicate not in self.predicates:
            return None
        for slot, term in ((self.subject, triple.subject), (self.object, triple.object)):
            if not isinstance(slot, str):
                if slot != term and not self.closure:
                    return None
            elif found.setdefault(slot, term) != term and not self.closure:
                return None
        if isinstance(self.predicates, str) and found.setdefault(self.predicates, triple.predicate) != triple.predicate:
            return None
        return found


@dataclass(frozen=True, slots=True)
class Alternative:
    """Patterns that a solution needs together, and those of OPTIONAL, MINUS and EXISTS that it may meet."""

    patterns: tuple[Pattern, ...] = ()
    values: Mapping[str, frozenset[Term]] = field(default_factory=dict)
    """Variables that can only be one of these: VALUES, and BIND of a constant."""
    inner: tuple[Alternative, ...] = ()
    """They share by name only variables that every solution of `patterns` has."""

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables that each solution binds."""
        return frozenset(name for pattern in self.patterns for name in pattern.variables) | frozenset(self.values)

    def all_patterns(self) -> Iterator[Pattern]:
        """Yield its patterns and those within."""
        yield from self.patterns
        for one in self.inner:
            yield from one.all_patterns()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query reads and writes."""

    alternatives: tuple[Alternative, ...] | None
    """A solution meets one of them; None: nobody knows."""
    heads: tuple[Pattern, ...] | None
    """Triples that it makes; None: nobody knows."""


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Return what the CONSTRUCT query `text` reads and writes."""
    from rdflib.plugins.sparql.algebra import translateQuery  # noqa: PLC0415  (a quarter of a second)
    from rdflib.plugins.sparql.parser import parseQuery  # noqa: PLC0415

    try:
        query = translateQuery(parseQuery(text)).algebra
        heads = tuple(_head(*triple) for triple in query.template)
    except Exception:  # noqa: BLE001  (whatever rdflib does not understand; the engine decides what is valid)
        return Reading(None, None)
    try:
        if query.datasetClause or query.p.name != "Project":
            raise Unfollowed
        return Reading(tuple(_Reader().read(query.p.p)), heads)
    except Unfollowed:
        return Reading(None, heads)


def _head(subject: Any, predicate: Any, object_: Any) -> Pattern:  # noqa: ANN401  (rdflib's terms)
    slot = _slot(predicate)
    return Pattern(_slot(subject), slot if isinstance(slot, str) else frozenset({slot}), _slot(object_))


class _Reader:
    """Translates one query."""

    def __init__(self) -> None:
        self._numbers = count()

    def read(self, node: CompValue) -> list[Alternative]:
        """Return the alternatives of a node of the algebra.

        Raises:
            Unfollowed: if there are too many, or the node is of a kind that is not followed.
        """
        reader: Callable[[CompValue], list[Alternative]] | None = getattr(self, f"_{node.name.lower()}", None)
        if reader is None:
            raise Unfollowed
        found = reader(node)
        if len(found) > _MOST:
            raise Unfollowed
        return found

    def _bgp(self, node: CompValue) -> list[Alternative]:
        paths = [list(self._path(_slot(s), p, _slot(o))) for s, p, o in node.triples]
        return [Alternative(tuple(pattern for part in parts for pattern in part)) for parts in product(*paths)]

    def _join(self, node: CompValue) -> list[Alternative]:
        return [_both(*pair) for pair in product(self.read(node.p1), self.read(node.p2))]

    def _union(self, node: CompValue) -> list[Alternative]:
        return [*self.read(node.p1), *self.read(node.p2)]

    def _leftjoin(self, node: CompValue) -> list[Alternative]:
        left, right = self.read(node.p1), self.read(node.p2)
        exists = self._exists(node.expr)
        return [self._within(one, [self._within(two, exists, one.variables) for two in right]) for one in left]

    def _minus(self, node: CompValue) -> list[Alternative]:
        right = self.read(node.p2)
        return [self._within(one, right) for one in self.read(node.p1)]

    def _filter(self, node: CompValue) -> list[Alternative]:
        exists = self._exists(node.expr)
        return [self._within(one, exists) for one in self.read(node.p)]

    def _extend(self, node: CompValue) -> list[Alternative]:
        found = self._filter(node)
        constant = _slot(node.expr)
        if isinstance(constant, str):
            return found
        fixed = Alternative(values={str(node.var): frozenset({constant})})
        return [_both(one, fixed) for one in found]

    def _tomultiset(self, node: CompValue) -> list[Alternative]:
        return self._values(node.p) if node.p.name == "values" else self._select(node.p)

    def _values(self, node: CompValue) -> list[Alternative]:
        names = {str(name) for row in node.res for name in row}
        columns = {name: [_slot(row.get(_variable(name))) for row in node.res] for name in names}
        known = {
            name: frozenset(term for term in column if not isinstance(term, str))
            for name, column in columns.items()
            if not any(isinstance(term, str) for term in column)  # UNDEF
        }
        return [Alternative(values=known)]

    def _select(self, node: CompValue) -> list[Alternative]:
        """Return the alternatives of a sub-select, in which only what it gives out keeps its name."""
        shared = True
        while node.name != "Project":
            shared = shared and node.name in {"Distinct", "Reduced"}
            node = node.p
        kept = frozenset(map(str, node.PV)) if shared else frozenset()
        while node.name in {"Project", "Extend", "Filter", "OrderBy"} and "AggregateJoin" in _below(node):
            if self._exists(node.expr):
                raise Unfollowed
            node = node.p
        if node.name == "AggregateJoin":
            group = node.p
            if self._exists(node.A) or self._exists(group.expr):
                raise Unfollowed
            kept &= frozenset(map(str, group.expr or ()))
            node = group.p
        elif node.name == "Project":
            node = node.p
        return [self._renamed(one, kept) for one in self.read(node)]

    def _orderby(self, node: CompValue) -> list[Alternative]:
        return self._filter(node)

    def _exists(self, expression: object) -> list[Alternative]:
        from rdflib.plugins.sparql.algebra import translateGroupGraphPattern  # noqa: PLC0415

        found: list[Alternative] = []
        for graph in _groups(expression):
            node = translateGroupGraphPattern(graph) if graph.name == "GroupGraphPatternSub" else graph
            found += self.read(node)
        return found

    def _within(
        self, one: Alternative, others: Iterable[Alternative], also: frozenset[str] = frozenset()
    ) -> Alternative:
        """Return `one` with the patterns of others that its solutions may meet."""
        kept = one.variables | also
        inner = tuple(self._renamed(other, kept, values=False) for other in others)
        return replace(one, inner=(*one.inner, *inner))

    def _renamed(self, one: Alternative, kept: frozenset[str], *, values: bool = True) -> Alternative:
        """Return `one` with new names for its variables but those `kept`; without `values` it fixes none of these."""
        number = next(self._numbers)

        def name(slot: Any) -> Any:  # noqa: ANN401  (a slot or a set of predicates)
            return f"{slot}~{number}" if isinstance(slot, str) and slot not in kept else slot

        def change(part: Alternative) -> Alternative:
            patterns = tuple(
                Pattern(name(p.subject), name(p.predicates), name(p.object), p.closure) for p in part.patterns
            )
            known = {name(key): terms for key, terms in part.values.items() if values or key not in kept}
            return Alternative(patterns, known, tuple(change(inner) for inner in part.inner))

        return change(one)

    def _path(self, subject: Slot, path: Any, object_: Slot) -> Iterator[tuple[Pattern, ...]]:  # noqa: ANN401
        """Yield each way to meet a path, as patterns."""
        from rdflib import paths  # noqa: PLC0415

        if isinstance(path, paths.SequencePath):
            yield from self._sequence(subject, list(path.args), object_)
        elif isinstance(path, paths.AlternativePath):
            for one in path.args:
                yield from self._path(subject, one, object_)
        elif isinstance(path, paths.InvPath):
            yield from self._path(object_, path.arg, subject)
        elif isinstance(path, paths.Path):
            yield (Pattern(subject, frozenset(_members(path)), object_, closure=True),)
        else:
            slot = _slot(path)
            yield (Pattern(subject, slot if isinstance(slot, str) else frozenset({slot}), object_),)

    def _sequence(self, subject: Slot, steps: list[Any], object_: Slot) -> Iterator[tuple[Pattern, ...]]:
        if len(steps) == 1:
            yield from self._path(subject, steps[0], object_)
            return
        between = f"~{next(self._numbers)}"
        rest = list(self._sequence(between, steps[1:], object_))
        for first in self._path(subject, steps[0], between):
            for others in rest:
                yield (*first, *others)


def _members(path: Any) -> Iterator[Term]:  # noqa: ANN401  (rdflib's paths)
    """Yield the predicates of a path of any length but zero.

    Raises:
        Unfollowed: if it may have no step, or a step that is any predicate but some.
    """
    from rdflib import URIRef, paths  # noqa: PLC0415

    if isinstance(path, URIRef):
        yield ox.NamedNode(str(path))
    elif isinstance(path, paths.MulPath) and path.mod == "+":
        yield from _members(path.path)
    elif isinstance(path, paths.InvPath):
        yield from _members(path.arg)
    elif isinstance(path, paths.SequencePath | paths.AlternativePath):
        for one in path.args:
            yield from _members(one)
    else:
        raise Unfollowed


def _both(one: Alternative, two: Alternative) -> Alternative:
    values = dict(one.values)
    for name, terms in two.values.items():
        values[name] = values.get(name, terms) & terms
    return Alternative((*one.patterns, *two.patterns), values, (*one.inner, *two.inner))


def _below(node: CompValue) -> set[str]:
    """Return the kinds of node that hang on `node` by one thread."""
    kinds = set()
    while node.name in {"Project", "Extend", "Filter", "OrderBy"}:
        node = node.p
        kinds.add(node.name)
    return kinds


def _groups(expression: object) -> Iterator[Any]:
    """Yield the group of each EXISTS in an expression."""
    from rdflib.plugins.sparql.parserutils import CompValue  # noqa: PLC0415

    if isinstance(expression, CompValue):
        if expression.name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}:
            yield expression.graph
        else:
            yield from _groups(list(expression.values()))
    elif isinstance(expression, list | tuple):
        for one in expression:
            yield from _groups(one)


def _variable(name: str) -> object:
    from rdflib import Variable  # noqa: PLC0415

    return Variable(name)


def _slot(term: object) -> Slot:
    """Return a term of rdflib as Oxigraph's, as its store would hold it; anything else as a name."""
    import rdflib  # noqa: PLC0415

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype else None
        return _stored(ox.Literal(str(term), datatype=datatype))
    return f"_:{term}" if isinstance(term, rdflib.BNode) else str(term)


def _stored(term: ox.Literal) -> Term:
    name = ox.NamedNode("x:x")
    return next(iter(stored({ox.Triple(name, name, term)}))).object


def stored(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return triples as a store holds them: it writes numbers and dates in one way."""
    store = ox.Store()
    store.extend([ox.Quad(*triple) for triple in triples])
    return {quad.triple for quad in store}
