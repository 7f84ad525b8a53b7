"""The ways to break data: for each constraint component, changes that it, and it alone, should notice (SHACL §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import IdentifiedNode, Node

from territoires.namespaces import BASE, PREFIXES

NOBODY: Final = rdflib.URIRef(f"{BASE}id/nobody/nowhere")
_TI: Final = rdflib.Namespace(PREFIXES["ti"])
_NUMBERS: Final = frozenset({XSD.integer, XSD.decimal, XSD.gYear})
Triple = tuple[Node, Node, Node]


class Constraint(NamedTuple):
    """One constraint of one shape."""

    shape: rdflib.URIRef
    parameter: str
    """Local name, such as `minCount`."""
    value: Node

    @property
    def name(self) -> str:
        """What the table calls it."""
        shape = str(self.value if self.parameter == "sparql" else self.shape).removeprefix(f"{BASE}shapes/")
        return f"{shape} {self.parameter}"


@dataclass
class Outcome:
    """What became of the mutants of one constraint."""

    mutants: int = 0
    tripped: int = 0
    """How many the constraint noticed."""
    alone: int = 0
    """How many no other constraint noticed."""
    others: set[str] = field(default_factory=set)
    """What else noticed some."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a mutation takes out of a cut-out and puts in."""

    removed: tuple[Triple, ...] = ()
    added: tuple[Triple, ...] = ()
    renamed: tuple[IdentifiedNode, IdentifiedNode] | None = None
    """The old and the new name of the focus node."""

    def apply(self, cut: rdflib.Graph) -> rdflib.Graph:
        """Return the mutant."""
        mutant = cut + rdflib.Graph()
        for triple in self.removed:
            mutant.remove(triple)
        for triple in self.added:
            mutant.add(triple)
        if self.renamed:
            old, new = self.renamed
            for triple in list(mutant):
                if old in triple:
                    mutant.remove(triple)
                    subject, predicate, object_ = (new if term == old else term for term in triple)
                    mutant.add((subject, predicate, object_))
        return mutant


class Step(NamedTuple):
    """One way along a path: a property, forwards or backwards."""

    property: rdflib.URIRef
    inverse: bool = False


def steps(shapes: rdflib.Graph, shape: Node) -> list[Step]:
    """Return the alternatives of the path of a property shape: none for a node shape."""
    path = shapes.value(shape, SH.path)
    if isinstance(path, rdflib.URIRef):
        return [Step(path)]
    if path is None:
        return []
    if (backwards := shapes.value(path, SH.inversePath)) is not None:
        return [Step(rdflib.URIRef(str(backwards)), inverse=True)]
    alternatives = next(shapes.objects(path, SH.alternativePath))
    return [Step(rdflib.URIRef(str(item))) for item in Collection(shapes, alternatives)]


@dataclass(frozen=True)
class Site:
    """A place where data can be broken: an entity, a constraint on it, and what can be put there."""

    shapes: rdflib.Graph
    constraint: Constraint
    cut: rdflib.Graph
    focus: IdentifiedNode
    spares: tuple[Node, ...]
    """Values that other entities have there."""

    @property
    def steps(self) -> list[Step]:
        """The alternatives of the path."""
        return steps(self.shapes, self.constraint.shape)

    @property
    def there(self) -> list[tuple[Step, Node]]:
        """The values on the path."""
        found = [
            (step, value)
            for step in self.steps
            for value in (
                self.cut.subjects(step.property, self.focus)
                if step.inverse
                else self.cut.objects(self.focus, step.property)
            )
        ]
        return sorted(found, key=str)

    def triple(self, step: Step, value: Node) -> Triple:
        """Return the triple that puts `value` on the path."""
        return (value, step.property, self.focus) if step.inverse else (self.focus, step.property, value)

    def fresh(self) -> Iterator[Node]:
        """Yield values that fit and are not there."""
        there = {value for _, value in self.there}
        turned = (similar(value, by) for by in (1, -1) for value in (*sorted(there, key=str), *self.spares))
        for value in (*self.spares, *turned):
            if value is not None and value not in there and value != self.focus:
                yield value

    def replaced(self, change: Callable[[Node], Iterable[Node]]) -> Iterator[Change]:
        """Yield changes of one value for another, or additions where there is none."""
        for step, value in self.there:
            for new in change(value):
                yield Change((self.triple(step, value),), (self.triple(step, new),))
        for step in () if self.there else self.steps:
            for value in self.fresh():
                for new in change(value):
                    yield Change(added=(self.triple(step, new),))


