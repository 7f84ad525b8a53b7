"""What a change did, by graph and entity, for people to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import pyoxigraph as ox

from territoires.comparing import Entity, entities
from territoires.edits import Edit
from territoires.namespaces import expand

_TYPE: Final = ox.NamedNode(expand("rdf:type"))


def by_graph(edit: Edit) -> dict[str, list[Entity]]:
    """Return what differs about each entity, by the IRI of the named graph that says so; graphs and entities sorted.

    An edit does not tell what it left: an entity counts as added or removed where its class comes or goes.
    """
    found: dict[str, list[Entity]] = {}
    for name in sorted(edit.graphs):
        part = edit.within(name)
        differing = entities({quad.triple for quad in part.removed}, {quad.triple for quad in part.added})
        found[name] = [replace(entity, kind=_kind(entity)) for entity in differing]
    return found


def _kind(entity: Entity) -> Literal["added", "removed", "changed"]:
    typed = [fact for fact in entity.facts if fact.predicate == _TYPE]
    if typed and all(fact.before is None for fact in entity.facts):
        return "added"
    if typed and all(fact.after is None for fact in entity.facts):
        return "removed"
    return "changed"
