"""What is known of an entity, ready to be shown; built by `reading.describe`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from territoires.answers import Term
from territoires.namespaces import BASE, expand

_PLUMBING: Final = frozenset(
    expand(name)
    for name in (
        "rdf:type",
        "rdfs:label",
        "skos:prefLabel",
        "skos:altLabel",
        "skos:definition",
        "skos:inScheme",
        "skos:topConceptOf",
        "foaf:name",
        "dct:title",
        "dct:description",
        "owl:sameAs",
        "prov:wasDerivedFrom",
        "ti:currency",
        "schema:sameAs",
        "igeo:nom",
        "igeo:subdivisionDe",
        "geo:hasGeometry",
        "geo:hasDefaultGeometry",
        "ti:representativePoint",
        "ti:locator",
        "ti:communeCount",
        "ti:population",
        "ti:includes",
        "ti:overlaps",
        "ti:coversCommune",
        "ti:coversDepartment",
        "ti:coversRegion",
    )
)
"""Properties that a page shows in other places, or that say nothing to people."""

_DERIVED: Final = f"{BASE}graph/derived"


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

    @property
    def text(self) -> str:
        """The name of the value, else what it is."""
        return self.label or str(getattr(self.value, "value", self.value))


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
        return "" if fact is None else fact.text

    def texts(self, name: str) -> list[str]:
        """Return the values of a property as text, without repetition."""
        found = self.get(name)
        return list(dict.fromkeys(fact.text for fact in found.facts)) if found else []

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number under which a page names each graph."""
        return {origin.graph: number for number, origin in enumerate(self.origins, 1)}

    @property
    def telling(self) -> tuple[Property, ...]:
        """The properties that tell a person what this is."""
        ours = expand("ti:")
        return tuple(
            one
            for one in self.properties
            if one.iri not in _PLUMBING
            and not one.is_cut
            # What is computed in the words of other vocabularies repeats what ours say.
            and (one.iri.startswith(ours) or any(set(fact.graphs) != {_DERIVED} for fact in one.facts))
        )

    @property
    def named_links(self) -> tuple[Links, ...]:
        """The links in that have a name for people."""
        return tuple(one for one in self.links if not one.label.startswith("←"))

    @property
    def elsewhere(self) -> tuple[Fact, ...]:
        """What other datasets call it."""
        found = (self.get(name) for name in ("owl:sameAs", "schema:sameAs"))
        return tuple(fact for one in found if one for fact in one.facts)

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
        """Names other than the one at the head of the page, without its translations."""
        found: dict[str, Fact] = {}
        for name in ("rdfs:label", "skos:altLabel", "foaf:name", "igeo:nom"):
            one = self.get(name)
            literals = [(fact, fact.value) for fact in one.facts if isinstance(fact.value, ox.Literal)] if one else []
            spoken = {value.language for _, value in literals if value.value == self.label}
            for fact, value in literals:
                if value.value != self.label and (not spoken or value.language in spoken):
                    found.setdefault(value.value, fact)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the things at the other end of a property."""

    iri: str
    label: str
    items: tuple[Named | Fact, ...]
    count: int
    page: int
    pages: int