def similar(value: Node, by: int = 1) -> Node | None:
    """Return another literal of the same kind: the number or year after (or before), a string turned."""
    if not isinstance(value, rdflib.Literal):
        return None
    text = str(value)
    if value.datatype in _NUMBERS:
        text = str(Decimal(text) + by)
    elif value.datatype == XSD.boolean:
        text = "false" if text == "true" else "true"
    elif value.datatype in {XSD.date, XSD.dateTime}:
        text = f"{int(text[:4]) + by}{text[4:]}" if not text.endswith("02-29") else f"{text[:8]}28"
    else:
        text = text[::-1]
    return rdflib.Literal(text, lang=value.language, datatype=value.datatype)


def like(value: Node, text: str) -> Node:
    """Return a term of the kind of `value` with another text."""
    if isinstance(value, rdflib.Literal):
        return rdflib.Literal(text, lang=value.language, datatype=value.datatype)
    return rdflib.URIRef(text)


def mutations(site: Site) -> Iterator[Change]:
    """Yield changes that the constraint of `site` should notice."""
    for change in _OPERATORS[site.constraint.parameter](site):
        yield change if site.constraint.parameter == "sparql" else _without_disagreement(site, change)


def _without_disagreement(site: Site, change: Change) -> Change:
    """Return the change with what keeps the warnings about sources that disagree silent."""
    said = [value for subject, name, value in change.added if (subject, name) == (site.focus, _TI.declaredDepartment)]
    unsaid = [
        value for subject, name, value in change.removed if (subject, name) == (site.focus, _TI.declaredDepartment)
    ]
    removed = [(site.focus, _TI.coversDepartment, value) for value in unsaid]
    if any(name == _TI.status for _, name, _ in change.added):
        removed += [
            (site.focus, _TI.computedStatus, value) for value in site.cut.objects(site.focus, _TI.computedStatus)
        ]
    added = [(site.focus, _TI.coversDepartment, value) for value in said]
    return Change((*change.removed, *removed), (*change.added, *added), change.renamed)


def _min_count(site: Site) -> Iterator[Change]:
    there = [site.triple(step, value) for step, value in site.there]
    keep = int(str(site.constraint.value)) - 1
    if len(there) > keep:
        yield Change(removed=tuple(there[keep:]))


def _max_count(site: Site) -> Iterator[Change]:
    missing = int(str(site.constraint.value)) + 1 - len(site.there)
    fresh = list(dict.fromkeys(site.fresh())) or [rdflib.URIRef(f"{PREFIXES['wd']}Q1")]
    for step in site.steps:
        if missing <= 1:
            yield from (Change(added=(site.triple(step, value),)) for value in fresh)
        elif len(fresh) >= missing:
            yield Change(added=tuple(site.triple(step, value) for value in fresh[:missing]))


def _datatype(site: Site) -> Iterator[Change]:
    def others(value: Node) -> Iterator[Node]:
        if isinstance(value, rdflib.Literal):
            numbers = (XSD.decimal, XSD.integer) if value.datatype in _NUMBERS else ()
            for other in (*numbers, XSD.token):
                if other != site.constraint.value:
                    yield rdflib.Literal(str(value), datatype=other)

    yield from site.replaced(others)
    # Both sides of an order, so that they can still be compared.
    for step, value in site.there:
        for shape in site.shapes.subjects(SH.lessThanOrEquals, step.property):
            before = next(site.shapes.objects(shape, SH.path))
            pairs = [(step.property, value), *((before, old) for old in site.cut.objects(site.focus, before))]
            retyped = [(site.focus, name, rdflib.Literal(str(old), datatype=XSD.token)) for name, old in pairs]
            yield Change(tuple((site.focus, name, old) for name, old in pairs), tuple(retyped))


def _node_kind(site: Site) -> Iterator[Change]:
    if not site.steps:
        yield Change(renamed=(site.focus, rdflib.BNode("nameless")))
        return
    nameless = rdflib.BNode("nameless")
    there = [value for _, value in site.there] or site.spares
    typed = {(nameless, RDF.type, kind) for value in there for kind in site.cut.objects(value, RDF.type)}
    for change in site.replaced(lambda _: [nameless]):
        yield Change(change.removed, (*change.added, *sorted(typed)))
    yield from site.replaced(lambda value: [rdflib.Literal(str(value))])


def _class(site: Site) -> Iterator[Change]:
    yield from (Change(added=(site.triple(step, NOBODY),)) for step in site.steps)
    yield from site.replaced(lambda _: [NOBODY])


def _in(site: Site) -> Iterator[Change]:
    return site.replaced(lambda value: [like(value, f"{value}-x")])


def _pattern(site: Site) -> Iterator[Change]:
    if not site.steps:
        yield Change(renamed=(site.focus, rdflib.URIRef(f"{site.focus}/_")))
        yield Change(renamed=(site.focus, rdflib.URIRef(str(site.focus).replace("/id/", "/ID/"))))
    yield from site.replaced(lambda value: [like(value, str(value)[2:]), like(value, f"{value}00")])


