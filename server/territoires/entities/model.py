"""What is known of an entity, ready to be shown; built by `reading.describe`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from territoires.answers import Term
from territoires.namespaces import BASE, expand


@dataclass(frozen=True, slots=True)
class Named:
    """A thing and its name in the language of the reader."""

    iri: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property, and the named graphs that state it (none: it stands in no named graph)."""

    value: Term
    label: str | None
    """Name of the value in the language of the reader, where it has one."""
    graphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an entity and its values: all of them, or the first where there are many."""

    iri: str
    label: str
    count: int
    facts: tuple[Fact, ...]

    @property
    def is_cut(self) -> bool:
        """Whether there are more values than `facts` holds."""
        return self.count > len(self.facts)


@dataclass(frozen=True, slots=True)
class Links:
    """The things that point to an entity by one property: how many, and the first of them."""

    iri: str
    label: str
    """The relation as read from the entity: the name of the inverse property where the ontology has one."""
    count: int
    subjects: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """A named graph that says something of the entity, the document it comes from, and where in it."""

    graph: str
    title: str
    source: Named | None
    date: str | None
    """Day or month of the source, ISO 8601."""
    document: str | None
    """Address of the document itself."""
    locators: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """An entity as people see it, in one language."""

    iri: str
    label: str
    properties: tuple[Property, ...]
    links: tuple[Links, ...]
    origins: tuple[Origin, ...]

    @property
    def kind(self) -> str:
        """The kind, as IRIs of this project have it: `id/<kind>/…`, or `graph`; empty for others."""
        path = self.iri.removeprefix(BASE).split("/")
        return path[1] if path[0] == "id" and len(path) > 1 else path[0] if path[0] == "graph" else ""

    @cached_property
    def _by_iri(self) -> dict[str, Property]:
        return {one.iri: one for one in self.properties}

    def get(self, name: str) -> Property | None:
        """Return the property with the prefixed name `name`, if the entity has it."""
        return self._by_iri.get(expand(name))

    def first(self, name: str) -> Fact | None:
        """Return the first value of the property with the prefixed name `name`."""
        found = self.get(name)
        return found.facts[0] if found else None

    def text(self, name: str) -> str:
        """Return the first value of a property as text: its name, else what it is; empty where there is none."""
        fact = self.first(name)
        return "" if fact is None else fact.label or getattr(fact.value, "value", "")

    def texts(self, name: str) -> list[str]:
        """Return the values of a property as text, without repetition."""
        facts = (self.get(name) or Property("", "", 0, ())).facts
        return list(dict.fromkeys(fact.label or getattr(fact.value, "value", "") for fact in facts))

    @property
    def types(self) -> tuple[Named, ...]:
        """The classes of the entity that have a name."""
        found = self.get("rdf:type")
        facts = found.facts if found else ()
        return tuple(
            Named(fact.value.value, fact.label) for fact in facts if isinstance(fact.value, ox.NamedNode) and fact.label
        )

    @property
    def other_names(self) -> tuple[Fact, ...]:
        """Names other than the one at the head of the page."""
        found = [
            fact
            for name in ("rdfs:label", "skos:altLabel", "foaf:name", "igeo:nom")
            for fact in (self.get(name) or Property("", "", 0, ())).facts
            if isinstance(fact.value, ox.Literal) and fact.value.value != self.label
        ]
        return tuple({fact.value.value: fact for fact in found}.values())  # type: ignore[union-attr]  # literals, as said


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the things at the other end of a property."""

    label: str
    items: tuple[Named | Fact, ...]
    count: int
    page: int
    pages: int