def _min_length(site: Site) -> Iterator[Change]:
    length = int(str(site.constraint.value))
    return site.replaced(lambda value: [like(value, str(value)[: length - 1])])


def _language_in(site: Site) -> Iterator[Change]:
    yield from (Change(added=(site.triple(step, rdflib.Literal(str(value), lang="oc")),)) for step, value in site.there)
    yield from site.replaced(lambda value: [rdflib.Literal(str(value), lang="oc")])


def _unique_lang(site: Site) -> Iterator[Change]:
    for step, value in site.there:
        if isinstance(value, rdflib.Literal) and value.language:
            yield Change(added=(site.triple(step, rdflib.Literal(f"{value} !", lang=value.language)),))


def _min_inclusive(site: Site) -> Iterator[Change]:
    return site.replaced(lambda value: [like(value, str(int(str(site.constraint.value)) - 1))])


def _min_exclusive(site: Site) -> Iterator[Change]:
    return site.replaced(lambda value: [like(value, str(site.constraint.value))])


def _disjoint(site: Site) -> Iterator[Change]:
    for step in site.steps:
        for value in sorted(site.cut.objects(site.focus, site.constraint.value), key=str):
            yield Change(added=(site.triple(step, value),))


def _less_than_or_equals(site: Site) -> Iterator[Change]:
    later = site.constraint.value
    said = sorted(site.cut.objects(site.focus), key=str)
    dates = [value for value in said if getattr(value, "datatype", None) == XSD.date]
    for step in site.steps:
        for value in [value for _, value in site.there] or dates[:1]:
            after = similar(value)
            if after is not None:
                removed = [
                    (site.focus, name, old)
                    for name in (step.property, later)
                    for old in site.cut.objects(site.focus, name)
                ]
                yield Change(tuple(removed), (site.triple(step, after), (site.focus, later, value)))


def _less_than(site: Site) -> Iterator[Change]:
    yield from _less_than_or_equals(site)
    later = site.constraint.value
    for _, value in site.there:
        removed = tuple((site.focus, later, old) for old in site.cut.objects(site.focus, later))
        yield Change(removed, ((site.focus, later, value),))


def _qualified_min_count(site: Site) -> Iterator[Change]:
    french = [(s, v) for s, v in site.there if isinstance(v, rdflib.Literal) and v.language == "fr"]
    removed = tuple(site.triple(step, value) for step, value in french)
    yield Change(removed=removed)
    yield Change(removed, tuple(site.triple(step, rdflib.Literal(str(value), lang="en")) for step, value in french[:1]))


def _or(site: Site) -> Iterator[Change]:
    region = rdflib.URIRef(f"{BASE}id/region/76")
    typed = ((region, RDF.type, _TI.Region), (region, RDF.type, _TI.Place))
    yield from (Change(added=(site.triple(step, region), *typed)) for step in site.steps)


def _sparql(site: Site) -> Iterator[Change]:
    """Yield the mutants of each SPARQL constraint, given by hand."""
    focus, name = site.focus, str(site.constraint.value).rpartition("#")[2]
    nowhere = rdflib.URIRef(f"{BASE}id/department/75")
    place = (nowhere, RDF.type, _TI.Department)
    match name:
        case "covered-not-declared":
            yield Change(added=((focus, _TI.coversDepartment, nowhere), place))
        case "declared-not-covered":
            yield Change(added=((focus, _TI.declaredDepartment, nowhere), place))
        case "status-differs":
            for status in site.cut.objects(focus, _TI.computedStatus):
                other = f"{BASE}id/status/{'new' if str(status).endswith('renewed') else 'renewed'}"
                yield Change(
                    tuple((focus, _TI.status, value) for value in site.cut.objects(focus, _TI.status)),
                    ((focus, _TI.status, rdflib.URIRef(other)),),
                )
        case _:
            raise KeyError(f"no mutant is given for the SPARQL constraint {name}: add one to {__name__}")


_OPERATORS: Final[dict[str, Callable[[Site], Iterator[Change]]]] = {
    "class": _class,
    "datatype": _datatype,
    "disjoint": _disjoint,
    "in": _in,
    "languageIn": _language_in,
    "lessThan": _less_than,
    "lessThanOrEquals": _less_than_or_equals,
    "maxCount": _max_count,
    "minCount": _min_count,
    "minExclusive": _min_exclusive,
    "minInclusive": _min_inclusive,
    "minLength": _min_length,
    "nodeKind": _node_kind,
    "or": _or,
    "pattern": _pattern,
    "qualifiedMinCount": _qualified_min_count,
    "sparql": _sparql,
    "uniqueLang": _unique_lang,
}
COMPONENTS: Final = frozenset(_OPERATORS)
